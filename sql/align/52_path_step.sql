-- path_step: the cheapest way to each (scene, chapter), scene after scene (paper 3.2: shortest path over
-- the chapter x scene graph). A scene is in its chapter (in_book), or it is the film's own invention while
-- the story stands at that chapter; an invented scene explains nothing and so earns no evidence.
-- from_* tell the step before.
WITH RECURSIVE
evidence AS (
    SELECT scene_no, chapter_no, true AS in_book, dialogue + characters + place AS nats
    FROM chapter_scene_evidence WHERE title_id = $title_id AND film_id = $film_id
    UNION ALL
    SELECT scene_no, chapter_no, false, 0
    FROM chapter_scene_evidence WHERE title_id = $title_id AND film_id = $film_id
),
-- A film that invents one scene is likelier to go on inventing.
invention(from_in_book, to_in_book, price) AS (
    VALUES (true, true, -ln(1 - $invented_share)), (true, false, -ln($invented_share)),
           (false, true, -ln(0.5)), (false, false, -ln(0.5))
),
edge AS (
    SELECT from_chapter_no, to_chapter_no, from_in_book, to_in_book, step_price.price + invention.price AS price
    FROM step_price CROSS JOIN invention
    WHERE to_in_book OR from_chapter_no = to_chapter_no
),
step AS (
    -- To begin at a later chapter costs as much as to skip those before it.
    SELECT scene_no, chapter_no, in_book, begin.price - nats AS price,
        NULL::INTEGER AS from_chapter_no, NULL::BOOLEAN AS from_in_book
    FROM evidence
    JOIN (SELECT to_chapter_no AS chapter_no, price FROM step_price
          WHERE from_chapter_no = (SELECT min(chapter_no) FROM chapter WHERE book_id = $book_id)) AS begin USING (chapter_no)
    WHERE scene_no = 1
    UNION ALL
    SELECT evidence.scene_no, evidence.chapter_no, evidence.in_book,
        min(step.price + edge.price) - any_value(nats),
        arg_min(step.chapter_no, step.price + edge.price), arg_min(step.in_book, step.price + edge.price)
    FROM step
    JOIN edge ON edge.from_chapter_no = step.chapter_no AND edge.from_in_book = step.in_book
    JOIN evidence ON evidence.scene_no = step.scene_no + 1
        AND evidence.chapter_no = edge.to_chapter_no AND evidence.in_book = edge.to_in_book
    GROUP BY evidence.scene_no, evidence.chapter_no, evidence.in_book
)
SELECT * FROM step
