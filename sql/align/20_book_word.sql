-- book_word: tokenization and stemming. Every word of the book in reading order, dialogue and narration alike, since
-- films speak both.
--   word      stem: lower case, without accents, apostrophes and the commonest endings, so that "walks" and
--             "walked" are the same word
--   position  1, 2, ... through the book, plus a gap before each paragraph, so that no run of words crosses one
--   is_quote  the word stands in direct speech
--
-- Constant: paragraph_gap = 100 words. Not tuned: it only has to exceed the reach of later steps (at most 25 words).
WITH constant AS (SELECT 100 AS paragraph_gap),
sentence_words AS (
    SELECT chapter_no, paragraph_no, sentence_no, is_dialogue, words(text) AS words
    FROM sentence
    WHERE book_id = $book_id
),
written AS (
    SELECT chapter_no, paragraph_no, sentence_no, is_dialogue, unnest(words) AS form, generate_subscripts(words, 1) AS word_no
    FROM sentence_words
)
SELECT chapter_no, paragraph_no, sentence_no, stem(form) AS word, is_dialogue AS is_quote,
    row_number() OVER (ORDER BY chapter_no, paragraph_no, sentence_no, word_no)
        + paragraph_gap * dense_rank() OVER (ORDER BY chapter_no, paragraph_no) AS position
FROM written, constant
