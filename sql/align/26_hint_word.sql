-- hint_word: the film's words in and around each hint, each with the word of the book that it is.
--   book_position  NULL where the book has another word there
--   nats           what that says for the line's being spoken
--
-- A word may stand up to three places before or after where the line goes on. It says its surprise: after the
-- word before it, where both go on together (pair_weight); else its idf, less log 7 for the seven places.
-- A line is spoken with two of three words kept: that is what another word says against it.
WITH here AS (
    SELECT hint_no, chapter_no, paragraph_no, scene_no, shift_from, shift_to, c.position AS film_position, word
    FROM hint
    JOIN cue_word AS c USING (scene_no)
    WHERE c.position BETWEEN film_from - 10 AND film_to + 12
),
met AS (
    SELECT hint_no, film_position, b.position AS book_position,
        count(*) OVER (PARTITION BY hint_no, b.position - film_position) AS n_at_shift
    FROM (SELECT *, unnest(generate_series(shift_from - 3, shift_to + 3)) AS shift FROM here) AS h
    JOIN book_word AS b ON b.position = film_position + shift AND b.word = h.word
        AND b.paragraph_no = h.paragraph_no AND b.chapter_no = h.chapter_no
),
-- A word that stands once matches once.
once AS (
    SELECT *
    FROM (SELECT * FROM met
          QUALIFY row_number() OVER (PARTITION BY hint_no, film_position ORDER BY n_at_shift DESC, book_position) = 1)
    QUALIFY row_number() OVER (PARTITION BY hint_no, book_position ORDER BY n_at_shift DESC, film_position) = 1
),
joined AS (
    SELECT here.*, book_position,
        film_position - lag(film_position) OVER w = 1 AND book_position - lag(book_position) OVER w = 1 AS goes_on,
        lag(word) OVER w AS before
    FROM here
    LEFT JOIN once USING (hint_no, film_position)
    WINDOW w AS (PARTITION BY hint_no ORDER BY film_position)
)
SELECT hint_no, chapter_no, paragraph_no, scene_no, film_position, book_position,
    CASE WHEN book_position IS NULL THEN ln(1 / 3)
        WHEN goes_on THEN ln(2 / 3) + least(idf, coalesce(pair_weight.nats, idf))
        ELSE ln(2 / 3) + greatest(0, idf - ln(7)) END AS nats
FROM joined
JOIN word_weight USING (word)
LEFT JOIN pair_weight USING (before, word)
