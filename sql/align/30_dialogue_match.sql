-- dialogue_match: lines of the book that are spoken in the film (paper 3.2).
--
-- Shared n-grams tell which words of a paragraph are heard where in the film. Words heard within a dozen
-- words of each other are one match. Its score is the sum of the idf of its distinct words; it counts
-- where that is more than ln(words of the book x words of the film), that is, where fewer than one match
-- as good is to be expected by chance in the whole pair.
WITH rare AS (
    -- An n-gram with many places on both sides says nothing and costs much.
    SELECT key FROM ngram GROUP BY key
    HAVING count(*) FILTER (side = 'book') BETWEEN 1 AND 20 AND count(*) FILTER (side = 'film') BETWEEN 1 AND 20
),
shared AS (
    SELECT unnest(b.at) AS book_position, unnest(f.at) AS film_position
    FROM rare
    JOIN ngram AS b ON b.key = rare.key AND b.side = 'book'
    JOIN ngram AS f ON f.key = rare.key AND f.side = 'film'
),
placed AS (
    SELECT DISTINCT q.chapter_no, q.paragraph_no, q.word, book_position, film_position, c.scene_no, c.cue_no, c.start_s
    FROM shared
    JOIN quote_word AS q ON q.position = book_position
    JOIN cue_word AS c ON c.position = film_position
),
marked AS (
    SELECT *, coalesce(film_position - lag(film_position) OVER w > 12, true)::INTEGER AS is_new
    FROM placed
    WINDOW w AS (PARTITION BY chapter_no, paragraph_no, scene_no ORDER BY film_position, book_position)
),
numbered AS (
    SELECT *, sum(is_new) OVER (PARTITION BY chapter_no, paragraph_no, scene_no ORDER BY film_position, book_position)
        AS match_no
    FROM marked
),
-- A word that has a twin is counted once, on either side.
word AS (
    SELECT chapter_no, paragraph_no, scene_no, match_no, word,
        min(cue_no) AS first_cue_no, max(cue_no) AS last_cue_no, min(start_s) AS film_s,
        least(count(DISTINCT book_position), count(DISTINCT film_position)) AS n
    FROM numbered
    GROUP BY ALL
),
match AS (
    SELECT chapter_no, paragraph_no, scene_no, min(first_cue_no) AS cue_no, max(last_cue_no) AS last_cue_no,
        min(film_s) AS film_s, sum(n)::INTEGER AS n_words, sum(n * idf) AS score
    FROM word JOIN word_weight USING (word)
    GROUP BY chapter_no, paragraph_no, scene_no, match_no
)
SELECT $title_id AS title_id, chapter_no, paragraph_no, scene_no, cue_no, film_s, n_words, score,
    (SELECT string_agg(text, ' … ' ORDER BY quote_no) FROM quote AS q
     WHERE q.book_id = $book_id AND q.chapter_no = match.chapter_no AND q.paragraph_no = match.paragraph_no) AS book_text,
    (SELECT string_agg(text, ' ' ORDER BY cue_no) FROM cue AS c
     WHERE c.film_id = $film_id AND c.cue_no BETWEEN match.cue_no AND match.last_cue_no) AS film_text
FROM match
WHERE n_words >= 3
    AND score > (SELECT ln(count(*)) FROM quote_word) + (SELECT ln(count(*)) FROM cue_word)
ORDER BY ALL
