-- backward: how likely the evidence of the later scenes is where the story stands at a chapter in this one, over all
-- ways (weight; adds up to 1 a scene).
WITH RECURSIVE edge AS (
    SELECT from_chapter_no, to_chapter_no, in_book, exp(-price) AS share FROM step_price
),
step AS (
    SELECT (SELECT max(scene_no) FROM cell) AS scene_no, chapter_no, 1 / count(*) OVER () AS weight
    FROM chapter
    WHERE book_id = $book_id
    UNION ALL
    SELECT scene_no - 1, from_chapter_no, share / sum(share) OVER ()
    FROM (SELECT scene_no, e.from_chapter_no, sum(weight * c.share * e.share) AS share
          FROM step
          JOIN cell AS c USING (scene_no, chapter_no)
          JOIN edge AS e ON e.to_chapter_no = step.chapter_no AND e.in_book = c.in_book
          WHERE scene_no > 1
          GROUP BY ALL)
)
SELECT * FROM step
