-- transition: transition costs of a hidden Markov model (Rabiner 1989): -log, in nats, of how likely the story moves from
-- one chapter to another, or stays, from a scene to the next. The path and the probabilities of the following files run
-- over this model.
--   in_book    true: the next scene tells the chapter. false: the next scene is not in the book; it leaves the story where it
--              is, at no cost
--   cost_nats  a penalty rather than a normalized probability where the story skips or goes back
--
-- Staying and going on follow from the numbers of chapters and scenes: the longer a chapter, the more scenes tell it.
-- Skipping costs $skip_nats for each left-out chapter of mean length, in proportion for others. Going back (a flashback,
-- another order) costs $back_nats plus the log of the number of chapters; so does a skip that would cost more than that.
--
-- Constants: min_next, max_next = 0.01, 0.9: bounds of the probability that the next scene starts the next chapter. Not
-- tuned; they only keep it away from 0 and 1.
WITH constant AS (SELECT 0.01 AS min_next, 0.9 AS max_next),
place AS (
    SELECT chapter_no, n_words / avg(n_words) OVER () AS length, count(*) OVER () AS n_chapters,
        sum(n_words) OVER (ORDER BY chapter_no) / avg(n_words) OVER () AS length_to_here
    FROM chapter
    WHERE book_id = $book_id
),
next AS (
    SELECT chapter_no, greatest(min_next, least(max_next, n_chapters / greatest(1, n_scenes) / length)) AS p
    FROM place, (SELECT count(*) AS n_scenes FROM scene WHERE film_id = $film_id), constant
)
SELECT i.chapter_no AS from_chapter_no, k.chapter_no AS to_chapter_no, true AS in_book,
    CASE
        WHEN k.chapter_no = i.chapter_no THEN -ln(1 - p)
        WHEN k.chapter_no > i.chapter_no
            THEN least(-ln(p) + $skip_nats * (k.length_to_here - k.length - i.length_to_here), $back_nats + ln(k.n_chapters))
        ELSE $back_nats + ln(k.n_chapters)
    END AS cost_nats
FROM place AS i
JOIN next USING (chapter_no)
CROSS JOIN place AS k
UNION ALL
SELECT chapter_no, chapter_no, false, 0 FROM place
