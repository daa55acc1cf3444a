-- heard: runs of the film in which a recording of the album plays, grouped from recognised windows (gaps and islands) by
-- hysteresis thresholding, i.e. with two thresholds (Canny 1986).
-- key: film_id, album_id, recogniser, min_score
--   start_s, end_s  the run in the film
--   offset_s        place in the track at start_s
--   score           mean score of its windows
--   speed           seconds of the track that pass in a second of the film
--
-- A window whose score is less than weak_share of $min_score is silence, or other music. Neighbouring windows are in one run if
-- they have the same track at the same lag: the place in the track less what passes of the track from the film's start. A
-- run is kept if one of its windows reaches $min_score; a run of a single window must reach alone_factor times that. Where
-- windows overlap, each counts up to the middle of the overlap.
--
-- Constants, none of them tuned:
--   weak_share        0.5
--   alone_factor      2: no neighbour confirms a single window
--   max_lag_change_s  0.1 s from one window to the next, for rounding and errors of the recogniser
--   max_gap_s         8 s, which two windows of a run are less than apart: one of the windows at steps of 5 s may be missing, as
--                     under loud speech
--   outlier_share     0.5 of the run's median score, below which most of a window is not music of the run, but what comes
--                     before or after it. Such windows are left out if they overlap others
WITH constant AS (
    SELECT 0.5 AS weak_share, 2 AS alone_factor, 0.1 AS max_lag_change_s, 8 AS max_gap_s, 0.5 AS outlier_share
),
hearing AS (
    SELECT * FROM heard_window
    WHERE film_id = $film_id AND album_id = $album_id AND recogniser = $recogniser
    UNION ALL BY NAME
    SELECT * FROM landmark_window
),
placed AS (
    SELECT window_no, track_no, score, speed, start_s, end_s, offset_s,
        greatest(start_s, coalesce((start_s + lag(end_s) OVER w) / 2, start_s)) AS from_s,
        least(end_s, coalesce((end_s + lead(start_s) OVER w) / 2, end_s)) AS to_s
    FROM hearing
    WINDOW w AS (ORDER BY window_no)
),
marked AS (
    SELECT placed.*,
        lag(track_no) OVER w IS NOT DISTINCT FROM track_no
            AND abs(offset_s - lag(offset_s) OVER w - speed * (start_s - lag(start_s) OVER w)) < max_lag_change_s
            AND from_s - lag(to_s) OVER w < max_gap_s AS goes_on
    FROM placed, constant
    WHERE track_no IS NOT NULL AND score >= weak_share * $min_score
    WINDOW w AS (ORDER BY window_no)
),
numbered AS (
    SELECT *, sum(CASE WHEN goes_on THEN 0 ELSE 1 END) OVER (ORDER BY window_no) AS run_no FROM marked
),
clear AS (
    SELECT numbered.* REPLACE (median(speed) OVER same AS speed)
    FROM numbered, constant
    WINDOW same AS (PARTITION BY run_no)
    QUALIFY score >= outlier_share * median(score) OVER same OR (from_s = start_s AND to_s = end_s)
),
run AS (
    SELECT track_no, median(offset_s - speed * start_s) AS lag_s, any_value(speed) AS speed, avg(score) AS score,
        min(from_s) AS start_s, max(to_s) AS end_s
    FROM clear, constant
    GROUP BY run_no, track_no
    HAVING max(score) >= CASE count(*) WHEN 1 THEN any_value(alone_factor) ELSE 1 END * $min_score
),
inside AS (  -- a run begins no earlier than its track, and ends no later
    SELECT run.*, greatest(start_s, -lag_s / speed) AS from_s, least(end_s, (duration_s - lag_s) / speed) AS to_s
    FROM run
    JOIN track USING (track_no)
    WHERE album_id = $album_id
)
SELECT $film_id AS film_id, $album_id AS album_id, $recogniser AS recogniser, $min_score AS min_score, from_s AS start_s, to_s AS end_s,
    track_no, lag_s + speed * from_s AS offset_s, score, speed
FROM inside
WHERE to_s > from_s
ORDER BY start_s
