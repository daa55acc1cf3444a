-- Audit, partition: the segments of a chapter follow each other without gap or overlap, from its first paragraph to its
-- last. Rows are the segments that do not, and chapters without segments.
WITH neighbour AS (
    SELECT chapter_no, segment_no, first_paragraph_no, last_paragraph_no,
        lag(last_paragraph_no, 1, 0) OVER w AS before_no,
        row_number() OVER w = count(*) OVER (PARTITION BY chapter_no) AS is_last
    FROM segment
    WHERE book_id = $book_id
    WINDOW w AS (PARTITION BY chapter_no ORDER BY segment_no)
)
SELECT chapter_no, segment_no
FROM chapter
LEFT JOIN neighbour USING (chapter_no)
WHERE book_id = $book_id AND (
    segment_no IS NULL
    OR first_paragraph_no <> before_no + 1
    OR last_paragraph_no < first_paragraph_no
    OR is_last AND last_paragraph_no <> (
        SELECT max(paragraph_no) FROM paragraph AS p WHERE p.book_id = $book_id AND p.chapter_no = chapter.chapter_no))
