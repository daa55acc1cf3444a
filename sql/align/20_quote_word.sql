-- quote_word: every word that the book's people say, in order. position counts through the book and
-- jumps at a new paragraph, so that no run of words crosses one.
WITH spoken AS (
    SELECT chapter_no, paragraph_no, quote_no,
        regexp_extract_all(regexp_replace(strip_accents(lower(text)), '[''’]', '', 'g'), '[\p{L}\p{N}]+') AS words
    FROM quote
    WHERE book_id = $book_id
),
word AS (
    SELECT chapter_no, paragraph_no, quote_no, unnest(words) AS word, generate_subscripts(words, 1) AS nth
    FROM spoken
)
SELECT chapter_no, paragraph_no, word,
    row_number() OVER (ORDER BY chapter_no, paragraph_no, quote_no, nth)
        + 100 * dense_rank() OVER (ORDER BY chapter_no, paragraph_no) AS position
FROM word
