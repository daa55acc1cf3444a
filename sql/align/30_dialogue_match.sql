-- dialogue_match: lines of the book that are spoken in the film (paper 3.2), words of them changed or not.
-- key: title_id, film_id
--   n_words      words in common
--   is_quote     said in the book, too; else the book narrates it
--   score        surprise of the words in common, less what the changed ones say against it, in nats
--   beyond_nats  what that says for this chapter and scene, above chance (line_trust)
SELECT $title_id AS title_id, $film_id AS film_id, chapter_no, paragraph_no, spoken_line.scene_no, first.cue_no, first.start_s AS film_s,
    n_words, is_quote, score, slope * beyond_nats AS beyond_nats, book.text AS book_text,
    (SELECT string_agg(text, ' ' ORDER BY cue_no) FROM cue
     WHERE film_id = $film_id AND cue_no BETWEEN first.cue_no AND last.cue_no) AS film_text
FROM spoken_line
JOIN line_trust ON true
JOIN cue_word AS first ON first.position = run_from
JOIN cue_word AS last ON last.position = run_to
JOIN (SELECT chapter_no, paragraph_no, text FROM paragraph WHERE book_id = $book_id) AS book USING (chapter_no, paragraph_no)
WHERE beyond_nats > 1
ORDER BY ALL
