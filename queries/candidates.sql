-- The music chosen for each text segment and its alternatives, best first, each scored beside the music chosen around it.
--
-- $title: name of the title
--
-- chapter_no        number of the chapter
-- segment_no        number of the text segment inside its chapter
-- rank              1 is the choice, then by score
-- track_no          number of the track
-- track_title       title of the track
-- music_segment_no  number of the music segment inside its track
-- start_s           start in its track, in seconds
-- end_s             end in its track, in seconds
-- method            film, emotion or reader
-- score             the sum of the next five, in units of the weave's weights
-- film              gain for being heard in the film at the segment's moments
-- emotion           gain for the closeness of its mode to the text's emotion
-- calm              loss of stirring pieces and of short ones
-- variety           loss of pieces and tracks that repeat too often
-- continuity        gain for continuing inside one scene of the film
SELECT
    chapter_no,
    segment_no,
    rank,
    track_no,
    track.title           AS track_title,
    music_segment_no,
    round(start_s, 3)     AS start_s,
    round(end_s, 3)       AS end_s,
    method,
    round(score, 3)       AS score,
    round(film, 3)        AS film,
    round(emotion, 3)     AS emotion,
    round(calm, 3)        AS calm,
    round(variety, 3)     AS variety,
    round(continuity, 3)  AS continuity
FROM title
JOIN candidate USING (title_id)
JOIN track USING (album_id, track_no)
JOIN music_segment USING (album_id, track_no, music_segment_no)
WHERE title.name = $title
ORDER BY chapter_no, segment_no, rank
