-- Each track's novelty curve and its pieces, with the number of text segments that have each.
WITH curve AS (
    SELECT track_no, list([time_s, novelty::DOUBLE] ORDER BY frame_no) AS curve
    FROM title
    JOIN novelty USING (album_id)
    WHERE title.name = $title
    GROUP BY track_no
),
used AS (
    SELECT track_no, music_segment_no, count(*) AS n
    FROM title
    JOIN soundtrack USING (title_id)
    WHERE title.name = $title
    GROUP BY ALL
)
SELECT
    track_no,
    track.title,
    any_value(track.album) AS album,
    any_value(duration_s)  AS duration_s,
    any_value(curve)       AS curve,
    list({start_s: start_s, end_s: end_s, mode: mode, n: coalesce(n, 0)} ORDER BY music_segment_no) AS pieces
FROM title
JOIN track USING (album_id)
JOIN music_segment USING (album_id, track_no)
LEFT JOIN curve USING (track_no)
LEFT JOIN used USING (track_no, music_segment_no)
WHERE title.name = $title
GROUP BY track_no, track.title
ORDER BY track_no
