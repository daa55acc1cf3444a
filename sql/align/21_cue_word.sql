-- cue_word: every spoken word of the film's cues, in order, with its scene.
--   word       as in book_word
--   position   runs on from cue to cue, for a line of the book is often spread over several; it jumps where
--              nobody speaks for five seconds, and at a new scene
WITH marked AS (
    SELECT *, (start_s - lag(end_s) OVER w > 5 OR scene_no <> lag(scene_no) OVER w)::INTEGER AS after_pause
    FROM spoken_cue
    WINDOW w AS (ORDER BY cue_no)
),
spoken AS (
    SELECT cue_no, start_s, scene_no, coalesce(sum(after_pause) OVER (ORDER BY cue_no), 0) AS stretch_no, words(text) AS words
    FROM marked
),
said AS (
    SELECT cue_no, start_s, scene_no, stretch_no, unnest(words) AS form, generate_subscripts(words, 1) AS nth FROM spoken
)
SELECT cue_no, start_s, scene_no, stem(form) AS word,
    row_number() OVER (ORDER BY cue_no, nth) + (100 * stretch_no)::BIGINT AS position
FROM said
