-- name_claim: what the names of a scene claim for each chapter, in nats: their chance under the chapter's share of
-- names against the book's. A chapter's share is smoothed by 20 names drawn from the whole book; a name counts
-- three times at most, since one talk names the same person again and again.
WITH in_chapter AS (SELECT place_no AS chapter_no, name, n FROM name_count WHERE place = 'chapter'),
in_scene AS (SELECT place_no AS scene_no, name, least(n, 3) AS n FROM name_count WHERE place = 'scene'),
in_book AS (SELECT name, sum(n) / sum(sum(n)) OVER () AS share FROM in_chapter GROUP BY name),
total AS (
    SELECT chapter_no, coalesce(sum(n), 0) AS n FROM chapter LEFT JOIN in_chapter USING (chapter_no)
    WHERE book_id = $book_id
    GROUP BY ALL
)
SELECT total.chapter_no, s.scene_no,
    round(sum(s.n * ln((coalesce(c.n, 0) + 20 * b.share) / (total.n + 20) / b.share)), 6) AS nats
FROM in_scene AS s
JOIN in_book AS b USING (name)
CROSS JOIN total
LEFT JOIN in_chapter AS c ON c.chapter_no = total.chapter_no AND c.name = s.name
GROUP BY ALL
