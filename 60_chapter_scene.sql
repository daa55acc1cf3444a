-- chapter_scene: the result of the alignment: the chapter of each part of a scene. Parts that are not in the book have no row.
-- key: title_id, film_id
--   chapter_no       where the story is
--   told_chapter_no  whose words are spoken: mostly the same chapter
--   score            evidence that the part tells the chapter, in nats, without the prior on its place
--   confidence       probability that the story is at the chapter
--   accepted         confidence is at least $sure, so that the weave uses it
--
-- Where the chapter changes from a scene to the next, it may in truth change inside one of them: what lies before the part's
-- first sure line, or after its last one, may belong to the chapter before or after. It has a row of its own there, and its
-- posterior probability is multiplied by 1 - inside, where inside is the share of changes that fall inside scenes. That is
-- estimated from those that are found, which need lines on both sides, and a prior.
--
-- Constants, not tuned: prior_inside = 1 of prior_changes = 4 changes; max_inside = 0.5.
WITH constant AS (SELECT 1 AS prior_inside, 4 AS prior_changes, 0.5 AS max_inside),
own_line AS (
    SELECT part_no, min(begin_s) AS first_s, max(s.end_s) AS last_s
    FROM path
    JOIN scene_part USING (part_no)
    JOIN sure_line AS s ON s.scene_no = scene_part.scene_no AND s.chapter_no IN (path.chapter_no, told_chapter_no)
        AND s.begin_s >= scene_part.start_s AND s.begin_s < scene_part.end_s
    GROUP BY part_no
),
placed AS (
    SELECT path.*, scene_no, start_s, end_s, first_s, last_s,
        lag(chapter_no) OVER w <> chapter_no AS is_after_change, lead(chapter_no) OVER w <> chapter_no AS is_before_change,
        lag(scene_no) OVER w = scene_no AS is_inside, lead(scene_no) OVER w = scene_no AS is_next_inside
    FROM path
    JOIN scene_part USING (part_no)
    LEFT JOIN own_line USING (part_no)
    WINDOW w AS (ORDER BY part_no)
),
change AS (
    SELECT least(max_inside, (count(*) FILTER (is_after_change AND is_inside) / greatest(1, count(first_s)) * count(*) + prior_inside)
        / (count(*) FILTER (is_after_change) + prior_changes)) AS inside
    FROM placed, constant
    GROUP BY max_inside, prior_inside, prior_changes
),
cut AS (
    SELECT placed.*,
        CASE WHEN is_after_change AND NOT is_inside
            THEN (SELECT max(start_s) FROM shot WHERE film_id = $film_id AND start_s BETWEEN placed.start_s AND first_s) END AS from_s,
        CASE WHEN is_before_change AND NOT is_next_inside
            THEN (SELECT min(start_s) FROM shot WHERE film_id = $film_id AND start_s BETWEEN last_s AND placed.end_s) END AS until_s
    FROM placed
),
piece AS (
    SELECT * REPLACE (coalesce(from_s, start_s) AS start_s, coalesce(until_s, end_s) AS end_s), 0 AS is_edge FROM cut
    UNION ALL
    SELECT * REPLACE (from_s AS end_s), 1 FROM cut WHERE from_s > start_s
    UNION ALL
    SELECT * REPLACE (until_s AS start_s), 1 FROM cut WHERE until_s < end_s
)
SELECT $title_id AS title_id, $film_id AS film_id, chapter_no, scene_no, told_chapter_no, start_s, end_s,
    dialogue + characters + words + image AS score, piece.p * (1 - is_edge * inside) AS confidence, confidence >= $sure AS accepted
FROM piece
CROSS JOIN change
JOIN chapter_scene_evidence USING (chapter_no, scene_no, part_no)
WHERE title_id = $title_id AND film_id = $film_id AND start_s < end_s
ORDER BY ALL
