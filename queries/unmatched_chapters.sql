-- Chapters to which no scene of the film is aligned surely enough for the weave.
--
-- $title: name of the title
--
-- chapter_no     number of the chapter
-- chapter_title  title of the chapter
-- n_words        words of the chapter
-- n_segments     text segments of the chapter
SELECT
    chapter_no,
    chapter.title AS chapter_title,
    chapter.n_words,
    count(segment_no) AS n_segments
FROM title
JOIN chapter USING (book_id)
LEFT JOIN segment USING (book_id, chapter_no)
WHERE title.name = $title
    AND NOT EXISTS (
        SELECT 1 FROM chapter_scene
        WHERE chapter_scene.title_id = title.title_id AND chapter_scene.chapter_no = chapter.chapter_no AND accepted
    )
GROUP BY chapter_no, chapter.title, chapter.n_words
ORDER BY chapter_no
