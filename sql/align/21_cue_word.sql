-- cue_word: every word of the film's cues, in order, with its scene. A line of the book is often spread
-- over several cues, so position runs on from cue to cue; it jumps where nobody speaks for five seconds.
WITH timed AS (
    SELECT *, coalesce(start_s - lag(end_s) OVER (ORDER BY cue_no) > 5, false)::INTEGER AS after_pause
    FROM cue
    WHERE film_id = $film_id AND is_lyrics IS NOT true
),
spoken AS (
    SELECT cue_no, start_s, sum(after_pause) OVER (ORDER BY cue_no) AS stretch_no,
        regexp_extract_all(regexp_replace(strip_accents(lower(text)), '[''’]', '', 'g'), '[\p{L}\p{N}]+') AS words
    FROM timed
),
word AS (
    SELECT cue_no, start_s, stretch_no, unnest(words) AS word, generate_subscripts(words, 1) AS nth
    FROM spoken
)
SELECT cue_no, word.start_s, scene_no, word,
    row_number() OVER (ORDER BY cue_no, nth) + 100 * stretch_no AS position
FROM word
JOIN scene ON film_id = $film_id AND word.start_s >= scene.start_s AND word.start_s < scene.end_s
