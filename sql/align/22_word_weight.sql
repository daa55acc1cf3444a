-- word_weight: how much it says that both have a word.
--   n           how often it stands in book and film together
--   idf         -log of its share of all words, in nats
--   is_content  rarer than one in 400 (or there three times at most, in a short text), which leaves out "the"
--               and, in his own book, the hero
WITH spoken AS (SELECT word FROM book_word UNION ALL SELECT word FROM cue_word)
SELECT word, count(*) AS n, ln(sum(count(*)) OVER () / count(*)) AS idf, idf > ln(400) OR count(*) <= 3 AS is_content
FROM spoken
GROUP BY word
