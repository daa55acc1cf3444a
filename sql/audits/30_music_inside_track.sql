-- Music segments lie inside their track and do not overlap.
SELECT track_no, music_segment_no, start_s, end_s, duration_s
FROM music_segment
LEFT JOIN track USING (album_id, track_no)
WHERE album_id = $album_id
QUALIFY (start_s >= 0 AND start_s < end_s AND end_s <= duration_s + 0.01
    AND start_s >= lag(end_s, 1, 0) OVER (PARTITION BY track_no ORDER BY music_segment_no) - 0.01) IS NOT TRUE
