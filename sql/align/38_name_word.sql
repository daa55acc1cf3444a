-- name_word: words by which book and film name people.
--   word  in small letters, without accents
--   stem  the same as in book_word
--   name  the book's word for it: one that the film alone uses is short for the book's one name that begins like it
WITH name AS (SELECT DISTINCT name FROM person_name),
film_word AS (
    SELECT DISTINCT strip_accents(lower(unnest(regexp_extract_all(concat_ws(' ', upper(speaker), text), '\p{Lu}\p{L}{2,}')))) AS word
    FROM spoken_cue
),
book_form AS (
    SELECT DISTINCT strip_accents(lower(unnest(regexp_extract_all(text, '\p{L}+')))) AS word FROM sentence WHERE book_id = $book_id
),
called AS (
    SELECT name AS word, name FROM name
    UNION ALL
    SELECT word, any_value(name)
    FROM film_word
    ANTI JOIN book_form USING (word)
    JOIN name ON length(name) > 3 AND (starts_with(name, word) OR starts_with(word, name))
    GROUP BY word
    HAVING count(*) = 1
)
SELECT word, stem(word) AS stem, name FROM called
