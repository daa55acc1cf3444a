-- film_match: whether book and film tell the same story. Lines matched by chance lie anywhere, lines of one
-- story lie on the path: the film is accepted where those on the path carry at least $match_nats.
WITH chance AS (
    SELECT (SELECT ln(greatest(count(*), 1)) FROM quote_word) + (SELECT ln(greatest(count(*), 1)) FROM cue_word) AS nats
),
line AS (
    SELECT least(score - nats, 15) AS nats
    FROM (SELECT title_id, chapter_no, scene_no, score FROM dialogue_match), chance
    WHERE title_id = $title_id
        AND (chapter_no, scene_no) IN (SELECT (chapter_no, scene_no) FROM chapter_scene WHERE title_id = $title_id)
)
SELECT $title_id AS title_id, count(*) AS n_lines, coalesce(sum(nats), 0) AS nats,
    CASE WHEN (SELECT count(*) FROM cue_word) > 0 THEN coalesce(sum(nats), 0) >= $match_nats END AS accepted
FROM line
