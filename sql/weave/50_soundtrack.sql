-- soundtrack: the music of every segment, with what it rests on.
--   score     0..1: pinned 1; from the film: how surely; by emotion: closeness, less what stirs or does not fit
--   evidence  emotion, mode, arousal, fits; of the film: moments, heard; else the reason why not of the film;
--             and under "reader" what the reader decided about the segment: pin, ban, calmer, louder
WITH here AS (
    SELECT DISTINCT chapter_no, segment_no FROM moment WHERE title_id = $title_id
),
-- Chapters that the film tells, but nobody can be sure where.
unsure AS (
    SELECT chapter_no FROM chapter_scene WHERE title_id = $title_id GROUP BY chapter_no HAVING NOT bool_or(accepted)
),
followed AS (
    SELECT nth, list(DISTINCT verb ORDER BY verb) AS verbs
    FROM decided AS d
    JOIN (SELECT DISTINCT nth, chapter_no, segment_no FROM fit) USING (chapter_no, segment_no)
    WHERE stands
    GROUP BY nth
)
SELECT $title_id AS title_id, c.chapter_no, c.segment_no, c.track_no, c.music_segment_no, method,
    CASE method
        WHEN 'reader' THEN 1
        WHEN 'film' THEN film_score
        ELSE CASE WHEN fits THEN 1 ELSE 0.5 END * (0.5 + closeness / 2) * (1 - greatest(0, arousal - $calm_arousal))
    END AS score,
    json_merge_patch(
        to_json({emotion: c.emotion, mode: c.mode, arousal: round(arousal, 3), fits: fits}),
        CASE WHEN film_score > 0 THEN to_json({moments: moments, heard: heard})
            ELSE to_json({reason: CASE
                WHEN NOT EXISTS (FROM title_film WHERE title_id = $title_id) THEN 'no film'
                WHEN (SELECT bool_and(NOT accepted) FROM film_match WHERE title_id = $title_id) THEN 'the film does not match the book'
                WHEN here.chapter_no IS NULL AND c.chapter_no IN (FROM unsure) THEN 'where the film tells the chapter is not sure'
                WHEN here.chapter_no IS NULL THEN 'no film scene matches'
                WHEN NOT EXISTS (FROM heard_near AS n WHERE (n.chapter_no, n.segment_no) = (c.chapter_no, c.segment_no))
                    THEN 'no music of the album is heard at the matching moments'
                WHEN bool_or(film_score > 0) OVER (PARTITION BY nth)
                    THEN 'the music heard there would be heard too often, or stirs too much'
                ELSE 'the music heard there does not fit the emotion' END})
        END,
        CASE WHEN verbs IS NULL THEN '{}' ELSE to_json({reader: verbs}) END
    ) AS evidence
FROM choice AS c
LEFT JOIN here USING (chapter_no, segment_no)
LEFT JOIN followed USING (nth)
QUALIFY piece_no = (SELECT piece_no FROM plan WHERE plan.nth = c.nth)
ORDER BY ALL
