-- Timetable: which music plays when, for a reader of 250 words a minute.
--
-- $title: name of the title
--
-- from_min          start, in minutes from the start of the book
-- to_min            end, in minutes from the start of the book
-- chapter_no        number of the chapter
-- segment_no        number of the text segment inside its chapter
-- track_no          number of the track
-- track_title       title of the track
-- music_segment_no  number of the music segment inside its track
-- start_s           start of the music segment in its track, in seconds
-- end_s             its end, in seconds
-- rounds            number of times the music segment plays in that time
SELECT
    round((sum(segment.n_words) OVER reading - segment.n_words) / 250.0, 2) AS from_min,
    round(sum(segment.n_words) OVER reading / 250.0, 2)                     AS to_min,
    chapter_no,
    segment_no,
    track_no,
    track.title       AS track_title,
    music_segment_no,
    round(start_s, 3) AS start_s,
    round(end_s, 3)   AS end_s,
    round(segment.n_words / 250.0 * 60 / (end_s - start_s), 1) AS rounds
FROM title
JOIN segment USING (book_id)
LEFT JOIN soundtrack USING (title_id, chapter_no, segment_no)
LEFT JOIN track USING (album_id, track_no)
LEFT JOIN music_segment USING (album_id, track_no, music_segment_no)
WHERE title.name = $title
WINDOW reading AS (ORDER BY chapter_no, segment_no)
ORDER BY chapter_no, segment_no
