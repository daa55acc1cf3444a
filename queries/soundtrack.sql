-- The soundtrack: every text segment in reading order, with its music and the evidence for it.
-- A segment without music has NULL from track_no on.
--
-- $title: name of the title
--
-- chapter_no          number of the chapter
-- chapter_title       title of the chapter
-- segment_no          number of the text segment inside its chapter
-- first_paragraph_no  first paragraph of the text segment
-- last_paragraph_no   last paragraph of the text segment
-- n_words             words of the text segment
-- emotion             positive, neutral or negative
-- track_no            number of the track
-- track_title         title of the track
-- track_artist        NULL where unknown
-- track_album         title of its album by its own tags; NULL where they have none
-- track_path          path of the track's file
-- file_start_s        place in that file where the track begins, in seconds: above 0 where a cue sheet divides it
-- music_segment_no    number of the music segment inside its track
-- start_s             start of the music segment in its track, in seconds
-- end_s               its end, in seconds
-- loop_start_s        loop start in the track, in seconds; NULL where the segment's ends are cross-faded instead
-- loop_end_s          loop end in the track, in seconds; NULL likewise
-- mode                major or minor
-- arousal             0 calmest .. 1 most stirring of the album
-- gain_db             gain to the reading level, in dB
-- method              film, emotion or reader (chosen by the reader)
-- score               0..1
-- evidence            JSON with the evidence for the choice
SELECT
    segment.chapter_no,
    chapter.title AS chapter_title,
    segment.segment_no,
    segment.first_paragraph_no,
    segment.last_paragraph_no,
    segment.n_words,
    segment.emotion,
    soundtrack.track_no,
    track.title   AS track_title,
    track.artist  AS track_artist,
    track.album   AS track_album,
    track.path    AS track_path,
    track.file_start_s,
    music_segment.music_segment_no,
    music_segment.start_s,
    music_segment.end_s,
    music_segment.loop_start_s,
    music_segment.loop_end_s,
    music_segment.mode,
    music_segment.arousal,
    music_segment.gain_db,
    soundtrack.method,
    soundtrack.score,
    soundtrack.evidence
FROM title
JOIN segment USING (book_id)
JOIN chapter USING (book_id, chapter_no)
LEFT JOIN soundtrack USING (title_id, chapter_no, segment_no)
LEFT JOIN track USING (album_id, track_no)
LEFT JOIN music_segment USING (album_id, track_no, music_segment_no)
WHERE title.name = $title
ORDER BY segment.chapter_no, segment.segment_no
