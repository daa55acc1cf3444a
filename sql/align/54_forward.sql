-- forward: forward pass of the forward-backward algorithm (Baum and others 1970), scaled: where the story is in each part,
-- given the evidence of the parts before it, summed over all paths. Before the first part, it is at the first chapter.
--   before   probability that the story was at the chapter in the part before
--   reached  probability that it is at the chapter now, if this part is in the book: it moved there (transition), or jumped
--            there, with the probability back_share (rate), each chapter being equally likely
WITH RECURSIVE anywhere AS (
    SELECT back_share / (SELECT count(*) FROM chapter WHERE book_id = $book_id) AS jump FROM rate
),
pass AS (
    SELECT 0::BIGINT AS part_no, chapter_no, 0::DOUBLE AS before, 0::DOUBLE AS reached,
        (chapter_no = min(chapter_no) OVER ())::INTEGER::DOUBLE AS p
    FROM chapter
    WHERE book_id = $book_id
    UNION ALL
    SELECT part_no, chapter_no, before, reached, p / sum(p) OVER ()
    FROM (SELECT part_no, chapter_no, before, weight + jump AS reached, (tells + borrows) * reached + invented * before AS p
          FROM (SELECT part_no + 1 AS part_no, to_chapter_no AS chapter_no, sum(p * weight) AS weight,
                    sum(CASE WHEN from_chapter_no = to_chapter_no THEN p END) AS before
                FROM pass
                JOIN transition ON from_chapter_no = chapter_no
                GROUP BY ALL) AS moved
          JOIN state USING (part_no, chapter_no)
          CROSS JOIN anywhere)
)
SELECT part_no, chapter_no, before, reached FROM pass WHERE part_no > 0
