-- posterior: the probability of each cell, given all evidence before, in and after its scene, over all ways (p).
SELECT scene_no, chapter_no, in_book, p * weight / sum(p * weight) OVER (PARTITION BY scene_no) AS p
FROM forward
JOIN backward USING (scene_no, chapter_no)
