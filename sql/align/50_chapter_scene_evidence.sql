-- chapter_scene_evidence: naive Bayes: for each chapter and scene, the sum of the log-likelihood ratios, in nats, that the
-- scene tells the chapter rather than something that is not in the book.
-- key: title_id, film_id
--   dialogue    spoken lines, as a marked Poisson process: every line adds the log of 1 + (rate of true lines) / (rate of
--               chance lines) of its score; the number of lines expected of the scene is subtracted, so that the absence
--               of lines counts against every chapter, the more so the more is said
--   characters  names of people, in the cues and as marked speakers, calibrated
--   words       other content words, places among them, calibrated
--   image       visual sentences against frames, calibrated, less the mean of all pairs, because every chapter has some
--               frame that fits
--   place       normal prior of standard deviation $place_sigma on the distance between the chapter's place in the book
--               and the scene's place in the film, both as shares of the whole: book and film mostly run in parallel
--
-- Constants, none of them tuned:
--   max_line_nats       15 nats, the most by which a line's score may raise its weight: caps the influence of one line
--   line_range_nats     25 nats: scores of true lines are taken to be uniform over this range above the cutoff
--   max_expected_lines  3 lines expected of a scene, at most
--
-- Sums, here and in the evidence, are rounded because the order of addition varies between runs.
WITH constant AS (SELECT 15 AS max_line_nats, 25 AS line_range_nats, 3 AS max_expected_lines),
chapter_place AS (
    SELECT chapter_no, (sum(n_words) OVER (ORDER BY chapter_no) - n_words / 2) / sum(n_words) OVER () AS share
    FROM chapter
    WHERE book_id = $book_id
),
scene_place AS (
    SELECT scene_no, (start_s + end_s) / 2 / max(end_s) OVER () AS share FROM scene WHERE film_id = $film_id
),
expected AS (
    SELECT scene_no,
        least(any_value(max_expected_lines), any_value(-ln(1 - p_related)) * count(*) / any_value(mean_scene_words)) AS n_lines
    FROM cue_word, score_statistics, constant
    GROUP BY scene_no
),
dialogue AS (
    SELECT chapter_no, scene_no,
        round(sum(ln(1 + n_lines / line_range_nats / (decay_rate * p_unrelated)
            * exp(least(decay_rate * over_cutoff_nats, max_line_nats)))), 6) AS nats
    FROM local_alignment JOIN expected USING (scene_no), score_statistics, constant
    GROUP BY chapter_no, scene_no
),
calibrated AS (
    SELECT chapter_no, scene_no,
        sum(nats * weight) FILTER (kind IN ('names', 'speakers')) AS names,
        sum(nats * weight) FILTER (kind = 'words') AS words,
        sum(nats * weight) FILTER (kind = 'images') AS images
    FROM evidence
    JOIN calibration USING (kind)
    GROUP BY chapter_no, scene_no
)
SELECT $title_id AS title_id, $film_id AS film_id, chapter_no, scene_no,
    coalesce(dialogue.nats, 0) - coalesce(n_lines, 0) AS dialogue,
    coalesce(names, 0) AS characters, coalesce(words, 0) AS words,
    coalesce(images, 0) - round(avg(coalesce(images, 0)) OVER (), 9) AS image,
    -((chapter_place.share - scene_place.share) ** 2) / (2 * $place_sigma ** 2) AS place
FROM chapter_place
CROSS JOIN scene_place
LEFT JOIN dialogue USING (chapter_no, scene_no)
LEFT JOIN expected USING (scene_no)
LEFT JOIN calibrated USING (chapter_no, scene_no)
ORDER BY ALL
