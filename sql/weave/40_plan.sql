-- plan: one piece for every segment, chosen for the whole book at once.
--   nth, piece_no  the segment and its piece
--
-- A plan is worth the sum of its choices, less $again_weight where a piece comes again within
-- $again_segments (the sooner the more, and not where the film itself plays it there), less $theme_weight for
-- each whole share that a track has had beyond its fair one (the segments of the book, divided by the pieces of the
-- pool), plus $go_on_weight where a piece runs on over a boundary inside one scene of the film.
--
-- Plans grow segment by segment. Of those that end with the same piece, the $beam best are kept with all
-- that they played, since what is worth most so far need not be so with what is still to come: Viterbi's
-- search with several survivors, exact where no piece may come again at all.
WITH RECURSIVE
step AS MATERIALIZED (
    SELECT choice.nth, piece_no, choice.track_no, worth, film_score, fair, goes_on.nth IS NOT NULL AS may_go_on
    FROM choice
    JOIN (
        SELECT track_no, greatest(1, count(*) * (SELECT max(nth) FROM fit) / sum(count(*)) OVER ()) AS fair
        FROM music_segment WHERE album_id = $album_id GROUP BY track_no
    ) AS share USING (track_no)
    LEFT JOIN goes_on USING (nth)
),
plan AS (
    SELECT nth, piece_no, [piece_no] AS pieces, worth FROM step WHERE nth = 1
    UNION ALL
    SELECT * FROM (
        SELECT step.nth, step.piece_no, list_append(pieces, step.piece_no) AS pieces,
            plan.worth + step.worth + CASE
                WHEN may_go_on AND step.piece_no = plan.piece_no THEN $go_on_weight
                ELSE -$again_weight * (1 - film_score) * coalesce(1 - (list_position(
                        list_reverse(pieces[-$again_segments:]), step.piece_no) - 1) / $again_segments, 0)
                    - $theme_weight * greatest(0, len(list_filter(pieces, lambda p: p // 1000 = track_no)) + 1 - fair) / fair
                END AS worth
        FROM plan
        JOIN step ON step.nth = plan.nth + 1
    )
    QUALIFY row_number() OVER (PARTITION BY piece_no ORDER BY worth DESC, pieces) <= $beam
)
SELECT unnest(pieces) AS piece_no, generate_subscripts(pieces, 1) AS nth
FROM (SELECT pieces FROM plan WHERE nth = (SELECT max(nth) FROM fit) ORDER BY worth DESC, pieces LIMIT 1)
