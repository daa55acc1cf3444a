-- name_word: entity linking by name prefix: the words by which book and film name people, and the book's name for each.
--   word  in lower case, without accents
--   stem  the same word as book_word spells it
--   name  the book's name. A capitalized word that only the film uses ("Kath") is taken for a form of the one name of the
--         book ("Katharina") of which it is the beginning, or that is its beginning; where several would do, for none
--
-- Constants: min_name_letters = 4 letters of the book's name, from which its beginning identifies it; a film's word has
-- at least 3 letters. Neither was tuned.
WITH constant AS (SELECT 4 AS min_name_letters),
name AS (SELECT DISTINCT name FROM person_name),
film_word AS (
    SELECT DISTINCT strip_accents(lower(unnest(regexp_extract_all(concat_ws(' ', upper(speaker), text), '\p{Lu}\p{L}{2,}')))) AS word
    FROM spoken_cue
),
book_form AS (
    SELECT DISTINCT strip_accents(lower(unnest(regexp_extract_all(text, '\p{L}+')))) AS word FROM sentence WHERE book_id = $book_id
),
long_name AS (SELECT name FROM name, constant WHERE length(name) >= min_name_letters),
called AS (
    SELECT name AS word, name FROM name
    UNION ALL
    SELECT word, any_value(name)
    FROM film_word
    ANTI JOIN book_form USING (word)
    JOIN long_name ON starts_with(name, word) OR starts_with(word, name)
    GROUP BY word
    HAVING count(*) = 1
)
SELECT word, stem(word) AS stem, name FROM called
