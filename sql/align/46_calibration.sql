-- calibration: conditional logistic regression (McFadden 1974), one coefficient for each kind of evidence, fitted to this
-- book and film: what a nat of that evidence is really worth.
--   kind    names, speakers, words or images
--   weight  0..1.5, by which its nats are multiplied; 1 if they were exact, less where its terms depend on each other
--
-- Training data are the scenes that a spoken line places beyond doubt. The weight maximizes the likelihood of their
-- chapters among all chapters, with a normal prior around prior_weight (ridge penalty). Without such scenes it stays there.
-- Images have to earn their weight, because what a frame shows may have nothing to do with the book: their prior is around
-- 0, and they have none unless they raise the likelihood by least_gain over chance, at which all chapters are as likely.
--
-- Constants, none of them tuned:
--   max_expected   0.01 chapters expected to align with the scene as well by chance (E-value), below which a scene is
--                  training data
--   prior_weight   1/3
--   prior_strength 15 nats for a weight that is off by 1, about what ten scenes say
--   least_gain     3 nats, which images that say nothing reach in one film of 140 (likelihood-ratio test, one-sided)
--   n_steps        20 grid steps for a weight of 1
WITH constant AS (SELECT 0.01 AS max_expected, 1 / 3 AS prior_weight, 15 AS prior_strength, 3 AS least_gain, 20 AS n_steps),
placed AS (
    SELECT part_no, arg_max(chapter_no, nats) AS chapter_no
    FROM (SELECT chapter_no, part_no, max(over_cutoff_nats) AS nats FROM part_line GROUP BY chapter_no, part_no),
        score_statistics, constant
    GROUP BY part_no
    HAVING (SELECT count(*) FROM chapter WHERE book_id = $book_id)
        * any_value(p_unrelated) * exp(-any_value(decay_rate) * max(nats)) < any_value(max_expected)
),
training AS (
    SELECT kind, part_no, p.chapter_no = e.chapter_no AS is_own, nats
    FROM evidence AS e JOIN placed AS p USING (part_no)
),
grid AS (SELECT n / n_steps AS weight FROM range(31) AS r(n), constant),
likelihood AS (
    SELECT kind, weight, part_no,
        weight * (any_value(nats) FILTER (is_own) - any_value(top)) - ln(sum(exp(weight * (nats - top)))) AS nats
    FROM (SELECT *, max(nats) OVER (PARTITION BY kind, part_no) AS top FROM training), grid
    GROUP BY kind, weight, part_no
)
SELECT kind, if(kind = 'images' AND max(gain) FILTER (weight = best) < any_value(least_gain), 0, any_value(best)) AS weight
FROM (
    SELECT kind, weight, gain, least_gain,
        arg_max(weight, gain - prior_strength * (weight - if(kind = 'images', 0, prior_weight)) ** 2)
            OVER (PARTITION BY kind) AS best
    FROM (
        SELECT kind, weight, coalesce(nats - first_value(nats) OVER (PARTITION BY kind ORDER BY weight), 0) AS gain
        FROM (VALUES ('names'), ('speakers'), ('words'), ('images')) AS k(kind)
        CROSS JOIN grid
        LEFT JOIN (SELECT kind, weight, sum(nats) AS nats FROM likelihood GROUP BY kind, weight) USING (kind, weight)
    ), constant
)
GROUP BY kind
