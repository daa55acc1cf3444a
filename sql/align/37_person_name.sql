-- person_name: dictionary of names (gazetteer): the words by which the book calls each person, in lower case, without
-- accents.
SELECT DISTINCT person_no, strip_accents(lower(unnest(regexp_extract_all(form, '\p{Lu}\p{L}+')))) AS name
FROM (SELECT person_no, unnest(names) AS form FROM person WHERE book_id = $book_id)
