-- choice: the pieces that a segment chooses from, at most $candidates, and what each is worth to it by itself.
--   film, emotion, calm  the parts of that, each times its weight
--   film_score           0..1: how surely the film plays it there; 0 where it does not
--   method               reader: pinned by the reader; film: heard in the film; emotion: otherwise
--
-- A piece must fit in emotion, unless none does. What the reader decided comes first: a pinned piece (or all
-- of a pinned track) is the only choice, a banned one is none, and where music was to be calmer or louder,
-- that holds as far as there is such music, and louder by no more than need be. The paper's rule leaves one
-- choice: of the film's pieces that fit any one, else any one that fits.
WITH
bound AS (
    SELECT chapter_no, segment_no,
        min(arousal) FILTER (verb = 'calmer') AS below, max(arousal) FILTER (verb = 'louder') AS above
    FROM decided
    WHERE stands AND verb IN ('calmer', 'louder')
    GROUP BY ALL
),
-- Decisions about a segment, and those about the whole title, which have no chapter.
named AS (
    SELECT nth, piece_no, bool_or(verb = 'pin') AS pinned, bool_or(verb = 'ban') AS banned
    FROM fit
    JOIN decided AS d ON d.track_no = fit.track_no AND coalesce(d.at_s >= fit.start_s AND d.at_s < fit.end_s, true)
        AND (d.chapter_no IS NULL OR d.chapter_no = fit.chapter_no AND d.segment_no = fit.segment_no)
    WHERE stands
    GROUP BY ALL
),
allowed AS (
    SELECT fit.*, coalesce(pinned, false) AS is_pinned, above,
        coalesce(arousal < below, true) AND coalesce(arousal > above, true) AS within
    FROM fit
    LEFT JOIN named USING (nth, piece_no)
    LEFT JOIN bound USING (chapter_no, segment_no)
    QUALIFY is_pinned = bool_or(is_pinned) OVER (PARTITION BY nth) AND (is_pinned OR banned IS NOT true)
),
suited AS (SELECT * FROM allowed QUALIFY fits = bool_or(fits) OVER (PARTITION BY nth)),
bounded AS (SELECT * FROM suited QUALIFY within = bool_or(within) OVER (PARTITION BY nth)),
weighed AS (
    SELECT b.* EXCLUDE (within, above), coalesce(f.score, 0) AS film_score, f.moments, f.heard,
        $film_weight * film_score
            * CASE WHEN place_s >= b.start_s AND place_s < b.end_s THEN 1 ELSE 0.9 END AS film,
        $emotion_weight * closeness AS emotion_worth,
        -$calm_weight * greatest(0, arousal - coalesce(above, $calm_arousal))
            - CASE WHEN end_s - start_s < $short_s THEN $short_weight ELSE 0 END AS calm,
        CASE WHEN is_pinned THEN 'reader' WHEN film_score > 0 THEN 'film' ELSE 'emotion' END AS method
    FROM bounded AS b
    LEFT JOIN film_music AS f USING (chapter_no, segment_no, track_no)
)
SELECT *, film + emotion_worth + calm + $chance_weight * tie AS worth
FROM weighed
QUALIFY CASE $rule
    WHEN 'paper' THEN row_number() OVER (PARTITION BY nth ORDER BY film_score > 0 DESC, tie, piece_no) = 1
    ELSE row_number() OVER (PARTITION BY nth ORDER BY worth DESC, tie, piece_no) <= $candidates
END
