-- passage: fixed-length passage segmentation, as in passage retrieval: each chapter is cut into runs of paragraphs of
-- about equal length. A film has about as many scenes as the book has passages, so that a scene can be compared with
-- what it may tell.
--   passage_no  the paragraph's passage, counted through the book
WITH size AS (
    SELECT chapter_no,
        greatest(1, round((SELECT count(*) FROM scene WHERE film_id = $film_id) * n_words / sum(n_words) OVER ())) AS n_passages
    FROM chapter
    WHERE book_id = $book_id
),
placed AS (
    SELECT chapter_no, paragraph_no, n_passages,
        (sum(n_words) OVER w - n_words / 2) / sum(n_words) OVER (PARTITION BY chapter_no) AS share
    FROM paragraph
    JOIN size USING (chapter_no)
    WHERE book_id = $book_id
    WINDOW w AS (PARTITION BY chapter_no ORDER BY paragraph_no)
)
SELECT chapter_no, paragraph_no, dense_rank() OVER (ORDER BY chapter_no, floor(share * n_passages)) AS passage_no
FROM placed
