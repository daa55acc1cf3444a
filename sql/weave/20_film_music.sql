-- film_music: pieces that the film itself plays at a segment's moments, where they suit its emotion.
--
-- A moment hears a track where it runs within $neighbourhood_s; the farther, the less it counts. Several
-- moments that hear the same track add up as independent reasons. Of the track's pieces the one that
-- sounds at the moment comes first, then the calmer.
WITH heard_at AS (
    SELECT chapter_no, segment_no, m.film_s, m.method AS moment_method, m.score AS moment_score, book_text, film_text,
        track_no, h.start_s AS heard_start_s, h.score AS heard_score,
        greatest(h.start_s - m.film_s, m.film_s - h.end_s, 0) AS away_s,
        h.offset_s + h.speed * (least(greatest(m.film_s, h.start_s), h.end_s) - h.start_s) AS place_s
    FROM moment AS m
    JOIN heard AS h ON h.film_id = $film_id AND h.album_id = $album_id
        AND m.film_s BETWEEN h.start_s - $neighbourhood_s AND h.end_s + $neighbourhood_s
    WHERE title_id = $title_id
),
weighed AS (
    SELECT *, moment_score * (1 - 0.5 * away_s / $neighbourhood_s) AS weight FROM heard_at
),
track_reason AS (
    SELECT chapter_no, segment_no, track_no, 1 - product(1 - weight) AS score,
        arg_max(place_s, weight) AS place_s,
        list({film_s: round(film_s, 2), method: moment_method, score: round(moment_score, 4), book_text: book_text,
              film_text: film_text} ORDER BY weight DESC, film_s)[:3] AS moments,
        arg_max({track_no: track_no, film_s: round(heard_start_s, 2), score: round(heard_score, 4)}, weight) AS heard
    FROM weighed
    GROUP BY ALL
)
SELECT chapter_no, segment_no, track_no, music_segment_no, score, moments, heard, emotion, mode, arousal,
    row_number() OVER (PARTITION BY chapter_no, segment_no
        ORDER BY score DESC, track_no, place_s BETWEEN start_s AND end_s DESC, arousal > $calm_arousal, tie) AS nth
FROM track_reason
JOIN fit USING (chapter_no, segment_no, track_no)
WHERE fits
