-- candidate: the music chosen for each segment and the best of what else it might have had, four at most.
--
-- Each is judged beside the music chosen around it: variety is what it loses for coming again near by (by the
-- nearest before and the nearest after) and for its track's share of the book; continuity what it earns for
-- running on. So the choice may be worth less by itself than another that is heard on the page before.
WITH chosen AS (SELECT nth, piece_no, piece_no // 1000 AS track_no FROM plan),
share AS (
    SELECT track_no, greatest(1, count(*) * (SELECT max(nth) FROM fit) / sum(count(*)) OVER ()) AS fair
    FROM music_segment WHERE album_id = $album_id GROUP BY track_no
),
near AS (
    SELECT c.nth, c.piece_no,
        coalesce(bool_or(o.nth = c.nth - 1 AND c.nth IN (FROM goes_on)), false) AS goes_on,
        min(c.nth - o.nth) FILTER (o.nth < c.nth) AS since, min(o.nth - c.nth) FILTER (o.nth > c.nth AND o.nth NOT IN (FROM goes_on)) AS until
    FROM choice AS c
    JOIN chosen AS o ON o.piece_no = c.piece_no AND o.nth <> c.nth AND abs(o.nth - c.nth) <= $again_segments
    GROUP BY ALL
),
judged AS (
    SELECT c.*, coalesce(goes_on, false) AS goes_on, chosen.piece_no IS NOT NULL AS is_chosen,
        CASE WHEN goes_on THEN 0 ELSE coalesce(1 - (since - 1) / $again_segments, 0) END
            + coalesce(1 - (until - 1) / $again_segments, 0) AS again,
        (SELECT count(*) FROM chosen AS o WHERE o.track_no = c.track_no AND o.nth <> c.nth) + 1 - fair AS beyond_fair, fair
    FROM choice AS c
    JOIN share USING (track_no)
    LEFT JOIN near USING (nth, piece_no)
    LEFT JOIN chosen ON chosen.nth = c.nth AND chosen.piece_no = c.piece_no
),
scored AS (
    SELECT *, -$again_weight * (1 - film_score) * again
            - CASE WHEN goes_on THEN 0 ELSE $theme_weight * greatest(0, beyond_fair) / fair END AS variety,
        CASE WHEN goes_on THEN $go_on_weight ELSE 0 END AS continuity,
        film + emotion_worth + calm + variety + continuity AS score
    FROM judged
)
SELECT $title_id AS title_id, chapter_no, segment_no,
    row_number() OVER (PARTITION BY nth ORDER BY is_chosen DESC, score DESC, tie, piece_no) AS rank,
    track_no, music_segment_no, method, score, film, emotion_worth AS emotion, calm, variety, continuity
FROM scored
QUALIFY rank <= 5
ORDER BY ALL
