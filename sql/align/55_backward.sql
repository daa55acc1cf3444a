-- backward: backward pass of the forward-backward algorithm (Baum and others 1970), scaled: the likelihood of the evidence
-- of all later scenes if the story is at a chapter in this scene, summed over all paths.
--   likelihood  adds up to 1 for each scene
WITH RECURSIVE step AS (
    SELECT from_chapter_no, to_chapter_no, in_book, exp(-cost_nats) AS p FROM transition
),
pass AS (
    SELECT (SELECT max(scene_no) FROM state) AS scene_no, chapter_no, 1 / count(*) OVER () AS likelihood
    FROM chapter
    WHERE book_id = $book_id
    UNION ALL
    SELECT scene_no - 1, from_chapter_no, likelihood / sum(likelihood) OVER ()
    FROM (SELECT scene_no, step.from_chapter_no, sum(pass.likelihood * s.likelihood * step.p) AS likelihood
          FROM pass
          JOIN state AS s USING (scene_no, chapter_no)
          JOIN step ON step.to_chapter_no = pass.chapter_no AND step.in_book = s.in_book
          WHERE scene_no > 1
          GROUP BY scene_no, step.from_chapter_no)
)
SELECT * FROM pass
