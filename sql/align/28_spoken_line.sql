-- spoken_line: of each hint the run of the film's words that says most, as in Smith and Waterman's local
-- alignment.
--   run_from, run_to  positions of its first and last word in the film
--   n_words           words in common
--   is_quote          most of them are said in the book, too; else the book narrates them
--   score             the sum of what its words say, in nats
--   beyond_nats       how much better that is than the best that chance has for one pair of a chapter and a
--                     scene of these lengths, each word by itself; words that go together make it too great
WITH summed AS (
    SELECT *, sum(nats) OVER w AS up_to, sum(nats) OVER w - nats AS before_it
    FROM hint_word
    WINDOW w AS (PARTITION BY hint_no ORDER BY film_position)
),
from_here AS (
    SELECT *, min(before_it) OVER w AS least_before, arg_min(film_position, before_it) OVER w AS run_from
    FROM summed
    WINDOW w AS (PARTITION BY hint_no ORDER BY film_position)
),
run AS (
    SELECT hint_no, chapter_no, paragraph_no, scene_no, max(up_to - least_before) AS score,
        arg_max(film_position, up_to - least_before) AS run_to, arg_max(run_from, up_to - least_before) AS run_from
    FROM from_here
    GROUP BY ALL
),
-- The film's word speaks for one place in a chapter only.
best AS (
    SELECT hint_no, chapter_no, paragraph_no, scene_no, score, run_from, run_to
    FROM run
    WHERE NOT EXISTS (
        SELECT 1 FROM run AS o
        WHERE o.chapter_no = run.chapter_no AND o.scene_no = run.scene_no AND o.run_from <= run.run_to AND o.run_to >= run.run_from
            AND (o.score, -o.hint_no) > (run.score, -run.hint_no))
)
SELECT best.*, n_words, is_quote, score - ln(in_chapter.n) - ln(in_scene.n) AS beyond_nats
FROM best
JOIN (SELECT hint_no, count(*) AS n_words, avg(is_quote::INTEGER) >= 0.5 AS is_quote
      FROM hint_word
      JOIN best USING (hint_no)
      JOIN book_word ON book_word.position = book_position
      WHERE film_position BETWEEN run_from AND run_to
      GROUP BY ALL) USING (hint_no)
JOIN (SELECT chapter_no, count(*) AS n FROM book_word GROUP BY ALL) AS in_chapter USING (chapter_no)
JOIN (SELECT scene_no, count(*) AS n FROM cue_word GROUP BY ALL) AS in_scene USING (scene_no)
WHERE n_words >= 3 AND beyond_nats > -3
