-- chapter_scene: Viterbi algorithm (Viterbi 1967), traceback: the cheapest path through all scenes, followed back from its
-- end. Scenes that are not in the book have no row.
-- key: title_id, film_id
--   score       evidence that the scene tells the chapter, in nats, without the prior on its place
--   confidence  posterior probability of the state
--   accepted    confidence is at least $sure, so that the weave uses it
WITH RECURSIVE path AS (
    (SELECT * FROM viterbi
     WHERE scene_no = (SELECT max(scene_no) FROM viterbi)
     ORDER BY survivor, chapter_no
     LIMIT 1)
    UNION ALL
    SELECT v.*
    FROM path
    JOIN viterbi AS v ON v.scene_no = path.scene_no - 1 AND v.chapter_no = path.survivor.previous_chapter_no
)
SELECT $title_id AS title_id, $film_id AS film_id, chapter_no, scene_no,
    dialogue + characters + words + image AS score, p AS confidence, p >= $sure AS accepted
FROM path
JOIN chapter_scene_evidence USING (chapter_no, scene_no)
JOIN posterior USING (chapter_no, scene_no)
WHERE path.survivor.in_book AND in_book AND title_id = $title_id AND film_id = $film_id
ORDER BY ALL
