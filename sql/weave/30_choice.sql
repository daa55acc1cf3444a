-- choice: candidate generation by a linear scoring function: the pieces that each segment chooses from, at most
-- $candidates, with what each is worth to the segment by itself.
--   film           worth of being heard in the film: $film_weight times film_score; a little less where another part of
--                  the track is heard than the piece
--   emotion_worth  worth of its closeness: $emotion_weight times closeness
--   calm           loss for arousal above $calm_arousal and for pieces shorter than $short_s
--   worth          the sum of these, and of $chance_weight times tie
--   film_score     0..1: how surely the film plays the track at the segment; 0 where it does not
--   method         reader: pinned by the reader; film: heard in the film; emotion: otherwise
--
-- Hard constraints, in this order: a pinned piece, or the pieces of a pinned track, are the only choices; banned pieces are
-- none; the piece fits the emotion, unless no piece left does; it is calmer or louder than the reader's limit, unless no
-- piece left is. For louder music, arousal counts as a loss only from that limit on. $rule 'paper' leaves a single choice: a
-- fitting piece of what the film plays, else any that fits, by tie.
--
-- Constant: other_part = 0.9, the factor where another part of the track is heard: the track matters more than the part. Not
-- tuned.
WITH constant AS (SELECT 0.9 AS other_part),
bound AS (
    SELECT chapter_no, segment_no,
        min(arousal) FILTER (verb = 'calmer') AS below, max(arousal) FILTER (verb = 'louder') AS above
    FROM decided
    WHERE applies AND verb IN ('calmer', 'louder')
    GROUP BY ALL
),
-- Decisions about one segment, and those about the whole title, which have no chapter.
named AS (
    SELECT nth, piece_no, bool_or(verb = 'pin') AS pinned, bool_or(verb = 'ban') AS banned
    FROM compatibility AS c
    JOIN decided AS d ON d.track_no = c.track_no AND coalesce(d.at_s >= c.start_s AND d.at_s < c.end_s, true)
        AND (d.chapter_no IS NULL OR d.chapter_no = c.chapter_no AND d.segment_no = c.segment_no)
    WHERE applies
    GROUP BY ALL
),
allowed AS (
    SELECT c.*, coalesce(pinned, false) AS is_pinned, above,
        coalesce(arousal < below, true) AND coalesce(arousal > above, true) AS within
    FROM compatibility AS c
    LEFT JOIN named USING (nth, piece_no)
    LEFT JOIN bound USING (chapter_no, segment_no)
    QUALIFY is_pinned = bool_or(is_pinned) OVER (PARTITION BY nth) AND (is_pinned OR banned IS NOT true)
),
suited AS (SELECT * FROM allowed QUALIFY fits = bool_or(fits) OVER (PARTITION BY nth)),
bounded AS (SELECT * FROM suited QUALIFY within = bool_or(within) OVER (PARTITION BY nth)),
weighed AS (
    SELECT b.* EXCLUDE (within, above), coalesce(f.score, 0) AS film_score, f.moments, f.heard,
        $film_weight * film_score
            * CASE WHEN place_s >= b.start_s AND place_s < b.end_s THEN 1 ELSE other_part END AS film,
        $emotion_weight * closeness AS emotion_worth,
        -$calm_weight * greatest(0, arousal - coalesce(above, $calm_arousal))
            - CASE WHEN end_s - start_s < $short_s THEN $short_weight ELSE 0 END AS calm,
        CASE WHEN is_pinned THEN 'reader' WHEN film_score > 0 THEN 'film' ELSE 'emotion' END AS method
    FROM bounded AS b
    CROSS JOIN constant
    LEFT JOIN film_music AS f USING (chapter_no, segment_no, track_no)
)
SELECT *, film + emotion_worth + calm + $chance_weight * tie AS worth
FROM weighed
QUALIFY CASE $rule
    WHEN 'paper' THEN row_number() OVER (PARTITION BY nth ORDER BY film_score > 0 DESC, tie, piece_no) = 1
    ELSE row_number() OVER (PARTITION BY nth ORDER BY worth DESC, tie, piece_no) <= $candidates
END
