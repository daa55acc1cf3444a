-- word_weight: how much it says that both have a word: idf = -log of its share of all words, in nats. A
-- content word is rarer than one in 400 (or said three times at most, in a short text), which leaves out "the" and, in his own book, the hero.
WITH spoken AS (SELECT word FROM quote_word UNION ALL SELECT word FROM cue_word)
SELECT word, count(*) AS n, ln(sum(count(*)) OVER () / count(*)) AS idf, idf > ln(400) OR count(*) <= 3 AS is_content
FROM spoken
GROUP BY word
