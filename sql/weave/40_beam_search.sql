-- beam_search: beam search (Lowerre 1976) over sequences of pieces: one piece for every segment, chosen for the whole book
-- at once.
--   nth, piece_no  the segment and its piece
--
-- The total of a sequence is the sum of the worth of its choices,
--   less  $again_weight for a piece that repeats within $again_segments segments: in full for an immediate repetition,
--         decreasing linearly, and not as far as the film itself plays the piece there (film_score)
--   less  $theme_weight for each use of a track beyond its fair number, as a share of that number: the number of segments,
--         divided in proportion to the tracks' numbers of pieces
--   plus  $go_on_weight, instead of these, where a piece continues over a boundary inside one scene of the film
--
-- Sequences grow segment by segment. The $beam best for each last piece survive (list Viterbi; Seshadri and Sundberg 1994).
-- It is a heuristic because losses depend on the whole sequence: the best survivor so far need not be the best in the end.
WITH RECURSIVE
step AS MATERIALIZED (
    SELECT choice.nth, piece_no, choice.track_no, worth, film_score, fair, goes_on.nth IS NOT NULL AS may_go_on
    FROM choice
    JOIN (
        SELECT track_no, greatest(1, count(*) * (SELECT max(nth) FROM compatibility) / sum(count(*)) OVER ()) AS fair
        FROM music_segment WHERE album_id = $album_id GROUP BY track_no
    ) AS share USING (track_no)
    LEFT JOIN goes_on USING (nth)
),
beam AS (
    SELECT nth, piece_no, [piece_no] AS pieces, [track_no] AS tracks, worth FROM step WHERE nth = 1
    UNION ALL
    SELECT * FROM (
        SELECT step.nth, step.piece_no, list_append(pieces, step.piece_no) AS pieces, list_append(tracks, step.track_no) AS tracks,
            beam.worth + step.worth + CASE
                WHEN may_go_on AND step.piece_no = beam.piece_no THEN $go_on_weight
                ELSE -$again_weight * (1 - film_score) * coalesce(1 - (list_position(
                        list_reverse(pieces[-$again_segments:]), step.piece_no) - 1) / $again_segments, 0)
                    - $theme_weight * greatest(0, len(list_filter(tracks, lambda t: t = track_no)) + 1 - fair) / fair
                END AS worth
        FROM beam
        JOIN step ON step.nth = beam.nth + 1
    )
    QUALIFY row_number() OVER (PARTITION BY piece_no ORDER BY worth DESC, pieces) <= $beam
)
SELECT unnest(pieces) AS piece_no, generate_subscripts(pieces, 1) AS nth
FROM (SELECT pieces FROM beam WHERE nth = (SELECT max(nth) FROM compatibility) ORDER BY worth DESC, pieces LIMIT 1)
