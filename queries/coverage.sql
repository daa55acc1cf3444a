-- Number of text segments by chapter and by source of their music: the film, or emotion alone (the paper's Figure 5).
--
-- $title: name of the title
--
-- chapter_no        number of the chapter
-- chapter_title     title of the chapter
-- n_segments        text segments of the chapter
-- n_film            of them with music that the film plays at a matching moment
-- n_emotion         of them with music chosen by emotion
-- n_dialogue_match  of them that match the film by a spoken line
-- n_image_match     of them that match the film by an image
-- n_between_match   of them whose time in the film lies between spoken lines
SELECT
    chapter_no,
    chapter.title AS chapter_title,
    count(*)                                                AS n_segments,
    count(*) FILTER (soundtrack.method = 'film')            AS n_film,
    count(*) FILTER (soundtrack.method = 'emotion')         AS n_emotion,
    count(*) FILTER (list_contains(matched.by, 'dialogue')) AS n_dialogue_match,
    count(*) FILTER (list_contains(matched.by, 'image'))    AS n_image_match,
    count(*) FILTER (list_contains(matched.by, 'between'))  AS n_between_match
FROM title
JOIN segment USING (book_id)
JOIN chapter USING (book_id, chapter_no)
LEFT JOIN soundtrack USING (title_id, chapter_no, segment_no)
LEFT JOIN (
    SELECT title_id, chapter_no, segment_no, list(DISTINCT method) AS by
    FROM moment
    GROUP BY ALL
) AS matched USING (title_id, chapter_no, segment_no)
WHERE title.name = $title
GROUP BY chapter_no, chapter.title
ORDER BY chapter_no
