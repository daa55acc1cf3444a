-- The people of a book, the most mentioned first.
--
-- $book: id of the book
--
-- person_no      number of the person, by falling mentions
-- name           the fullest form the book uses
-- names          every form, the most frequent first
-- gender         female, male or NULL where the book does not tell
-- n_mentions     places where the book names the person
-- n_chapters     chapters in which it does
-- first_chapter  the first of them
-- n_quotes       quotes the person is told to speak
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
