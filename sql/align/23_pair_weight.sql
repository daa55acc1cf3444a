-- pair_weight: how much it says that both have a word where both have the word before it: -log of its share
-- after that word, in nats. "How do you do" is found everywhere: once it has begun, its end says nothing.
-- The pair's own place in the book and in the film is left out of the count; a pair that is found nowhere
-- else falls back on the word's own share, as if that had been seen ten times.
WITH pair AS (
    SELECT lag(word) OVER w AS before, word, position - lag(position) OVER w = 1 AS adjacent
    FROM (SELECT 1 AS side, position, word FROM book_word UNION ALL SELECT 2, position, word FROM cue_word)
    WINDOW w AS (PARTITION BY side ORDER BY position)
)
SELECT before, pair.word,
    -ln((greatest(count(*) - 2, 0) + 10 * exp(-any_value(w.idf))) / (any_value(b.n) + 10)) AS nats
FROM pair
JOIN word_weight AS w ON w.word = pair.word
JOIN word_weight AS b ON b.word = pair.before
WHERE adjacent
GROUP BY before, pair.word
