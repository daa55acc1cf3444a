-- person_name: the words that people are called by, in small letters, without accents.
SELECT DISTINCT person_no, strip_accents(lower(unnest(regexp_extract_all(form, '\p{Lu}\p{L}+')))) AS name
FROM (SELECT person_no, unnest(names) AS form FROM person WHERE book_id = $book_id)
