-- posterior: posterior probabilities of the forward-backward algorithm (Baum and others 1970): the probability p of each
-- state given the evidence of all scenes, summed over all paths.
SELECT scene_no, chapter_no, in_book, p * likelihood / sum(p * likelihood) OVER (PARTITION BY scene_no) AS p
FROM forward
JOIN backward USING (scene_no, chapter_no)
