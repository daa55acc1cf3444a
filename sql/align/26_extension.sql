-- extension: extension step of seed-and-extend search (BLAST; Altschul et al. 1990). The film's words in and around
-- each seed, each matched with a word of the book or with none, and scored.
--   book_position  of the matched word; NULL for a mismatch
--   score_nats     log-likelihood ratio of the word: "the line is spoken here" against chance
--
-- A film word may match on any diagonal of the seed or up to max_drift_words off it. A match scores its surprisal: given
-- the previous word (bigram) where both words continue a match, else by itself (unigram) less the log of the number of
-- places tried. A line is assumed to be spoken with p_kept of its words unchanged.
--
-- Constants, none of them tuned:
--   words_before, words_after  10, 12 words of the film looked at before and after the n-grams of the seed
--   max_drift_words            3 words off the seed's diagonals, to either side, so 7 places
--   p_kept, p_changed          2/3, 1/3: probabilities that a spoken line keeps or changes a word
WITH constant AS (
    SELECT 10 AS words_before, 12 AS words_after, 3 AS max_drift_words, 2 / 3 AS p_kept, 1 / 3 AS p_changed
),
film_word AS (
    SELECT seed_no, chapter_no, paragraph_no, scene_no, diagonal_from, diagonal_to, c.position AS film_position, word
    FROM seed
    JOIN cue_word AS c USING (scene_no)
    CROSS JOIN constant
    WHERE c.position BETWEEN film_from - words_before AND film_to + words_after
),
met AS (
    SELECT seed_no, film_position, b.position AS book_position,
        count(*) OVER (PARTITION BY seed_no, b.position - film_position) AS n_on_diagonal
    FROM (SELECT *, unnest(generate_series(diagonal_from - max_drift_words, diagonal_to + max_drift_words)) AS diagonal
          FROM film_word, constant) AS f
    JOIN book_word AS b ON b.position = film_position + diagonal AND b.word = f.word
        AND b.paragraph_no = f.paragraph_no AND b.chapter_no = f.chapter_no
),
-- Each word of the film and of the book matches at most once: on the diagonal with the most matches.
matched AS (
    SELECT *
    FROM (SELECT * FROM met
          QUALIFY row_number() OVER (PARTITION BY seed_no, film_position ORDER BY n_on_diagonal DESC, book_position) = 1)
    QUALIFY row_number() OVER (PARTITION BY seed_no, book_position ORDER BY n_on_diagonal DESC, film_position) = 1
),
joined AS (
    SELECT film_word.*, book_position,
        film_position - lag(film_position) OVER w = 1 AND book_position - lag(book_position) OVER w = 1 AS continues,
        lag(word) OVER w AS previous
    FROM film_word
    LEFT JOIN matched USING (seed_no, film_position)
    WINDOW w AS (PARTITION BY seed_no ORDER BY film_position)
)
SELECT seed_no, chapter_no, paragraph_no, scene_no, film_position, book_position,
    CASE WHEN book_position IS NULL THEN ln(p_changed)
        WHEN continues THEN ln(p_kept) + least(unigram.surprisal_nats, coalesce(bigram.surprisal_nats, unigram.surprisal_nats))
        ELSE ln(p_kept) + greatest(0, unigram.surprisal_nats - ln(2 * max_drift_words + 1)) END AS score_nats
FROM joined
JOIN unigram USING (word)
LEFT JOIN bigram USING (previous, word)
CROSS JOIN constant
