-- hint: places where a line of the book may be spoken: n-grams that book and film share, joined where
-- they follow each other in both.
--   film_from, film_to    positions in the film of the first and the last of them
--   shift_from, shift_to  how far on in the book, at least and at most
WITH telling AS (
    -- What is said in more than two chapters and a tenth of them, or in all, does not tell one from another.
    SELECT key
    FROM ngram
    LEFT JOIN book_word AS b ON side = 'book' AND b.position = ngram.position
    GROUP BY key
    HAVING count(*) FILTER (side = 'film') BETWEEN 1 AND 20
        AND count(DISTINCT chapter_no) BETWEEN 1 AND (
            SELECT greatest(1, least(count(*) - 1, greatest(2, 0.1 * count(*)))) FROM chapter WHERE book_id = $book_id)
),
shared AS (
    SELECT DISTINCT f.position AS film_position, b.position - f.position AS shift, b.position AS book_position
    FROM telling
    JOIN ngram AS b ON b.key = telling.key AND b.side = 'book'
    JOIN ngram AS f ON f.key = telling.key AND f.side = 'film'
),
placed AS (
    SELECT chapter_no, paragraph_no, scene_no, film_position, shift
    FROM shared
    JOIN book_word AS b ON b.position = book_position
    JOIN cue_word AS c ON c.position = film_position
),
marked AS (
    SELECT *, coalesce(film_position - lag(film_position) OVER w NOT BETWEEN 0 AND 12 OR shift - lag(shift) OVER w > 3, true)::INTEGER AS is_new
    FROM placed
    WINDOW w AS (PARTITION BY chapter_no, paragraph_no, scene_no ORDER BY shift, film_position)
),
numbered AS (
    SELECT *, sum(is_new) OVER (ORDER BY chapter_no, paragraph_no, scene_no, shift, film_position) AS hint_no
    FROM marked
)
SELECT hint_no, chapter_no, paragraph_no, scene_no, min(film_position) AS film_from, max(film_position) AS film_to,
    min(shift) AS shift_from, max(shift) AS shift_to
FROM numbered
GROUP BY ALL
