-- unigram: unigram language model of book and film together (the same weight as inverse document frequency, Sparck
-- Jones 1972, with words in place of documents): how much information it carries that both contain a word.
--   n               occurrences in book and film
--   surprisal_nats  -log of the word's share of all words
--   is_content      content word: rare enough to tell passages apart. This leaves out "the", and in most books the
--                   protagonist's name
--
-- Constants: words_per_common_word = 400: a word is common if at least one word in 400 is this one; few = 3 occurrences,
-- up to which a word is content even in a short text. Neither was tuned.
WITH constant AS (SELECT 400 AS words_per_common_word, 3 AS few),
spoken AS (SELECT word FROM book_word UNION ALL SELECT word FROM cue_word)
SELECT word, count(*) AS n, ln(sum(count(*)) OVER () / count(*)) AS surprisal_nats,
    surprisal_nats > ln(any_value(words_per_common_word)) OR count(*) <= any_value(few) AS is_content
FROM spoken, constant
GROUP BY word
