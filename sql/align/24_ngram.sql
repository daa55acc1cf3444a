-- ngram: inverted index of n-grams, by which passages that may correspond are looked up: trigrams, and pairs of
-- content words that stand close together ("skip-grams"), which survive small changes of the wording.
--   side      book or film
--   key       the words of the n-gram
--   position  of its first word
--
-- Constants: max_distance = 8 words from the first to the second word of a pair; each content word is paired with its
-- next 1, 2 and 3 content words. Not tuned.
WITH constant AS (SELECT 8 AS max_distance),
following AS (SELECT * FROM (VALUES (1), (2), (3)) AS f(n)),
word AS (
    SELECT 'book' AS side, position, word FROM book_word
    UNION ALL
    SELECT 'film', position, word FROM cue_word
),
trigram AS (
    SELECT side, position, word || ' ' || lead(word, 1) OVER w || ' ' || lead(word, 2) OVER w AS key,
        lead(position, 2) OVER w - position AS distance
    FROM word
    WINDOW w AS (PARTITION BY side ORDER BY position)
),
content_pair AS (
    SELECT side, position, word, lead(position, n) OVER w - position AS distance, lead(word, n) OVER w AS later
    FROM (SELECT word.*, following.n FROM word JOIN unigram USING (word), following WHERE is_content)
    WINDOW w AS (PARTITION BY side, n ORDER BY position)
)
SELECT side, key, position FROM trigram WHERE distance = 2
UNION ALL
SELECT side, word || ' … ' || later, position FROM content_pair, constant WHERE distance <= max_distance
