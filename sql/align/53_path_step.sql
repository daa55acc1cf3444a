-- path_step: the cheapest way by which the story comes to stand at each chapter in each scene, scene after scene
-- (paper 3.2: the shortest path over the graph of chapters and scenes). Before the first scene it stands at the
-- book's beginning.
--   came  price    of the way, in nats
--         in_book  whether the scene tells the chapter
--         back     chapter at which the story stood before; of ways that cost the same, the least
WITH RECURSIVE step AS (
    SELECT 0 AS scene_no, min(chapter_no) AS chapter_no, {price: 0::DOUBLE, in_book: false, back: NULL::INTEGER} AS came
    FROM chapter
    WHERE book_id = $book_id
    UNION ALL
    SELECT cell.scene_no, cell.chapter_no,
        min({price: step.came.price + edge.price - nats, in_book: cell.in_book, back: step.chapter_no})
    FROM step
    JOIN step_price AS edge ON edge.from_chapter_no = step.chapter_no
    JOIN cell ON cell.scene_no = step.scene_no + 1 AND cell.chapter_no = edge.to_chapter_no AND cell.in_book = edge.in_book
    GROUP BY cell.scene_no, cell.chapter_no
)
SELECT * FROM step
