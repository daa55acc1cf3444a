-- What speaks for each scene of a title's films being in each chapter, and the path through them. A scene that has parts is shown
-- whole: the sum of its parts' evidence, and for each chapter the part with the greatest confidence.
WITH e AS (
    SELECT title_id, film_id, scene_no, chapter_no,
        sum(greatest(dialogue, 0) + greatest(characters, 0) + greatest(words, 0) + greatest(image, 0)) AS nats
    FROM chapter_scene_evidence
    GROUP BY ALL
),
path AS (
    SELECT title_id, film_id, scene_no, chapter_no, max(confidence) AS confidence, bool_or(accepted) AS accepted
    FROM chapter_scene
    GROUP BY ALL
)
SELECT
    film_no,
    film.title AS film_title,
    scene.scene_no,
    e.chapter_no,
    e.nats,
    path.chapter_no IS NOT NULL AS on_path,
    path.confidence,
    path.accepted,
    coalesce(film_match.accepted, true) AS matches
FROM title
JOIN title_film USING (title_id)
JOIN film ON film.film_id = title_film.film_id
JOIN scene ON scene.film_id = film.film_id
LEFT JOIN film_match ON film_match.title_id = title.title_id AND film_match.film_id = film.film_id
LEFT JOIN e
    ON e.title_id = title.title_id AND e.film_id = film.film_id AND e.scene_no = scene.scene_no
LEFT JOIN path
    ON path.title_id = title.title_id AND path.film_id = film.film_id
    AND path.scene_no = scene.scene_no AND path.chapter_no = e.chapter_no
WHERE title.name = $title
ORDER BY film_no, scene.scene_no, e.chapter_no
