-- The music that may be given to each text segment, best first, with all that is needed to play it.
SELECT
    candidate.chapter_no,
    candidate.segment_no,
    candidate.track_no,
    track.title   AS track_title,
    track.artist  AS track_artist,
    track.album   AS track_album,
    track.path    AS track_path,
    track.file_start_s,
    candidate.music_segment_no,
    piece.start_s,
    piece.end_s,
    piece.loop_start_s,
    piece.loop_end_s,
    piece.mode,
    piece.arousal,
    piece.gain_db,
    candidate.method,
    candidate.score
FROM title
JOIN candidate ON candidate.title_id = title.title_id
JOIN track ON track.album_id = title.album_id AND track.track_no = candidate.track_no
JOIN music_segment AS piece
    ON piece.album_id = title.album_id
    AND piece.track_no = candidate.track_no
    AND piece.music_segment_no = candidate.music_segment_no
WHERE title.name = $title
ORDER BY candidate.chapter_no, candidate.segment_no, candidate.rank
