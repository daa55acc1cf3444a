-- viterbi: Viterbi algorithm (Viterbi 1967), forward pass: for each scene and chapter, the cheapest path through all scenes
-- so far that ends there (paper 3.2: the shortest path over the graph of chapters and scenes). Before the first scene, the
-- story is at the first chapter.
--   survivor  the last step of that path
--     cost_nats            of the whole path
--     in_book              whether the scene tells the chapter
--     previous_chapter_no  where the story was at the scene before; the first chapter of those with equal cost
WITH RECURSIVE path AS (
    SELECT 0 AS scene_no, min(chapter_no) AS chapter_no,
        {cost_nats: 0::DOUBLE, in_book: false, previous_chapter_no: NULL::INTEGER} AS survivor
    FROM chapter
    WHERE book_id = $book_id
    UNION ALL
    SELECT state.scene_no, state.chapter_no,
        min({cost_nats: path.survivor.cost_nats + t.cost_nats - log_likelihood_nats, in_book: state.in_book,
             previous_chapter_no: path.chapter_no})
    FROM path
    JOIN transition AS t ON t.from_chapter_no = path.chapter_no
    JOIN state ON state.scene_no = path.scene_no + 1 AND state.chapter_no = t.to_chapter_no AND state.in_book = t.in_book
    GROUP BY state.scene_no, state.chapter_no
)
SELECT * FROM path
