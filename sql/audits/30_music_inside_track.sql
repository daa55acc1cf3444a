-- Audit, value ranges: music segments lie inside their track and do not overlap. Rows are those that break this.
--
-- Constant: tolerance_s = 0.01 s, for rounding of times: far below what can be heard.
WITH constant AS (SELECT 0.01 AS tolerance_s)
SELECT track_no, music_segment_no, start_s, end_s, duration_s
FROM music_segment
CROSS JOIN constant
LEFT JOIN track USING (album_id, track_no)
WHERE album_id = $album_id
QUALIFY (start_s >= 0 AND start_s < end_s AND end_s <= duration_s + tolerance_s
    AND start_s >= lag(end_s, 1, 0) OVER (PARTITION BY track_no ORDER BY music_segment_no) - tolerance_s) IS NOT TRUE
