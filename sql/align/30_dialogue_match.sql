-- dialogue_match: local alignment (Smith and Waterman 1981), the result: lines of the book that are spoken in the film,
-- verbatim or with some words changed (paper 3.2).
-- key: title_id, film_id
--   n_words      matched words
--   is_quote     the book has them in direct speech; else it narrates them
--   score        alignment score: surprisal of the matched words, less the penalty of changed ones, in nats
--   beyond_nats  how far that exceeds chance for such a chapter and scene, calibrated by score_statistics
--   book_text    the sentences of the paragraph that contain the matched words; film_text the cues
--
-- Constant: min_beyond_nats = 1 nat, before calibration, from which a line is reported. Not tuned.
WITH constant AS (SELECT 1 AS min_beyond_nats),
spoken AS (
    SELECT seed_no, min(sentence_no) AS first_no, max(sentence_no) AS last_no
    FROM extension
    JOIN local_alignment USING (seed_no)
    JOIN book_word ON book_word.position = book_position
    WHERE film_position BETWEEN film_from AND film_to
    GROUP BY seed_no
)
SELECT $title_id AS title_id, $film_id AS film_id, chapter_no, paragraph_no, a.scene_no, first.cue_no, first.start_s AS film_s,
    n_words, is_quote, score_nats AS score, decay_rate * a.beyond_nats AS beyond_nats,
    (SELECT string_agg(text, ' ' ORDER BY sentence_no) FROM sentence AS s
     WHERE book_id = $book_id AND s.chapter_no = a.chapter_no AND s.paragraph_no = a.paragraph_no
         AND sentence_no BETWEEN first_no AND last_no) AS book_text,
    (SELECT string_agg(text, ' ' ORDER BY cue_no) FROM cue
     WHERE film_id = $film_id AND cue_no BETWEEN first.cue_no AND last.cue_no) AS film_text
FROM local_alignment AS a
JOIN spoken USING (seed_no)
JOIN score_statistics ON true
JOIN cue_word AS first ON first.position = film_from
JOIN cue_word AS last ON last.position = film_to
CROSS JOIN constant
WHERE a.beyond_nats > min_beyond_nats
ORDER BY ALL
