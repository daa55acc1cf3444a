-- film_match: whether book and film tell the same story. What counts is the evidence on the path of lines so
-- key: title_id, film_id
-- close that fewer than one like them is to be expected by chance in the whole book and film. Measured on
-- pairs of real novels and films: 0 to 11 nats where they have nothing to do with each other, 52 and more
-- where they do, so the film is accepted from $match_nats.
WITH chance AS (
    SELECT (SELECT ln(greatest(count(*), 1)) FROM book_word) + (SELECT ln(greatest(count(*), 1)) FROM cue_word) AS nats
),
line AS (
    SELECT least(score - nats, 15) AS nats
    FROM dialogue_match, chance
    WHERE title_id = $title_id AND film_id = $film_id AND score > nats
        AND (chapter_no, scene_no) IN (SELECT (chapter_no, scene_no) FROM chapter_scene WHERE title_id = $title_id AND film_id = $film_id)
)
SELECT $title_id AS title_id, $film_id AS film_id, n_lines, nats,
    CASE WHEN (SELECT count(*) FROM cue_word) > 0 THEN nats >= $match_nats END AS accepted
FROM (SELECT count(*) AS n_lines, coalesce(round(sum(nats), 6), 0) AS nats FROM line)
