-- dialogue_match: lines of the book that are spoken in the film (paper 3.2), words of them changed or not.
-- key: title_id, film_id
--   n_words      words in common
--   is_quote     said in the book, too; else the book narrates it
--   score        surprise of the words in common, less what the changed ones say against it, in nats
--   beyond_nats  what that says for this chapter and scene, above chance (line_trust)
--   book_text    the sentences of the paragraph that hold the words in common; film_text the cues
WITH spoken AS (
    SELECT hint_no, min(sentence_no) AS first_no, max(sentence_no) AS last_no
    FROM hint_word
    JOIN spoken_line USING (hint_no)
    JOIN book_word ON book_word.position = book_position
    WHERE film_position BETWEEN run_from AND run_to
    GROUP BY hint_no
)
SELECT $title_id AS title_id, $film_id AS film_id, chapter_no, paragraph_no, spoken_line.scene_no, first.cue_no, first.start_s AS film_s,
    n_words, is_quote, score, slope * beyond_nats AS beyond_nats,
    (SELECT string_agg(text, ' ' ORDER BY sentence_no) FROM sentence AS s
     WHERE book_id = $book_id AND s.chapter_no = spoken_line.chapter_no AND s.paragraph_no = spoken_line.paragraph_no
         AND sentence_no BETWEEN first_no AND last_no) AS book_text,
    (SELECT string_agg(text, ' ' ORDER BY cue_no) FROM cue
     WHERE film_id = $film_id AND cue_no BETWEEN first.cue_no AND last.cue_no) AS film_text
FROM spoken_line
JOIN spoken USING (hint_no)
JOIN line_trust ON true
JOIN cue_word AS first ON first.position = run_from
JOIN cue_word AS last ON last.position = run_to
WHERE beyond_nats > 1
ORDER BY ALL
