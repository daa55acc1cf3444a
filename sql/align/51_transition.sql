-- transition: transition probabilities of a hidden Markov model (Rabiner 1989): how likely the story moves from one chapter
-- to another, or stays, from a scene that is in the book to the next. (A scene that is not in the book leaves the story where
-- it is.) A jump to any other place, mostly back (a flashback, another order), is added to these by the files that follow.
--   weight  a probability, except that each skipped chapter of mean length costs $skip_nats, in proportion for others, without
--           the rest being normalized
--
-- Staying and going on follow from the numbers of chapters and scenes: the longer a chapter, the more scenes tell it.
--
-- Constants: min_next, max_next = 0.01, 0.9: bounds of the probability that the next scene starts the next chapter. They only
-- keep it away from 0 and 1. max_skip_nats = 10, beyond which a skip is left to jumps. None of them was tuned.
WITH constant AS (SELECT 0.01 AS min_next, 0.9 AS max_next, 10 AS max_skip_nats),
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
SELECT i.chapter_no AS from_chapter_no, k.chapter_no AS to_chapter_no,
    CASE WHEN k.chapter_no = i.chapter_no THEN 1 - p
        ELSE p * exp(-$skip_nats * (k.length_to_here - k.length - i.length_to_here)) END AS weight
FROM place AS i
JOIN next USING (chapter_no)
JOIN place AS k ON k.chapter_no >= i.chapter_no
CROSS JOIN constant
WHERE $skip_nats * (k.length_to_here - k.length - i.length_to_here) <= max_skip_nats
