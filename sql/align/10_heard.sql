-- heard: runs of the film in which one recording of the album runs on.
-- key: film_id, album_id
--
-- A window of the film's sound counts where its score is at least $heard_score. Windows belong to one run
-- where the same track runs on at the same lag (place in the track less time in the film) with no more
-- than one window missing between them. A window that scores less than half its run's median is mostly
-- not music of the run, and is left out; a window alone must score twice as high, since a track that repeats
-- itself sounds at other lags too where it fades. Each window speaks for its middle: the run's ends lie between the
-- centres of the last window that hears it and the first that does not.
WITH hearing AS (
    SELECT * FROM heard_window
    WHERE film_id = $film_id AND album_id = $album_id AND recogniser = $recogniser
    UNION ALL BY NAME
    SELECT * FROM landmark_window
),
sure AS (
    SELECT *, offset_s - start_s AS lag_s, (start_s + end_s) / 2 AS middle_s
    FROM hearing
    WHERE track_no IS NOT NULL AND score >= $heard_score
),
hop AS (
    SELECT coalesce(min(gap_s), 0) AS hop_s
    FROM (SELECT start_s - lag(start_s) OVER (ORDER BY window_no) AS gap_s FROM hearing)
),
marked AS (
    SELECT *,
        lag(track_no) OVER w IS NOT DISTINCT FROM track_no
            AND abs(lag_s - lag(lag_s) OVER w) < 0.1
            AND window_no - lag(window_no) OVER w <= 2 AS goes_on
    FROM sure
    WINDOW w AS (ORDER BY window_no)
),
numbered AS (
    SELECT *, sum(CASE WHEN goes_on THEN 0 ELSE 1 END) OVER (ORDER BY window_no) AS run_no FROM marked
),
clear AS (
    SELECT * FROM numbered QUALIFY score >= 0.5 * median(score) OVER (PARTITION BY run_no)
),
run AS (
    SELECT run_no, track_no, median(lag_s) AS lag_s, avg(score) AS score,
        min(middle_s) - any_value(hop_s) / 2 AS start_s, max(middle_s) + any_value(hop_s) / 2 AS end_s
    FROM clear, hop
    GROUP BY ALL
    HAVING count(*) >= 2 OR max(score) >= 2 * $heard_score
),
-- Two runs that follow each other without a pause meet half-way.
trimmed AS (
    SELECT track_no, lag_s, score,
        greatest(start_s, coalesce((start_s + lag(end_s) OVER w) / 2, start_s)) AS start_s,
        least(end_s, coalesce((end_s + lead(start_s) OVER w) / 2, end_s)) AS end_s
    FROM run
    WINDOW w AS (ORDER BY start_s, run_no)
)
SELECT $film_id AS film_id, $album_id AS album_id,
    greatest(start_s, -lag_s) AS start_s,                    -- not before the track begins
    least(end_s, duration_s - lag_s) AS end_s,               -- nor after it ends
    track_no, greatest(start_s, -lag_s) + lag_s AS offset_s, score
FROM trimmed
JOIN track USING (track_no)
WHERE album_id = $album_id AND least(end_s, duration_s - lag_s) > greatest(start_s, -lag_s)
ORDER BY start_s
