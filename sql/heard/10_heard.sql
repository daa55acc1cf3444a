-- heard: runs of the film in which one recording of the album runs on.
-- key: film_id, album_id, recogniser, min_score
--
-- A window of the film's sound is music of the album where its score is at least half of $min_score; it
-- is silence or unknown music otherwise. Windows belong to one run where the same track runs on at the same
-- lag (place in the track, less what passes of a track from the film's start) with less than 8 s between them: one
-- window of any recogniser may be missing. A run counts where one of its windows reaches $min_score, and a
-- window alone where it scores twice that. Where windows overlap, each speaks up to the middle of the overlap;
-- one that scores less than half its run's median is mostly not music of the run, and is left out.
WITH hearing AS (
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
    SELECT *,
        lag(track_no) OVER w IS NOT DISTINCT FROM track_no
            AND abs(offset_s - lag(offset_s) OVER w - speed * (start_s - lag(start_s) OVER w)) < 0.1
            AND from_s - lag(to_s) OVER w < 8 AS goes_on
    FROM placed
    WHERE track_no IS NOT NULL AND score >= 0.5 * $min_score
    WINDOW w AS (ORDER BY window_no)
),
numbered AS (
    SELECT *, sum(CASE WHEN goes_on THEN 0 ELSE 1 END) OVER (ORDER BY window_no) AS run_no FROM marked
),
clear AS (
    SELECT * REPLACE (median(speed) OVER same AS speed)
    FROM numbered
    WINDOW same AS (PARTITION BY run_no)
    QUALIFY score >= 0.5 * median(score) OVER same OR (from_s = start_s AND to_s = end_s)
),
run AS (
    SELECT track_no, median(offset_s - speed * start_s) AS lag_s, any_value(speed) AS speed, avg(score) AS score,
        min(from_s) AS start_s, max(to_s) AS end_s
    FROM clear
    GROUP BY run_no, track_no
    HAVING max(score) >= CASE count(*) WHEN 1 THEN 2 ELSE 1 END * $min_score
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
