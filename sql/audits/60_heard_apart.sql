-- Audit, exclusion and value ranges: a film plays one track at a time, and no run of music reaches beyond the film's start or
-- its track. Rows are the runs that break this.
--
-- Constant: tolerance_s = 0.01 s, for rounding of times: far below what can be heard.
WITH constant AS (SELECT 0.01 AS tolerance_s)
SELECT h.film_id, h.start_s, h.end_s, h.track_no
FROM title_heard AS h
CROSS JOIN constant
LEFT JOIN track AS t ON t.album_id = h.album_id AND t.track_no = h.track_no
WHERE title_id = $title_id
QUALIFY (h.start_s < h.end_s
    AND h.start_s >= lag(h.end_s, 1, 0) OVER (PARTITION BY h.film_id ORDER BY h.start_s) - tolerance_s
    AND h.offset_s >= -tolerance_s AND h.offset_s + h.speed * (h.end_s - h.start_s) <= t.duration_s + tolerance_s) IS NOT TRUE
