-- book_word: every word of the book, in order. Films speak the book's talk, and what it narrates.
--   word       without accents, apostrophes and the commonest endings: "walks" and "walked" are one word
--   position   counts through the book; it jumps at a new paragraph, so that no run of words crosses one
--   is_quote   its sentence is said by somebody
WITH sentence_words AS (
    SELECT chapter_no, paragraph_no, sentence_no, is_dialogue, words(text) AS words
    FROM sentence
    WHERE book_id = $book_id
),
written AS (
    SELECT chapter_no, paragraph_no, sentence_no, is_dialogue, unnest(words) AS form, generate_subscripts(words, 1) AS nth
    FROM sentence_words
)
SELECT chapter_no, paragraph_no, sentence_no, stem(form) AS word, is_dialogue AS is_quote,
    row_number() OVER (ORDER BY chapter_no, paragraph_no, sentence_no, nth)
        + 100 * dense_rank() OVER (ORDER BY chapter_no, paragraph_no) AS position
FROM written
