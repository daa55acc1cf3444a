-- The text segments of a book: the passages that are each given one piece of music.
--
-- $book: id of the book
--
-- chapter_no   number of the chapter
-- segment_no   number of the segment inside its chapter
-- n_words      words of the segment
-- reading_min  reading time in minutes, at 250 words a minute
-- emotion      majority emotion of its paragraphs
-- p_positive   mean probability of the positive emotions, weighted by words
-- p_negative   mean probability of the negative emotions, weighted by words
-- begins       its first words
SELECT
    segment.chapter_no,
    segment.segment_no,
    segment.n_words,
    round(segment.n_words / 250, 1) AS reading_min,
    segment.emotion,
    round(sum(p_positive * paragraph.n_words) / segment.n_words, 2) AS p_positive,
    round(sum(p_negative * paragraph.n_words) / segment.n_words, 2) AS p_negative,
    left(replace(arg_min(paragraph.text, paragraph_no), chr(10), ' '), 48) AS begins
FROM segment
JOIN paragraph
    ON paragraph.book_id = segment.book_id
    AND paragraph.chapter_no = segment.chapter_no
    AND paragraph_no BETWEEN first_paragraph_no AND last_paragraph_no
WHERE segment.book_id = $book
GROUP BY segment.chapter_no, segment.segment_no, segment.n_words, segment.emotion
ORDER BY segment.chapter_no, segment.segment_no
