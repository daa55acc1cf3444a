-- step_price: what it costs, in nats, that the story goes from a chapter to a chapter (or stays) at the next scene:
-- -log of how likely a film is to do so.
--   in_book  the next scene tells the chapter; one of the film's own invention moves the story nowhere, at no price
--
-- To stay or to go on follows from how many chapters and scenes there are: the longer a chapter, the more scenes tell it.
-- To skip costs $skip_nats for a chapter of mean length that is left out, less for a shorter one. To go back (a
-- flashback, a new order) costs $back_nats and the choice among all chapters; to leave out so much that it would cost
-- more is a new order, too.
WITH place AS (
    SELECT chapter_no, n_words / avg(n_words) OVER () AS length, count(*) OVER () AS n_chapters,
        sum(n_words) OVER (ORDER BY chapter_no) / avg(n_words) OVER () AS length_to_here
    FROM chapter
    WHERE book_id = $book_id
),
rate AS (
    -- Chance that the next scene begins the next chapter, kept off 0 and 1.
    SELECT chapter_no, greatest(0.01, least(0.9, n_chapters / greatest(1, n_scenes) / length)) AS p
    FROM place, (SELECT count(*) AS n_scenes FROM scene WHERE film_id = $film_id)
)
SELECT i.chapter_no AS from_chapter_no, k.chapter_no AS to_chapter_no, true AS in_book,
    CASE
        WHEN k.chapter_no = i.chapter_no THEN -ln(1 - p)
        WHEN k.chapter_no > i.chapter_no
            THEN least(-ln(p) + $skip_nats * (k.length_to_here - k.length - i.length_to_here), $back_nats + ln(k.n_chapters))
        ELSE $back_nats + ln(k.n_chapters)
    END AS price
FROM place AS i
JOIN rate USING (chapter_no)
CROSS JOIN place AS k
UNION ALL
SELECT chapter_no, chapter_no, false, 0 FROM place
