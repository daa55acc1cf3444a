-- Audit, uniqueness: every text segment has exactly one piece of music. Rows are the segments that have none or several.
SELECT s.chapter_no, s.segment_no, count(t.track_no) AS n_pieces
FROM segment AS s
LEFT JOIN soundtrack AS t ON t.title_id = $title_id AND t.chapter_no = s.chapter_no AND t.segment_no = s.segment_no
WHERE s.book_id = $book_id
GROUP BY ALL
HAVING n_pieces <> 1
