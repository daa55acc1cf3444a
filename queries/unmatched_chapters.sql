-- Chapters that no scene of the film is aligned with, or only with too little confidence for the weave.
--
-- $title: name of the title
--
-- chapter_no     number of the chapter
-- chapter_title  title of the chapter
-- n_words        number of words
-- n_segments     number of text segments
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
