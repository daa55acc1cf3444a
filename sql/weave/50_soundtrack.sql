-- soundtrack: the result, with provenance: the music of every segment and the evidence for it.
--   score     0..1. Pinned by the reader: 1. From the film: how surely the film plays it there. By emotion: closeness, scaled to
--             emotion_floor..1, reduced by arousal above $calm_arousal and where the mode does not fit
--   evidence  JSON: emotion, mode, arousal, fits; where the film plays the track: moments, heard; where music was chosen by
--             emotion: the reason why it is not from the film; under "reader", what the reader decided about the segment: pin,
--             ban, calmer, louder
--
-- Constants: emotion_floor = 0.5, the score of the least close piece; misfit = 0.5, the factor of a piece whose mode does not
-- fit. Neither was tuned; the score is shown and changes no choice.
WITH constant AS (SELECT 0.5 AS emotion_floor, 0.5 AS misfit),
here AS (
    SELECT DISTINCT chapter_no, segment_no FROM moment WHERE title_id = $title_id
),
-- Chapters whose scenes all have too little confidence.
unsure AS (
    SELECT chapter_no FROM chapter_scene WHERE title_id = $title_id GROUP BY chapter_no HAVING NOT bool_or(accepted)
),
followed AS (
    SELECT nth, list(DISTINCT verb ORDER BY verb) AS verbs
    FROM decided AS d
    JOIN (SELECT DISTINCT nth, chapter_no, segment_no FROM compatibility) USING (chapter_no, segment_no)
    WHERE applies
    GROUP BY nth
)
SELECT $title_id AS title_id, c.chapter_no, c.segment_no, c.track_no, c.music_segment_no, method,
    CASE method
        WHEN 'reader' THEN 1
        WHEN 'film' THEN film_score
        ELSE CASE WHEN fits THEN 1 ELSE misfit END * (emotion_floor + (1 - emotion_floor) * closeness)
            * (1 - greatest(0, arousal - $calm_arousal))
    END AS score,
    json_merge_patch(
        to_json({emotion: c.emotion, mode: c.mode, arousal: round(arousal, 3), fits: fits}),
        CASE WHEN film_score > 0 THEN to_json({moments: moments, heard: heard})
            WHEN method = 'reader' THEN '{}'
            ELSE to_json({reason: CASE
                WHEN NOT EXISTS (FROM title_film WHERE title_id = $title_id) THEN 'no film'
                WHEN (SELECT bool_and(NOT accepted) FROM film_match WHERE title_id = $title_id) THEN 'the film does not match the book'
                WHEN here.chapter_no IS NULL AND c.chapter_no IN (FROM unsure) THEN 'the scenes of the chapter are uncertain'
                WHEN here.chapter_no IS NULL THEN 'no film scene matches'
                WHEN NOT EXISTS (FROM heard_near AS n WHERE (n.chapter_no, n.segment_no) = (c.chapter_no, c.segment_no))
                    THEN 'no music of the album is heard at the matching moments'
                WHEN bool_or(film_score > 0) OVER (PARTITION BY nth)
                    THEN 'the music heard there would repeat too often, or is too stirring'
                ELSE 'the music heard there does not fit the emotion' END})
        END,
        CASE WHEN verbs IS NULL THEN '{}' ELSE to_json({reader: verbs}) END
    ) AS evidence
FROM choice AS c
CROSS JOIN constant
LEFT JOIN here USING (chapter_no, segment_no)
LEFT JOIN followed USING (nth)
QUALIFY piece_no = (SELECT piece_no FROM beam_search AS b WHERE b.nth = c.nth)
ORDER BY ALL
