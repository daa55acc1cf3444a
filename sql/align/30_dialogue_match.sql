-- dialogue_match: lines of the book that are spoken in the film (paper 3.2).
-- key: title_id, film_id
--
-- Shared n-grams tell which words of a paragraph are heard where in the film. Words heard within a dozen
-- words of each other are one match. Its score is the surprise of its words, in nats: of a word that goes on
-- from the word before it, its surprise after that word (pair_weight); else its idf. A match counts where
-- that is more than ln(words of the chapter x words of the scene): where fewer than one match as good is to
-- be expected by chance. How much more is its evidence.
WITH rare AS (
    -- What is said in many chapters does not tell one from another.
    SELECT key
    FROM ngram
    LEFT JOIN quote_word AS q ON side = 'book' AND q.position = positions[1]
    GROUP BY key
    HAVING count(*) FILTER (side = 'film') BETWEEN 1 AND 20
        AND count(DISTINCT chapter_no) BETWEEN 1 AND greatest(2, 0.1 * (SELECT count(*) FROM chapter WHERE book_id = $book_id))
),
shared AS (
    SELECT unnest(b.positions) AS book_position, unnest(f.positions) AS film_position
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
-- A word that is said once matches once, however often the other side has it.
once AS (
    SELECT chapter_no, paragraph_no, scene_no, match_no, book_position, any_value(word) AS word,
        min(film_position) AS film_position, min(cue_no) AS cue_no, min(start_s) AS start_s
    FROM (SELECT * FROM numbered QUALIFY row_number() OVER (
        PARTITION BY chapter_no, paragraph_no, scene_no, match_no, film_position ORDER BY book_position) = 1)
    GROUP BY ALL
),
weighed AS (
    SELECT once.*,
        CASE WHEN book_position - lag(book_position) OVER w = 1 AND film_position - lag(film_position) OVER w = 1
            THEN least(idf, nats) ELSE idf END AS weight
    FROM once
    JOIN word_weight USING (word)
    LEFT JOIN quote_word AS b ON b.position = book_position - 1
    LEFT JOIN pair_weight AS p ON p.before = b.word AND p.word = once.word
    WINDOW w AS (PARTITION BY once.chapter_no, once.paragraph_no, scene_no, match_no ORDER BY book_position)
),
match AS (
    SELECT chapter_no, paragraph_no, scene_no, min(cue_no) AS cue_no, max(cue_no) AS last_cue_no,
        min(start_s) AS film_s, count(*)::INTEGER AS n_words, sum(weight) AS score
    FROM weighed
    GROUP BY chapter_no, paragraph_no, scene_no, match_no
)
SELECT $title_id AS title_id, $film_id AS film_id, chapter_no, paragraph_no, scene_no, cue_no, film_s, n_words, score,
    score - ln(in_chapter.n) - ln(in_scene.n) AS beyond_nats,
    (SELECT string_agg(text, ' … ' ORDER BY quote_no) FROM quote AS q
     WHERE q.book_id = $book_id AND q.chapter_no = match.chapter_no AND q.paragraph_no = match.paragraph_no) AS book_text,
    (SELECT string_agg(text, ' ' ORDER BY cue_no) FROM cue AS c
     WHERE c.film_id = $film_id AND c.cue_no BETWEEN match.cue_no AND match.last_cue_no) AS film_text
FROM match
JOIN (SELECT chapter_no, count(*) AS n FROM quote_word GROUP BY ALL) AS in_chapter USING (chapter_no)
JOIN (SELECT scene_no, count(*) AS n FROM cue_word GROUP BY ALL) AS in_scene USING (scene_no)
WHERE n_words >= 3 AND beyond_nats > 2
ORDER BY ALL
