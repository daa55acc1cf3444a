-- film_music: noisy-or combination of evidence (Pearl 1988): the tracks that the film plays at a segment's moments.
--   score    0..1: 1 less the product of (1 - weight) over the moments at which the track is heard, as if each moment were
--            an independent reason
--   place_s  the place in the track that sounds at the moment of the greatest weight
--   moments  the three moments of the greatest weight
--   heard    the track, and since when it is heard, at the first of these
SELECT chapter_no, segment_no, track_no, 1 - product(1 - weight) AS score,
    arg_max(place_s, (weight, -film_s)) AS place_s,
    list({film_id: film_id, film_s: round(film_s, 2), method: method, score: round(moment_score, 4), book_text: book_text,
          film_text: film_text} ORDER BY weight DESC, film_id, film_s, book_text)[:3] AS moments,
    arg_max({track_no: track_no, film_id: film_id, film_s: round(heard_start_s, 2), score: round(heard_score, 4)}, (weight, -film_s)) AS heard
FROM heard_near
GROUP BY ALL
