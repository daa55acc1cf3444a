-- ngram: the inverted index by which lines are found: three words running, and two content words running
-- (small changes in between do not matter). `positions` are those of its words.
WITH word AS (
    SELECT 'book' AS side, position, word FROM quote_word
    UNION ALL
    SELECT 'film', position, word FROM cue_word
),
three AS (
    SELECT side, word AS w1, lead(word, 1) OVER w AS w2, lead(word, 2) OVER w AS w3,
        position AS p1, lead(position, 1) OVER w AS p2, lead(position, 2) OVER w AS p3
    FROM word
    WINDOW w AS (PARTITION BY side ORDER BY position)
),
two AS (
    SELECT side, word AS w1, lead(word) OVER w AS w2, position AS p1, lead(position) OVER w AS p2
    FROM word JOIN word_weight USING (word)
    WHERE is_content
    WINDOW w AS (PARTITION BY side ORDER BY position)
)
SELECT side, w1 || ' ' || w2 || ' ' || w3 AS key, [p1, p2, p3] AS positions FROM three WHERE p3 - p1 = 2
UNION ALL
SELECT side, w1 || ' ' || w2, [p1, p2] FROM two WHERE p2 - p1 <= 6
