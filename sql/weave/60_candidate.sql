-- candidate: one-at-a-time comparison: for each segment the chosen piece and the best of its alternatives, each scored beside
-- the music that is chosen for the other segments.
--   rank        1 is the choice, then by score
--   score       the sum of the next five
--   film, emotion, calm  as in choice
--   variety     loss for repetition, of the piece (to the nearest use before and the nearest after) and of its track
--   continuity  gain where the piece continues from the segment before or into the next
--
-- So an alternative may be worth more by itself, and less because it plays on the page before.
--
-- Constant: n_kept = 5 pieces for each segment, the choice and four alternatives: as many as are shown. Not tuned.
WITH constant AS (SELECT 5 AS n_kept),
chosen AS (SELECT nth, piece_no, track_no, film_score FROM beam_search JOIN choice USING (nth, piece_no)),
share AS (
    SELECT track_no, greatest(1, count(*) * (SELECT max(nth) FROM compatibility) / sum(count(*)) OVER ()) AS fair
    FROM music_segment WHERE album_id = $album_id GROUP BY track_no
),
near AS (
    SELECT c.nth, c.piece_no,
        count(*) FILTER (o.nth = c.nth - 1 AND c.nth IN (FROM goes_on)) = 1 AS from_before,
        count(*) FILTER (o.nth = c.nth + 1 AND o.nth IN (FROM goes_on)) = 1 AS into_next,
        min(c.nth - o.nth) FILTER (o.nth < c.nth) AS since, min(o.nth - c.nth) FILTER (o.nth > c.nth) AS until,
        arg_min(o.film_score, o.nth) FILTER (o.nth > c.nth) AS next_film_score
    FROM choice AS c
    JOIN chosen AS o ON o.piece_no = c.piece_no AND o.nth <> c.nth AND abs(o.nth - c.nth) <= $again_segments
    GROUP BY ALL
),
judged AS (
    SELECT c.*, coalesce(from_before, false) AS from_before, coalesce(into_next, false) AS into_next,
        chosen.piece_no IS NOT NULL AS is_chosen,
        CASE WHEN from_before THEN 0 ELSE coalesce((1 - c.film_score) * (1 - (since - 1) / $again_segments), 0) END
            + CASE WHEN into_next THEN 0 ELSE coalesce((1 - next_film_score) * (1 - (until - 1) / $again_segments), 0) END AS again,
        (SELECT count(*) FROM chosen AS o WHERE o.track_no = c.track_no AND o.nth <> c.nth) + 1 - fair AS beyond_fair, fair
    FROM choice AS c
    JOIN share USING (track_no)
    LEFT JOIN near USING (nth, piece_no)
    LEFT JOIN chosen ON chosen.nth = c.nth AND chosen.piece_no = c.piece_no
),
scored AS (
    SELECT *, -$again_weight * again
            - CASE WHEN from_before THEN 0 ELSE $theme_weight * greatest(0, beyond_fair) / fair END AS variety,
        $go_on_weight * (from_before::INTEGER + into_next::INTEGER) AS continuity,
        film + emotion_worth + calm + variety + continuity AS score
    FROM judged
)
SELECT $title_id AS title_id, chapter_no, segment_no,
    row_number() OVER (PARTITION BY nth ORDER BY is_chosen DESC, score DESC, tie, piece_no) AS rank,
    track_no, music_segment_no, method, score, film, emotion_worth AS emotion, calm, variety, continuity
FROM scored
QUALIFY rank <= (SELECT n_kept FROM constant)
ORDER BY ALL
