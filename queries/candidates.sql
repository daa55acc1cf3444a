-- The music that each text segment might have had, the choice first, each judged beside the music around it.
--
-- $title: name of the title
--
-- chapter_no        number of the chapter
-- segment_no        number of the text segment inside its chapter
-- rank              1 is the choice, then by score
-- track_no          number of the track
-- track_title       title of the track
-- music_segment_no  number of the music segment inside its track
-- start_s           where it begins in its track
-- end_s             where it ends
-- method            film, emotion or reader
-- score             sum of the next five, in the weave's units
-- film              for being heard in the film at the segment's moments
-- emotion           for the closeness of its mode to the text's emotion
-- calm              against stirring pieces, and short ones
-- variety           against pieces and tracks that are heard too often
-- continuity        for running on inside one scene of the film
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
