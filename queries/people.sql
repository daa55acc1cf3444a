-- The persons of a book, most mentioned first.
--
-- $book: id of the book
--
-- person_no      number of the person, 1 for the most mentioned
-- name           fullest form of the name in the book
-- names          every form of the name, most frequent first
-- gender         female or male; NULL where unknown
-- n_mentions     number of mentions by name
-- n_chapters     number of chapters with a mention
-- first_chapter  number of the first of these chapters
-- n_quotes       number of quotations attributed to the person
SELECT
    person_no,
    name,
    array_to_string(names, ', ') AS names,
    gender,
    n_mentions,
    n_chapters,
    first_chapter,
    coalesce(n_quotes, 0) AS n_quotes
FROM person
JOIN (
    SELECT person_no, count(DISTINCT chapter_no) AS n_chapters, min(chapter_no) AS first_chapter
    FROM mention
    WHERE book_id = $book
    GROUP BY person_no
) USING (person_no)
LEFT JOIN (
    SELECT person_no, count(*) AS n_quotes
    FROM quote
    WHERE book_id = $book
    GROUP BY person_no
) USING (person_no)
WHERE book_id = $book
ORDER BY person_no
