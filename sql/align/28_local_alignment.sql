-- local_alignment: local alignment (Smith and Waterman 1981): of each extended seed, the run of the film's words with
-- the greatest total score. It is found as a maximum subarray (Kadane) of the words' scores.
--   film_from, film_to  positions of its first and its last word in the film
--   n_words             matched words
--   is_quote            at least half of them stand in direct speech in the book; else the book narrates them
--   score_nats          sum of the words' scores
--   beyond_nats         score less the log of the search space, i.e. of the chapter's words times the scene's words
--                       (Karlin and Altschul 1990): how far it exceeds the best that chance is expected to give for
--                       such a pair. It takes words to be independent, so it is calibrated in score_statistics
--   over_cutoff_nats    beyond_nats less the cutoff
--
-- Where runs of the same chapter and scene overlap in the film, only the best is kept.
--
-- Constants: min_words = 3 matched words; cutoff_nats = -3, least beyond_nats kept, below 0 so that score_statistics
-- sees the scores of chance, too; quote_share = 0.5. None of them was tuned.
WITH constant AS (SELECT 3 AS min_words, -3 AS cutoff_nats, 0.5 AS quote_share),
summed AS (
    SELECT *, sum(score_nats) OVER w AS sum_to, sum(score_nats) OVER w - score_nats AS sum_before
    FROM extension
    WINDOW w AS (PARTITION BY seed_no ORDER BY film_position)
),
from_here AS (
    SELECT *, min(sum_before) OVER w AS least_before, arg_min(film_position, sum_before) OVER w AS film_from
    FROM summed
    WINDOW w AS (PARTITION BY seed_no ORDER BY film_position)
),
run AS (
    SELECT seed_no, chapter_no, paragraph_no, scene_no, max(sum_to - least_before) AS score_nats,
        arg_max(film_position, sum_to - least_before) AS film_to, arg_max(film_from, sum_to - least_before) AS film_from
    FROM from_here
    GROUP BY seed_no, chapter_no, paragraph_no, scene_no
),
best AS (
    SELECT seed_no, chapter_no, paragraph_no, scene_no, score_nats, film_from, film_to
    FROM run
    WHERE NOT EXISTS (
        SELECT 1 FROM run AS o
        WHERE o.chapter_no = run.chapter_no AND o.scene_no = run.scene_no AND o.film_from <= run.film_to AND o.film_to >= run.film_from
            AND (o.score_nats, -o.seed_no) > (run.score_nats, -run.seed_no))
),
matched AS (
    SELECT seed_no, count(*) AS n_words, avg(is_quote::INTEGER) >= any_value(quote_share) AS is_quote
    FROM extension
    JOIN best USING (seed_no)
    JOIN book_word ON book_word.position = book_position
    CROSS JOIN constant
    WHERE film_position BETWEEN film_from AND film_to
    GROUP BY seed_no
)
SELECT best.*, n_words, is_quote, score_nats - ln(in_chapter.n) - ln(in_scene.n) AS beyond_nats,
    beyond_nats - cutoff_nats AS over_cutoff_nats
FROM best
JOIN matched USING (seed_no)
JOIN (SELECT chapter_no, count(*) AS n FROM book_word GROUP BY chapter_no) AS in_chapter USING (chapter_no)
JOIN (SELECT scene_no, count(*) AS n FROM cue_word GROUP BY scene_no) AS in_scene USING (scene_no)
CROSS JOIN constant
WHERE n_words >= min_words AND beyond_nats > cutoff_nats
