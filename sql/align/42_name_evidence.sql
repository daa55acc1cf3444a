-- name_evidence: query likelihood of a smoothed unigram language model (Jelinek-Mercer smoothing; Zhai and Lafferty
-- 2004), with names as words: log-likelihood ratio of a scene's names given a chapter, against the whole book, in nats.
--   kind  names or speakers, as in scene_name
--
-- A scene tells one passage of the chapter, each passage being equally likely: the likelihoods of the passages are
-- averaged. A passage that mentions nobody gives no evidence.
--
-- Constants, none of them tuned:
--   p_passage, p_book  0.8, 0.2: probabilities that a name of the scene is drawn from the passage's mentions, or from those
--                      of the whole book
--   max_count          3: a name counts no more often in a scene, since one conversation repeats it
WITH constant AS (SELECT 0.8 AS p_passage, 0.2 AS p_book, 3 AS max_count),
spoken AS (SELECT kind, part_no, name, least(n, max_count) AS n FROM scene_name, constant),
about AS (
    SELECT chapter_no, passage_no, n_all
    FROM passage
    LEFT JOIN passage_name USING (passage_no)
    GROUP BY chapter_no, passage_no, n_all
),
in_book AS (SELECT name, sum(n) / (SELECT sum(n_all) FROM about) AS share FROM passage_name GROUP BY name),
-- The likelihood ratio of a passage that has none of the scene's names, as most passages have.
without AS (
    SELECT kind, part_no, sum(n) * ln(any_value(p_book)) AS nats
    FROM spoken SEMI JOIN in_book USING (name), constant
    GROUP BY kind, part_no
),
-- What the names that the passage does have add to it.
added AS (
    SELECT kind, passage_no, part_no, sum(spoken.n * ln(1 + p_passage / p_book * p.n / n_all / share)) AS nats
    FROM spoken
    JOIN in_book USING (name)
    JOIN passage_name AS p USING (name)
    CROSS JOIN constant
    GROUP BY kind, passage_no, part_no
),
by_passage AS (
    SELECT kind, chapter_no, part_no,
        CASE WHEN n_all IS NULL THEN 0 ELSE without.nats + coalesce(added.nats, 0) END AS nats
    FROM without
    CROSS JOIN about
    LEFT JOIN added USING (kind, passage_no, part_no)
)
SELECT kind, chapter_no, part_no, round(any_value(most) + ln(avg(exp(nats - most))), 6) AS nats
FROM (SELECT *, max(nats) OVER (PARTITION BY kind, chapter_no, part_no) AS most FROM by_passage)
GROUP BY kind, chapter_no, part_no
