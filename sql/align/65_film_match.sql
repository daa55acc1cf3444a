-- film_match: significance test by E-values (Karlin and Altschul 1990): whether book and film tell the same story.
-- key: title_id, film_id
--   n_lines   lines of the chapters that are told whose E-value in the whole book and film is below 1: fewer than one line
--             with such a score is expected by chance
--   nats      the sum of how far their scores exceed that threshold
--   accepted  nats is at least $match_nats; NULL where the film has no cues. Measured on real films and novels: 0 to 9 nats
--             for 17 pairs that do not belong together, 104, 162 and 917 for three that do; hence 25 (docs/alignment.md)
--
-- Constant: max_line_nats = 15 nats, the most one line counts, so that one line cannot decide. Not tuned.
WITH constant AS (SELECT 15 AS max_line_nats),
search_space AS (
    SELECT (SELECT ln(greatest(count(*), 1)) FROM book_word) + (SELECT ln(greatest(count(*), 1)) FROM cue_word) AS nats
),
line AS (
    SELECT least(score - nats, max_line_nats) AS nats
    FROM dialogue_match, search_space, constant
    WHERE title_id = $title_id AND film_id = $film_id AND score > nats
        AND (cue_no, chapter_no) IN (SELECT (cue_no, chapter_no) FROM part_cue JOIN told USING (part_no) WHERE p >= 0.5)
)
SELECT $title_id AS title_id, $film_id AS film_id, n_lines, nats,
    CASE WHEN (SELECT count(*) FROM cue_word) > 0 THEN nats >= $match_nats END AS accepted
FROM (SELECT count(*) AS n_lines, coalesce(round(sum(nats), 6), 0) AS nats FROM line)
