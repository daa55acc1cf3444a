-- The tracks of the album and how much of the book each accompanies, most used first.
--
-- $title: name of the title
--
-- track_no               number of the track
-- track_title            title of the track
-- n_music_segments       number of its music segments
-- n_music_segments_used  number of them that are in the soundtrack
-- n_segments             number of text segments it accompanies
-- reading_min            reading time it accompanies in minutes, at 250 words a minute
SELECT
    track_no,
    track.title                                          AS track_title,
    count(DISTINCT music_segment_no)                     AS n_music_segments,
    count(DISTINCT music_segment_no) FILTER (segment_no IS NOT NULL) AS n_music_segments_used,
    count(segment_no)                                    AS n_segments,
    round(coalesce(sum(segment.n_words), 0) / 250.0, 1)  AS reading_min
FROM title
JOIN track USING (album_id)
LEFT JOIN music_segment USING (album_id, track_no)
LEFT JOIN soundtrack USING (title_id, track_no, music_segment_no)
LEFT JOIN segment USING (book_id, chapter_no, segment_no)
WHERE title.name = $title
GROUP BY track_no, track.title
ORDER BY n_segments DESC, track_no
