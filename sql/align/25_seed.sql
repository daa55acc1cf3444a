-- seed: seeding step of seed-and-extend search (BLAST; Altschul et al. 1990). A seed is a place where a line of the book
-- may be spoken in the film: n-grams that book and film share, chained where they follow each other in both.
--   seed_no                      number of the seed
--   film_from, film_to           positions in the film of its first and its last n-gram
--   diagonal_from, diagonal_to   book position less film position, the least and the greatest of its n-grams; words
--                                that correspond without insertions and deletions lie on one diagonal
--
-- N-grams that do not tell chapters apart are skipped, as BLAST masks low-complexity sequence.
--
-- Constants, none of them tuned:
--   max_film_places   20     occurrences in the film, up to which an n-gram is used
--   common_chapters   2      chapters in which an n-gram may always occur, unless that is all of them
--   common_share      0.1    share of the chapters in which it may occur, where that is more
--   max_gap_words     12     from one n-gram of a seed to the next, in the film
--   max_drift_words   3      change of the diagonal from one n-gram of a seed to the next
WITH constant AS (
    SELECT 20 AS max_film_places, 2 AS common_chapters, 0.1 AS common_share, 12 AS max_gap_words, 3 AS max_drift_words
),
chapter_limit AS (
    SELECT greatest(1, least(count(*) - 1, greatest(any_value(common_chapters), any_value(common_share) * count(*)))) AS max_chapters
    FROM chapter, constant
    WHERE book_id = $book_id
),
telling AS (
    SELECT key
    FROM ngram
    LEFT JOIN book_word AS b ON side = 'book' AND b.position = ngram.position
    GROUP BY key
    HAVING count(*) FILTER (side = 'film') BETWEEN 1 AND (SELECT max_film_places FROM constant)
        AND count(DISTINCT chapter_no) BETWEEN 1 AND (SELECT max_chapters FROM chapter_limit)
),
shared AS (
    SELECT DISTINCT f.position AS film_position, b.position - f.position AS diagonal, b.position AS book_position
    FROM telling
    JOIN ngram AS b ON b.key = telling.key AND b.side = 'book'
    JOIN ngram AS f ON f.key = telling.key AND f.side = 'film'
),
placed AS (
    SELECT chapter_no, paragraph_no, scene_no, film_position, diagonal
    FROM shared
    JOIN book_word AS b ON b.position = book_position
    JOIN cue_word AS c ON c.position = film_position
),
marked AS (
    SELECT *,
        coalesce(film_position - lag(film_position) OVER w NOT BETWEEN 0 AND max_gap_words
            OR diagonal - lag(diagonal) OVER w > max_drift_words, true)::INTEGER AS is_new
    FROM placed, constant
    WINDOW w AS (PARTITION BY chapter_no, paragraph_no, scene_no ORDER BY diagonal, film_position)
),
numbered AS (
    SELECT *, sum(is_new) OVER (ORDER BY chapter_no, paragraph_no, scene_no, diagonal, film_position) AS seed_no
    FROM marked
)
SELECT seed_no, chapter_no, paragraph_no, scene_no, min(film_position) AS film_from, max(film_position) AS film_to,
    min(diagonal) AS diagonal_from, max(diagonal) AS diagonal_to
FROM numbered
GROUP BY seed_no, chapter_no, paragraph_no, scene_no
