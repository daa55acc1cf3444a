-- The chapters of a book, with their lengths and the emotions of their text segments.
--
-- $book: id of the book
--
-- chapter_no      number of the chapter
-- chapter_title   title of the chapter
-- n_words         words of the chapter
-- reading_min     reading time in minutes, at 250 words a minute
-- n_paragraphs    paragraphs of the chapter
-- n_quotes        quotations (direct speech)
-- n_segments      text segments, each of which gets a piece of music
-- n_positive      segments whose emotion is positive
-- n_neutral       segments whose emotion is neutral
-- n_negative      segments whose emotion is negative
WITH in_paragraphs AS (
    SELECT chapter_no, count(*) AS n_paragraphs FROM paragraph WHERE book_id = $book GROUP BY ALL
),
in_quotes AS (
    SELECT chapter_no, count(*) AS n_quotes FROM quote WHERE book_id = $book GROUP BY ALL
),
in_segments AS (
    SELECT
        chapter_no,
        count(*)                                AS n_segments,
        count(*) FILTER (emotion = 'positive')  AS n_positive,
        count(*) FILTER (emotion = 'neutral')   AS n_neutral,
        count(*) FILTER (emotion = 'negative')  AS n_negative
    FROM segment
    WHERE book_id = $book
    GROUP BY ALL
)
SELECT
    chapter_no,
    title AS chapter_title,
    n_words,
    round(n_words / 250, 1) AS reading_min,
    n_paragraphs,
    coalesce(n_quotes, 0) AS n_quotes,
    n_segments,
    n_positive,
    n_neutral,
    n_negative
FROM chapter
LEFT JOIN in_paragraphs USING (chapter_no)
LEFT JOIN in_quotes USING (chapter_no)
LEFT JOIN in_segments USING (chapter_no)
WHERE book_id = $book
ORDER BY chapter_no
