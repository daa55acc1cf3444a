-- chapter_scene_evidence: naive Bayes: for each chapter and scene, or part of a scene, the sum of the log-likelihood ratios, in
-- nats, that it tells the chapter rather than something that is not in the book.
-- key: title_id, film_id
--   dialogue    spoken lines, as a marked Poisson process: every line adds the log of 1 + (rate of true lines) / (rate of
--               chance lines) of its score. That lines are absent counts against every chapter alike (state)
--   characters  names of people, in the cues and as marked speakers, calibrated
--   words       other content words, places among them, calibrated
--   image       visual sentences against frames, calibrated, less the mean of all pairs, because every chapter has some
--               frame that fits
--   place       normal prior of standard deviation $place_sigma on the distance between the chapter's place in the book
--               and the scene's place in the film, both as shares of the whole: book and film mostly run in parallel
--
-- Constants, none of them tuned:
--   max_line_nats    15 nats, the most by which a line's score may raise its weight: caps the influence of one line
--   line_range_nats  25 nats: scores of true lines are taken to be uniform over this range above the cutoff
--
-- Sums, here and in the evidence, are rounded because the order of addition varies between runs.
WITH constant AS (SELECT 15 AS max_line_nats, 25 AS line_range_nats),
chapter_place AS (
    SELECT chapter_no, (sum(n_words) OVER (ORDER BY chapter_no) - n_words / 2) / sum(n_words) OVER () AS share
    FROM chapter
    WHERE book_id = $book_id
),
part_place AS (
    SELECT part_no, scene_no, (start_s + end_s) / 2 / max(end_s) OVER () AS share FROM scene_part
),
dialogue AS (
    SELECT chapter_no, part_no,
        round(sum(ln(1 + n_lines / line_range_nats / (decay_rate * p_unrelated)
            * exp(least(decay_rate * over_cutoff_nats, max_line_nats)))), 6) AS nats
    FROM part_line JOIN expected_lines USING (part_no), score_statistics, constant
    GROUP BY chapter_no, part_no
),
calibrated AS (
    SELECT chapter_no, part_no,
        sum(nats * weight) FILTER (kind IN ('names', 'speakers')) AS names,
        sum(nats * weight) FILTER (kind = 'words') AS words,
        sum(nats * weight) FILTER (kind = 'images') AS images
    FROM evidence
    JOIN calibration USING (kind)
    GROUP BY chapter_no, part_no
)
SELECT $title_id AS title_id, $film_id AS film_id, chapter_no, scene_no, part_no,
    coalesce(dialogue.nats, 0) AS dialogue,
    coalesce(names, 0) AS characters, coalesce(words, 0) AS words,
    coalesce(images, 0) - round(avg(coalesce(images, 0)) OVER (), 9) AS image,
    -((chapter_place.share - part_place.share) ** 2) / (2 * $place_sigma ** 2) AS place
FROM chapter_place
CROSS JOIN part_place
LEFT JOIN dialogue USING (chapter_no, part_no)
LEFT JOIN calibrated USING (chapter_no, part_no)
ORDER BY ALL
