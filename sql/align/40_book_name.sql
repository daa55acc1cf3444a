-- book_name: words that the book writes with a capital inside sentences and hardly ever without: names of
-- people and places, and titles such as Miss, which the counts show to say little.
WITH word AS (
    SELECT unnest(words) AS word, generate_subscripts(words, 1) AS nth
    FROM (SELECT regexp_extract_all(text, '[\p{L}]+') AS words FROM sentence WHERE book_id = $book_id)
)
SELECT strip_accents(lower(word)) AS name
FROM word
WHERE length(word) > 1
GROUP BY name
HAVING count(*) FILTER (nth > 1 AND regexp_full_match(word, '\p{Lu}\p{Ll}+')) >= 3
    AND count(*) FILTER (regexp_full_match(word, '\p{Ll}+')) <= 0.1 * count(*)
