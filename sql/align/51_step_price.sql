-- step_price: what it costs, in nats, to go from chapter i to chapter k at the next scene. The price of
-- staying and of going on follow from how many scenes a chapter has; a chapter that is skipped costs
-- $skip_nats if it is of mean length; going back (a flashback, a new order) costs $back_nats.
WITH place AS (
    SELECT chapter_no, n_words / avg(n_words) OVER () AS length,
        sum(n_words / avg_words) OVER (ORDER BY chapter_no) AS length_to_here,
        count(*) OVER () AS n_chapters
    FROM chapter, (SELECT avg(n_words) AS avg_words FROM chapter WHERE book_id = $book_id)
    WHERE book_id = $book_id
),
rate AS (
    -- Chance that a new chapter begins at a new scene, kept off 0 and 1.
    SELECT greatest(0.01, least(0.5, any_value(n_chapters) / greatest(1, (SELECT count(*) FROM scene WHERE film_id = $film_id)))) AS p
    FROM place
)
SELECT i.chapter_no AS from_chapter_no, k.chapter_no AS to_chapter_no,
    CASE
        WHEN k.chapter_no = i.chapter_no THEN -ln(1 - p)
        WHEN k.chapter_no > i.chapter_no THEN -ln(p) + $skip_nats * (k.length_to_here - k.length - i.length_to_here)
        ELSE $back_nats
    END AS price
FROM place AS i, place AS k, rate
