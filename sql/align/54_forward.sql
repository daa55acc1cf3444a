-- forward: how likely each cell is by the evidence of the scenes up to it, over all ways (p; adds up to 1 a scene).
WITH RECURSIVE edge AS (
    SELECT from_chapter_no, to_chapter_no, in_book, exp(-price) AS share FROM step_price
),
step AS (
    SELECT 0 AS scene_no, min(chapter_no) AS chapter_no, false AS in_book, 1::DOUBLE AS p FROM chapter WHERE book_id = $book_id
    UNION ALL
    SELECT scene_no, chapter_no, in_book, share / sum(share) OVER ()
    FROM (SELECT c.scene_no, c.chapter_no, c.in_book, any_value(c.share) * sum(p * e.share) AS share
          FROM (SELECT scene_no, chapter_no, sum(p) AS p FROM step GROUP BY ALL) AS s
          JOIN edge AS e ON e.from_chapter_no = s.chapter_no
          JOIN cell AS c ON c.scene_no = s.scene_no + 1 AND c.chapter_no = e.to_chapter_no AND c.in_book = e.in_book
          GROUP BY ALL)
)
SELECT * FROM step WHERE scene_no > 0
