-- The text of the book: every paragraph in reading order, with its text segment.
--
-- $title: name of the title
--
-- chapter_no    number of the chapter
-- segment_no    number of the text segment inside its chapter
-- paragraph_no  number of the paragraph inside its chapter
-- text          plain text, with line breaks only between lines of verse
-- markup        the same text as XHTML, with emphasis
SELECT
    paragraph.chapter_no,
    segment.segment_no,
    paragraph.paragraph_no,
    paragraph.text,
    paragraph.markup
FROM title
JOIN paragraph USING (book_id)
JOIN segment
    ON segment.book_id = paragraph.book_id
    AND segment.chapter_no = paragraph.chapter_no
    AND paragraph.paragraph_no BETWEEN segment.first_paragraph_no AND segment.last_paragraph_no
WHERE title.name = $title
ORDER BY paragraph.chapter_no, paragraph.paragraph_no
