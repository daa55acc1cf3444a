-- landmark_window: audio fingerprinting by landmarks (Wang 2003): for each window of the film's sound, the track of the album,
-- and the place in it, whose landmarks agree best. A landmark is a pair of spectral peaks, stored as a hash.
--   offset_s  place in the track at start_s
--   score     0..1, from the number of landmarks that agree: min_votes or fewer 0, full_votes or more 1
--
-- Landmarks of film and album with equal hashes vote for the lag between them, in a histogram for each window and track. Each
-- vote counts in its bin of lags and in the next, so that votes on either side of a border meet. The fullest bin wins. The
-- table is empty unless $recogniser is landmarks.
--
-- Constants, none of them tuned:
--   hop_s           5 s from one window to the next
--   n_hops          2 hops in a window, which makes windows of 10 s
--   lag_bins_per_s  10: bins of 0.1 s, about four frames of the sound
--   min_votes       5: so few landmarks agree by chance
--   full_votes      25
WITH constant AS (SELECT 5.0 AS hop_s, 2 AS n_hops, 10 AS lag_bins_per_s, 5 AS min_votes, 25 AS full_votes),
hit AS (
    SELECT f.time_s AS film_s, t.track_no, round((t.time_s - f.time_s) * lag_bins_per_s)::INTEGER AS lag_bin,
        t.time_s - f.time_s AS lag_s
    FROM film_landmark AS f
    JOIN track_landmark AS t USING (hash), constant
    WHERE $recogniser = 'landmarks' AND f.film_id = $film_id AND t.album_id = $album_id
),
-- Windows overlap: a landmark votes in the window that begins with its hop, and in those before that still contain it.
vote AS (
    SELECT (film_s // hop_s)::INTEGER + 1 - hops_before AS window_no, track_no, lag_bin + next_bin AS lag_bin, lag_s
    FROM hit, constant, range(n_hops) AS h(hops_before), range(2) AS b(next_bin)
),
counted AS (
    SELECT window_no, track_no, median(lag_s) AS lag_s, count(*) AS n
    FROM vote
    WHERE window_no >= 1
    GROUP BY window_no, track_no, lag_bin
)
SELECT $film_id AS film_id, $album_id AS album_id, window_no,
    (window_no - 1) * hop_s AS start_s, (window_no - 1 + n_hops) * hop_s AS end_s,
    track_no, (window_no - 1) * hop_s + lag_s AS offset_s,
    greatest(0, least(1, (n - min_votes) / (full_votes - min_votes))) AS score, 1.0::DOUBLE AS speed, 'landmarks' AS recogniser
FROM counted, constant
QUALIFY row_number() OVER (PARTITION BY window_no ORDER BY n DESC, track_no, lag_s) = 1
