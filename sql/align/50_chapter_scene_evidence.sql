-- chapter_scene_evidence: for each chapter and scene, what speaks for the scene's telling the chapter against its being
-- the film's own invention: log-likelihood ratios in nats, which add up without weights.
-- key: title_id, film_id
--   dialogue    spoken lines, at most 15 nats each; where none is, that speaks against, the more so the more is said
--   characters  names of people, in the cues and as marked speakers
--   words       other content words, places among them
--   image       visual sentences and frames, less the mean of all pairs: some frame or other stands out for any chapter
--   place       book and film mostly run side by side: the distance, in shares of the whole, under a normal
--               distribution of width $place_sigma
--
-- Here and in the claims, sums are rounded: they are added up in no certain order.
WITH chapter_place AS (
    SELECT chapter_no, (sum(n_words) OVER (ORDER BY chapter_no) - n_words / 2) / sum(n_words) OVER () AS share
    FROM chapter
    WHERE book_id = $book_id
),
scene_place AS (
    SELECT scene_no, (start_s + end_s) / 2 / max(end_s) OVER () AS share FROM scene WHERE film_id = $film_id
),
expected AS (
    SELECT scene_no, least(3, any_value(-ln(1 - by_story)) * count(*) / any_value(mean_words)) AS n_lines
    FROM cue_word, line_trust
    GROUP BY scene_no
),
dialogue AS (
    SELECT chapter_no, scene_no, round(sum(ln(1 + n_lines / 25 / (slope * by_chance) * exp(least(slope * (beyond_nats + 3), 15)))), 6) AS nats
    FROM spoken_line JOIN expected USING (scene_no), line_trust
    GROUP BY ALL
),
trusted AS (
    SELECT chapter_no, scene_no,
        sum(nats * share) FILTER (kind IN ('names', 'speakers')) AS names,
        sum(nats * share) FILTER (kind = 'words') AS words,
        sum(nats * share) FILTER (kind = 'images') AS images
    FROM claim
    JOIN trust USING (kind)
    GROUP BY ALL
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
LEFT JOIN trusted USING (chapter_no, scene_no)
ORDER BY ALL
