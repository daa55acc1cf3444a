-- What speaks for each scene of a title's films being in each chapter, and the path through them.
SELECT
    film_no,
    film.title AS film_title,
    scene.scene_no,
    e.chapter_no,
    greatest(e.dialogue, 0) + greatest(e.characters, 0) + greatest(e.words, 0) + greatest(e.image, 0) AS nats,
    path.chapter_no IS NOT NULL AS on_path,
    path.confidence,
    path.accepted,
    coalesce(film_match.accepted, true) AS matches
FROM title
JOIN title_film USING (title_id)
JOIN film ON film.film_id = title_film.film_id
JOIN scene ON scene.film_id = film.film_id
LEFT JOIN film_match ON film_match.title_id = title.title_id AND film_match.film_id = film.film_id
LEFT JOIN chapter_scene_evidence AS e
    ON e.title_id = title.title_id AND e.film_id = film.film_id AND e.scene_no = scene.scene_no
LEFT JOIN chapter_scene AS path
    ON path.title_id = title.title_id AND path.film_id = film.film_id
    AND path.scene_no = scene.scene_no AND path.chapter_no = e.chapter_no
WHERE title.name = $title
ORDER BY film_no, scene.scene_no, e.chapter_no
