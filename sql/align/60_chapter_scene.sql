-- chapter_scene: the shortest path, walked back from its cheapest end; scenes of the film's own invention are on no row.
-- key: title_id, film_id
--   score       evidence that the scene tells the chapter, in nats
--   confidence  the cell's probability, given all evidence
--   accepted    that is at least $sure: the weave goes by it
WITH RECURSIVE path AS (
    (SELECT * FROM path_step
     WHERE scene_no = (SELECT max(scene_no) FROM path_step)
     ORDER BY came, chapter_no
     LIMIT 1)
    UNION ALL
    SELECT s.*
    FROM path
    JOIN path_step AS s ON s.scene_no = path.scene_no - 1 AND s.chapter_no = path.came.back
)
SELECT $title_id AS title_id, $film_id AS film_id, chapter_no, scene_no,
    dialogue + characters + words + image AS score, p AS confidence, p >= $sure AS accepted
FROM path
JOIN chapter_scene_evidence USING (chapter_no, scene_no)
JOIN posterior USING (chapter_no, scene_no)
WHERE path.came.in_book AND in_book AND title_id = $title_id AND film_id = $film_id
ORDER BY ALL
