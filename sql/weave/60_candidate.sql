-- candidate: the music chosen for each segment and the best of what else it might have had, four at most.
--
-- Each is judged beside the music chosen around it: variety is what is lost for its coming again near by (for it
-- after the nearest before, and for the nearest after it) and for its track's share of the book; continuity what
-- is earned where it runs on from the segment before or into the next. So the choice may be worth less by itself
-- than another that is heard on the page before.
WITH chosen AS (SELECT nth, piece_no, track_no, film_score FROM plan JOIN choice USING (nth, piece_no)),
share AS (
    SELECT track_no, greatest(1, count(*) * (SELECT max(nth) FROM fit) / sum(count(*)) OVER ()) AS fair
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
QUALIFY rank <= 5
ORDER BY ALL
