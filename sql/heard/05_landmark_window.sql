-- landmark_window: the album's track and place that most landmarks of each window agree on (Wang 2003).
-- Windows are 10 s every 5 s. Landmarks with the same hash vote for the lag between film and track; votes
-- within a tenth of a second are one. score: votes of the best lag, 5 (too few to trust) to 25 and more
-- mapped to 0..1. Empty unless the recogniser is landmarks.
WITH hit AS (
    SELECT f.time_s AS film_s, t.track_no, round((t.time_s - f.time_s) * 10)::INTEGER AS lag_ds, t.time_s - f.time_s AS lag_s
    FROM film_landmark AS f
    JOIN track_landmark AS t USING (hash)
    WHERE $recogniser = 'landmarks' AND f.film_id = $film_id AND t.album_id = $album_id
),
-- A window of 10 s is two strides of 5 s: a landmark votes in the window that begins in its stride and the one before.
vote AS (
    SELECT (film_s // 5)::INTEGER + 1 - back AS window_no, track_no, lag_ds + near AS lag_ds, lag_s
    FROM hit, (VALUES (0), (1)) AS b(back), (VALUES (0), (1)) AS n(near)
),
counted AS (
    SELECT window_no, track_no, median(lag_s) AS lag_s, count(*) AS n
    FROM vote
    WHERE window_no >= 1
    GROUP BY window_no, track_no, lag_ds
)
SELECT $film_id AS film_id, $album_id AS album_id, window_no,
    (window_no - 1) * 5.0 AS start_s, (window_no - 1) * 5.0 + 10 AS end_s,
    track_no, (window_no - 1) * 5.0 + lag_s AS offset_s, greatest(0, least(1, (n - 5) / 20)) AS score, 1.0::DOUBLE AS speed, 'landmarks' AS recogniser
FROM counted
QUALIFY row_number() OVER (PARTITION BY window_no ORDER BY n DESC, track_no, lag_s) = 1
