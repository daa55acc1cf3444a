-- forward: forward pass of the forward-backward algorithm (Baum and others 1970), scaled: the probability of each state
-- given the evidence of its scene and the scenes before it, summed over all paths.
--   p  adds up to 1 for each scene
WITH RECURSIVE step AS (
    SELECT from_chapter_no, to_chapter_no, in_book, exp(-cost_nats) AS p FROM transition
),
pass AS (
    SELECT 0 AS scene_no, min(chapter_no) AS chapter_no, false AS in_book, 1::DOUBLE AS p FROM chapter WHERE book_id = $book_id
    UNION ALL
    SELECT scene_no, chapter_no, in_book, p / sum(p) OVER ()
    FROM (SELECT s.scene_no, s.chapter_no, s.in_book, any_value(s.likelihood) * sum(before.p * step.p) AS p
          FROM (SELECT scene_no, chapter_no, sum(p) AS p FROM pass GROUP BY scene_no, chapter_no) AS before
          JOIN step ON step.from_chapter_no = before.chapter_no
          JOIN state AS s ON s.scene_no = before.scene_no + 1 AND s.chapter_no = step.to_chapter_no AND s.in_book = step.in_book
          GROUP BY s.scene_no, s.chapter_no, s.in_book)
)
SELECT * FROM pass WHERE scene_no > 0
