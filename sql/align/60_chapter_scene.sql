-- chapter_scene: the path itself, walked back from its cheapest end; scenes of the film's own invention
-- key: title_id, film_id
-- are on no row. score: 0 where only the neighbours speak for it .. 1 where the evidence is overwhelming.
WITH RECURSIVE
path AS (
    (SELECT scene_no, chapter_no, in_book, from_chapter_no, from_in_book
     FROM path_step
     WHERE scene_no = (SELECT max(scene_no) FROM path_step)
     ORDER BY price, chapter_no, in_book DESC
     LIMIT 1)
    UNION ALL
    SELECT s.scene_no, s.chapter_no, s.in_book, s.from_chapter_no, s.from_in_book
    FROM path
    JOIN path_step AS s ON s.scene_no = path.scene_no - 1
        AND s.chapter_no = path.from_chapter_no AND s.in_book = path.from_in_book
)
SELECT $title_id AS title_id, $film_id AS film_id, chapter_no, scene_no, 1 - exp(-greatest(0, dialogue + characters) / 10) AS score
FROM path
JOIN chapter_scene_evidence AS e USING (chapter_no, scene_no)
WHERE in_book AND e.title_id = $title_id AND e.film_id = $film_id
ORDER BY ALL
