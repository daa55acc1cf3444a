-- heard_near: nearest-neighbour join in time: for each moment of the film that a segment matches, the music of the album that
-- the film plays then, or else the nearest before or after it, at most $neighbourhood_s away.
--   away_s   time from the moment to the music; 0 where it plays at the moment
--   place_s  the place in the track that plays at the moment, or at the end of the music that is nearer to it
--   weight   0..1: the moment's score with hyperbolic decay over away_s: half of it at $near_s
SELECT chapter_no, segment_no, m.film_id, m.film_s, m.method, book_text, film_text, m.score AS moment_score,
    track_no, h.start_s AS heard_start_s, h.end_s AS heard_end_s, h.score AS heard_score,
    greatest(h.start_s - m.film_s, m.film_s - h.end_s, 0) AS away_s,
    h.offset_s + h.speed * (least(greatest(m.film_s, h.start_s), h.end_s) - h.start_s) AS place_s,
    m.score * $near_s / ($near_s + away_s) AS weight
FROM moment AS m
JOIN title_heard AS h ON h.title_id = m.title_id AND h.film_id = m.film_id
    AND m.film_s BETWEEN h.start_s - $neighbourhood_s AND h.end_s + $neighbourhood_s
WHERE m.title_id = $title_id
QUALIFY away_s = min(away_s) OVER (PARTITION BY chapter_no, segment_no, m.film_id, m.film_s, m.method, book_text)
