-- cell: the states of each scene, and what speaks for them: it tells a chapter (in_book), or it is the film's own
-- invention while the story stands at that chapter.
--   nats   evidence, and that $invented_share of the scenes are invented
--   share  likelihood beside the scene's likeliest state: exp(nats) over the greatest of its scene
WITH state AS (
    SELECT scene_no, chapter_no, true AS in_book, dialogue + characters + words + image + place + ln(1 - $invented_share) AS nats
    FROM chapter_scene_evidence
    WHERE title_id = $title_id AND film_id = $film_id
    UNION ALL
    SELECT scene_no, chapter_no, false, ln($invented_share)
    FROM chapter_scene_evidence
    WHERE title_id = $title_id AND film_id = $film_id
)
SELECT *, exp(nats - max(nats) OVER (PARTITION BY scene_no)) AS share
FROM state
