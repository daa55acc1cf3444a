-- expected_rate: what a film is expected to be like before it is read: the prior of the parameters that are learnt from the film
-- afterwards (57_rate). One row.
--   invented_share  share of the scenes that are not in the book
--   borrowed_share  share of the others that speak lines of another chapter
--   back_share      share of them that go anywhere in the book, mostly back
--   dispersion      r of a negative binomial distribution of the number of lines that a scene speaks of its chapter: the
--                   smaller, the more bursty; a Poisson distribution is the limit of large r
--
-- Constants: borrowed_share = 0.01; dispersion = 5, close to Poisson. Chosen on made films, seeds 0 to 6.
WITH constant AS (SELECT 0.01 AS borrowed_share, 5::DOUBLE AS dispersion)
SELECT $invented_share AS invented_share, borrowed_share, exp(-$back_nats) AS back_share, dispersion
FROM constant
