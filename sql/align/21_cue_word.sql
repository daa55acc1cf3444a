-- cue_word: every spoken word of the film's cues, in order, with its scene. Sung lines are left out.
--   word       as in book_word
--   position   runs on from cue to cue, for a line of the book is often spread over several; it jumps where
--              nobody speaks for five seconds, and at a new scene
WITH placed AS (
    SELECT cue_no, cue.start_s, cue.end_s, scene_no, text
    FROM cue
    JOIN scene ON scene.film_id = cue.film_id AND cue.start_s >= scene.start_s AND cue.start_s < scene.end_s
    WHERE cue.film_id = $film_id AND is_lyrics IS NOT true
),
marked AS (
    SELECT *, (start_s - lag(end_s) OVER w > 5 OR scene_no <> lag(scene_no) OVER w)::INTEGER AS after_pause
    FROM placed
    WINDOW w AS (ORDER BY cue_no)
),
spoken AS (
    SELECT cue_no, start_s, scene_no, coalesce(sum(after_pause) OVER (ORDER BY cue_no), 0) AS stretch_no,
        regexp_extract_all(regexp_replace(strip_accents(lower(text)), '[''’]', '', 'g'), '[\p{L}\p{N}]+') AS words
    FROM marked
),
said AS (
    SELECT cue_no, start_s, scene_no, stretch_no, unnest(words) AS form, generate_subscripts(words, 1) AS nth FROM spoken
)
SELECT cue_no, start_s, scene_no, regexp_replace(form, '(\p{L}{3})(ing|ed|es|e|s)$', '\1') AS word,
    row_number() OVER (ORDER BY cue_no, nth) + (100 * stretch_no)::BIGINT AS position
FROM said
