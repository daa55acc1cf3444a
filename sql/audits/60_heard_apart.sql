-- Only one track is heard at a time in a film, and never outside it.
SELECT h.film_id, h.start_s, h.end_s, h.track_no
FROM title_heard AS h
LEFT JOIN track AS t ON t.album_id = h.album_id AND t.track_no = h.track_no
WHERE title_id = $title_id
QUALIFY (h.start_s < h.end_s
    AND h.start_s >= lag(h.end_s, 1, 0) OVER (PARTITION BY h.film_id ORDER BY h.start_s) - 0.01
    AND h.offset_s >= -0.01 AND h.offset_s + h.speed * (h.end_s - h.start_s) <= t.duration_s + 0.01) IS NOT TRUE
