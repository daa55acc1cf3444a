-- bigram: bigram language model with a Dirichlet prior (MacKay and Peto 1995): how much information it carries that
-- both contain a word, where both also contain the word before it. "How do you do" occurs everywhere: after "how do",
-- the rest says nothing.
--   previous, word  two adjacent words
--   surprisal_nats  -log of the share of `word` among the words that follow `previous`
--
-- The pair's own occurrence in the book and in the film is left out of the counts. A pair that occurs nowhere else
-- falls back on the unigram share, which counts as prior_words observations.
--
-- Constants: prior_words = 10 observations, not tuned; own_occurrences = 2, one in the book and one in the film.
WITH constant AS (SELECT 10 AS prior_words, 2 AS own_occurrences),
pair AS (
    SELECT lag(word) OVER w AS previous, word, position - lag(position) OVER w = 1 AS adjacent
    FROM (SELECT 1 AS side, position, word FROM book_word UNION ALL SELECT 2, position, word FROM cue_word)
    WINDOW w AS (PARTITION BY side ORDER BY position)
)
SELECT previous, pair.word,
    -ln((greatest(count(*) - any_value(own_occurrences), 0) + any_value(prior_words) * exp(-any_value(second.surprisal_nats)))
        / (any_value(first.n) + any_value(prior_words))) AS surprisal_nats
FROM pair
JOIN unigram AS second ON second.word = pair.word
JOIN unigram AS first ON first.word = pair.previous
CROSS JOIN constant
WHERE adjacent
GROUP BY previous, pair.word
