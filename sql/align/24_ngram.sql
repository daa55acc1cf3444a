-- ngram: the inverted index by which lines are found: three words running, and two content words within eight
-- words, whatever stands between (small changes do not matter).
--   side      book or film
--   key       its words
--   position  of the first of them
WITH word AS (
    SELECT 'book' AS side, position, word FROM book_word
    UNION ALL
    SELECT 'film', position, word FROM cue_word
),
three AS (
    SELECT side, position, word || ' ' || lead(word, 1) OVER w || ' ' || lead(word, 2) OVER w AS key,
        lead(position, 2) OVER w - position AS reach
    FROM word
    WINDOW w AS (PARTITION BY side ORDER BY position)
),
content AS (
    SELECT side, position, word, lead(position, n) OVER w - position AS reach, lead(word, n) OVER w AS later
    FROM (SELECT word.*, t.n FROM word JOIN word_weight USING (word), (VALUES (1), (2), (3)) AS t(n) WHERE is_content)
    WINDOW w AS (PARTITION BY side, n ORDER BY position)
)
SELECT side, key, position FROM three WHERE reach = 2
UNION ALL
SELECT side, word || ' … ' || later, position FROM content WHERE reach <= 8
