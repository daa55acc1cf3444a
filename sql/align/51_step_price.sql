-- step_price: what it costs, in nats, that the story goes from a chapter to a chapter (or stays) at the next scene:
-- -log of how likely a film is to do so.
--   stay, go on  follow from how many chapters and scenes there are
--   skip         $skip_nats for a chapter of mean length that is left out, less for a shorter one
--   go back      (a flashback, a new order) $back_nats and the choice among all chapters; to leave out so much that
--                it would cost more is a new order, too
WITH place AS (
    SELECT chapter_no, n_words / avg(n_words) OVER () AS length, count(*) OVER () AS n_chapters,
        sum(n_words) OVER (ORDER BY chapter_no) / avg(n_words) OVER () AS length_to_here
    FROM chapter
    WHERE book_id = $book_id
),
rate AS (
    -- Chance that a new chapter begins at a new scene, kept off 0 and 1.
    SELECT greatest(0.01, least(0.5, (SELECT count(*) FROM place) / greatest(1, count(*)))) AS p
    FROM scene
    WHERE film_id = $film_id
)
SELECT i.chapter_no AS from_chapter_no, k.chapter_no AS to_chapter_no,
    CASE
        WHEN k.chapter_no = i.chapter_no THEN -ln(1 - p)
        WHEN k.chapter_no > i.chapter_no
            THEN least(-ln(p) + $skip_nats * (k.length_to_here - k.length - i.length_to_here), $back_nats + ln(k.n_chapters))
        ELSE $back_nats + ln(k.n_chapters)
    END AS price
FROM place AS i, place AS k, rate
