-- backward: backward pass of the forward-backward algorithm (Baum and others 1970), scaled: the likelihood of the evidence of
-- all later parts if the story is at a chapter in this part, summed over all paths.
--   likelihood  adds up to 1 for each part
WITH RECURSIVE anywhere AS (
    SELECT back_share / (SELECT count(*) FROM chapter WHERE book_id = $book_id) AS jump FROM rate
),
pass AS (
    SELECT (SELECT max(part_no) FROM state) AS part_no, chapter_no, 1 / count(*) OVER () AS likelihood
    FROM chapter
    WHERE book_id = $book_id
    UNION ALL
    SELECT part_no - 1, chapter_no, likelihood / sum(likelihood) OVER ()
    FROM (SELECT part_no, from_chapter_no AS chapter_no,
              sum(told * weight) + any_value(all_told) * any_value(jump)
                  + sum(CASE WHEN from_chapter_no = to_chapter_no THEN kept END) AS likelihood
          FROM (SELECT part_no, chapter_no, likelihood * (tells + borrows) AS told, sum(told) OVER () AS all_told,
                    likelihood * invented AS kept
                FROM pass
                JOIN state USING (part_no, chapter_no)
                WHERE part_no > 1) AS later
          JOIN transition ON to_chapter_no = later.chapter_no
          CROSS JOIN anywhere
          GROUP BY part_no, from_chapter_no)
)
SELECT * FROM pass
