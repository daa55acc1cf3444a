-- score_statistics: extreme-value statistics of local alignment scores (Karlin and Altschul 1990), estimated from this
-- book and film. Scores of chance alignments decay exponentially above the cutoff; the alignments of a scene with
-- chapters other than its best one serve as the sample of chance. One row.
--   decay_rate        lambda of Karlin and Altschul, per nat: the number of chance alignments falls by exp(-decay_rate)
--                     for each nat over the cutoff. 1 if the words' scores were exact; less where words depend
--   p_unrelated       probability that a chapter and a scene that do not correspond have an alignment over the cutoff
--   p_related         probability that a scene and its own chapter have one too good for chance
--   mean_scene_words  mean number of words of a scene
--
-- Constants, none of them tuned:
--   prior_matches, prior_nats         20 alignments with 40 nats over the cutoff in all: decay rate 1/2 in advance
--   prior_alignments, prior_pairs     1 alignment in 30 pairs: p_unrelated in advance
--   max_expected                      0.05 alignments expected by chance (E-value) below which one is too good for it
--   min_related, max_related          0.05 and 0.95: bounds of p_related
WITH constant AS (
    SELECT 20 AS prior_matches, 40 AS prior_nats, 1 AS prior_alignments, 30 AS prior_pairs, 0.05 AS max_expected,
        0.05 AS min_related, 0.95 AS max_related
),
pair AS (
    SELECT chapter_no, scene_no, max(over_cutoff_nats) AS nats FROM local_alignment GROUP BY chapter_no, scene_no
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY scene_no ORDER BY nats DESC) AS rank FROM pair
),
size AS (
    SELECT (SELECT count(*) FROM chapter WHERE book_id = $book_id) AS n_chapters, count(*) AS n_scenes,
        avg(n) AS mean_scene_words
    FROM (SELECT count(*) AS n FROM cue_word GROUP BY scene_no)
),
chance AS (
    SELECT (count(nats) + any_value(prior_matches)) / (coalesce(sum(nats), 0) + any_value(prior_nats)) AS decay_rate,
        (count(nats) + any_value(prior_alignments))
            / (any_value(n_chapters) * greatest(1, any_value(n_scenes)) + any_value(prior_pairs)) AS p_unrelated
    FROM size
    CROSS JOIN constant
    LEFT JOIN ranked ON rank > 1
)
SELECT decay_rate, p_unrelated, mean_scene_words,
    -- Scenes whose best alignment is too good for chance, as a share of the scenes that are expected to be in the book.
    greatest(min_related, least(max_related, (
        SELECT count(*) FROM ranked WHERE rank = 1 AND n_chapters * p_unrelated * exp(-decay_rate * nats) < max_expected
    ) / ((1 - $invented_share) * greatest(1, n_scenes)))) AS p_related
FROM chance, size, constant
