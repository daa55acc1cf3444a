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
-- Of runs of the same chapter and scene that overlap in the film, the better ones stay (non-maximum suppression, greedy): a run
-- is dropped if more than max_overlap of the shorter one overlaps with one that stays.
--
-- Constants: min_words = 3 matched words; cutoff_nats = -3, least beyond_nats kept, below 0 so that score_statistics
-- sees the scores of chance, too; quote_share = 0.5; max_overlap = 0.5. None of them was tuned.
WITH RECURSIVE constant AS (SELECT 3 AS min_words, -3 AS cutoff_nats, 0.5 AS quote_share, 0.5 AS max_overlap),
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
size AS (
    SELECT chapter_no, scene_no, ln(in_chapter.n) + ln(in_scene.n) AS search_nats
    FROM (SELECT chapter_no, count(*) AS n FROM book_word GROUP BY chapter_no) AS in_chapter
    CROSS JOIN (SELECT scene_no, count(*) AS n FROM cue_word GROUP BY scene_no) AS in_scene
),
ranked AS (
    SELECT run.*, score_nats - search_nats AS beyond_nats,
        row_number() OVER (PARTITION BY chapter_no, scene_no ORDER BY score_nats DESC, seed_no) AS rank
    FROM run
    JOIN size USING (chapter_no, scene_no)
    CROSS JOIN constant
    WHERE score_nats - search_nats > cutoff_nats
),
-- The runs of each chapter and scene from the best on; those that stay so far.
staying AS (
    SELECT chapter_no, scene_no, rank, [{seed_no: seed_no, film_from: film_from, film_to: film_to}] AS kept
    FROM ranked
    WHERE rank = 1
    UNION ALL
    SELECT chapter_no, scene_no, r.rank,
        CASE WHEN len(list_filter(kept, lambda k: least(k.film_to, r.film_to) - greatest(k.film_from, r.film_from) + 1
                > max_overlap * (1 + least(k.film_to - k.film_from, r.film_to - r.film_from)))) > 0 THEN kept
            ELSE list_append(kept, {seed_no: r.seed_no, film_from: r.film_from, film_to: r.film_to}) END
    FROM staying
    JOIN ranked AS r USING (chapter_no, scene_no)
    CROSS JOIN constant
    WHERE r.rank = staying.rank + 1
),
best AS (
    SELECT ranked.* EXCLUDE (rank)
    FROM ranked
    JOIN (SELECT unnest(arg_max(kept, rank)).seed_no AS seed_no FROM staying GROUP BY chapter_no, scene_no) USING (seed_no)
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
SELECT best.*, n_words, is_quote, beyond_nats - cutoff_nats AS over_cutoff_nats
FROM best
JOIN matched USING (seed_no)
CROSS JOIN constant
WHERE n_words >= min_words
