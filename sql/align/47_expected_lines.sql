-- expected_lines: mean of a Poisson process: how many lines of its own chapter a part of a scene is expected to speak, in
-- proportion to what is said there. A scene of mean length has one with the probability p_related.
--
-- Constant: max_lines = 3 lines. Not tuned.
WITH constant AS (SELECT 3 AS max_lines)
SELECT part_no, least(any_value(max_lines), any_value(-ln(1 - p_related)) * count(*) / any_value(mean_scene_words)) AS n_lines
FROM cue_word
JOIN part_cue USING (cue_no)
CROSS JOIN score_statistics
CROSS JOIN constant
GROUP BY part_no
