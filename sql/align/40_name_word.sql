-- name_word: words by which book and film name people and places.
--   word  in small letters, without accents
--   name  whom or what it names: the person where one alone goes by it, else the word itself
--
-- Names of persons come from the table person; others are words that the book writes with a capital inside
-- sentences and hardly ever without, such as places. A name that the film alone uses is a short form of the
-- book's one name that begins like it.
WITH written AS (
    SELECT unnest(words) AS word, generate_subscripts(words, 1) AS nth
    FROM (SELECT regexp_extract_all(text, '\p{L}+') AS words FROM sentence WHERE book_id = $book_id)
),
capital AS (
    SELECT strip_accents(lower(word)) AS word
    FROM written
    WHERE length(word) > 1
    GROUP BY 1
    HAVING count(*) FILTER (nth > 1 AND regexp_full_match(word, '\p{Lu}\p{Ll}+')) >= 3
        AND count(*) FILTER (regexp_full_match(word, '\p{Ll}+')) <= 0.1 * count(*)
),
borne AS (
    SELECT DISTINCT person_no, n_mentions, unnest(regexp_extract_all(strip_accents(lower(form)), '\p{L}+')) AS word
    FROM (SELECT person_no, n_mentions, unnest(names) AS form FROM person WHERE book_id = $book_id)
),
person_word AS (
    SELECT word, arg_max(person_no, n_mentions) AS person_no, max(n_mentions) / sum(n_mentions) > 0.8 AS is_only_bearer
    FROM borne
    WHERE word IN (FROM capital)
    GROUP BY word
),
book_name AS (
    SELECT word, CASE WHEN is_only_bearer THEN 'person ' || person_no ELSE word END AS name
    FROM capital LEFT JOIN person_word USING (word)
),
film_word AS (
    SELECT DISTINCT strip_accents(lower(form)) AS word
    FROM (SELECT unnest(regexp_extract_all(concat_ws(' ', upper(speaker), text), '\p{Lu}\p{L}{2,}')) AS form
          FROM cue WHERE film_id = $film_id AND is_lyrics IS NOT true)
    WHERE word NOT IN (SELECT strip_accents(lower(word)) FROM written)
)
FROM book_name
UNION ALL
SELECT film_word.word, any_value(name)
FROM film_word
JOIN book_name AS b ON length(b.word) > 3 AND (starts_with(b.word, film_word.word) OR starts_with(film_word.word, b.word))
GROUP BY film_word.word
HAVING count(DISTINCT name) = 1
