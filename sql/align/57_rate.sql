-- rate: expectation-maximization of a hidden Markov model (Baum and others 1970), the M-step: the film's own rates, from the
-- posterior probabilities, with the rates that were expected (expected_rate) as a prior.
-- again: 3 times from 52_state
--
-- Shares are means of a Beta distribution. The dispersion maximizes, over a grid, the likelihood of how many of the parts that
-- tell a chapter speak a line of it, given how many lines each is expected to speak. A spoken line is true with the
-- probability 1 - exp(-dialogue).
--
-- Constants: prior_invented = 20 parts, prior_borrowed = 100, prior_back = 100: how many parts the expected share weighs as much
-- as; prior_dispersion = 2 nats for the square of the log of how far the dispersion is off. Chosen on made films, seeds 0 to 6.
WITH constant AS (
    SELECT 20 AS prior_invented, 100 AS prior_borrowed, 100 AS prior_back, 2 AS prior_dispersion
),
counted AS (
    SELECT count(DISTINCT part_no) AS n, sum(invented) AS invented, sum(borrows) AS borrows, sum(tells + borrows) AS in_book, sum(jumps) AS jumps
    FROM posterior
),
spoken AS (
    SELECT n_lines, sum(tells * exp(-dialogue)) AS without, sum(tells * (1 - exp(-dialogue))) AS with_line
    FROM posterior
    JOIN chapter_scene_evidence USING (part_no, chapter_no)
    JOIN expected_lines USING (part_no)
    WHERE title_id = $title_id AND film_id = $film_id
    GROUP BY part_no, n_lines
),
fit AS (
    SELECT r, sum(without * ln(p_silent) + with_line * ln(1 - p_silent)) AS nats
    FROM (SELECT *, (1 + n_lines / r) ** -r AS p_silent
          FROM spoken, (SELECT exp(n / 4) AS r FROM range(-8, 13) AS g(n)))
    GROUP BY r
)
SELECT (invented + prior_invented * expected.invented_share) / (n + prior_invented) AS invented_share,
    (borrows + prior_borrowed * expected.borrowed_share) / (in_book + prior_borrowed) AS borrowed_share,
    (jumps + prior_back * expected.back_share) / (in_book + prior_back) AS back_share,
    coalesce((SELECT arg_max(r, nats - prior_dispersion * ln(r / dispersion) ** 2) FROM fit, constant, expected_rate),
        expected.dispersion) AS dispersion
FROM counted, constant, expected_rate AS expected
