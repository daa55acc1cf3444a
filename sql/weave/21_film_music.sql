-- film_music: the tracks that the film plays at a segment's moments.
--   score    0..1: several moments that hear the same track add up as independent reasons
--   place_s  the place in the track that sounds at the weightiest of them
--   moments  the three weightiest
--   heard    the track, and since when it is heard, at the weightiest
SELECT chapter_no, segment_no, track_no, 1 - product(1 - weight) AS score,
    arg_max(place_s, (weight, -film_s)) AS place_s,
    list({film_id: film_id, film_s: round(film_s, 2), method: method, score: round(moment_score, 4), book_text: book_text,
          film_text: film_text} ORDER BY weight DESC, film_id, film_s, book_text)[:3] AS moments,
    arg_max({track_no: track_no, film_id: film_id, film_s: round(heard_start_s, 2), score: round(heard_score, 4)}, (weight, -film_s)) AS heard
FROM heard_near
GROUP BY ALL
