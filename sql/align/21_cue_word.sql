-- cue_word: tokenization and stemming. Every spoken word of the film in order, with its cue and its scene.
--   word      as in book_word
--   position  1, 2, ... through the film, running on from cue to cue because subtitles split lines; plus a gap at
--             each pause and at each new scene, so that no run of words crosses one
--
-- Constants: pause_s = 5 s of silence that end a stretch of talk; stretch_gap = 100 words. Neither was tuned; the gap
-- only has to exceed the reach of later steps (at most 25 words).
WITH constant AS (SELECT 5 AS pause_s, 100 AS stretch_gap),
marked AS (
    SELECT *, (start_s - lag(end_s) OVER w > pause_s OR scene_no <> lag(scene_no) OVER w)::INTEGER AS after_pause
    FROM spoken_cue, constant
    WINDOW w AS (ORDER BY cue_no)
),
spoken AS (
    SELECT cue_no, start_s, scene_no, stretch_gap * coalesce(sum(after_pause) OVER (ORDER BY cue_no), 0) AS gap, words(text) AS words
    FROM marked
),
said AS (
    SELECT cue_no, start_s, scene_no, gap, unnest(words) AS form, generate_subscripts(words, 1) AS word_no FROM spoken
)
SELECT cue_no, start_s, scene_no, stem(form) AS word, row_number() OVER (ORDER BY cue_no, word_no) + gap::BIGINT AS position
FROM said
