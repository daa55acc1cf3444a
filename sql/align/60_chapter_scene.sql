-- chapter_scene: posterior decoding of a hidden Markov model (Rabiner 1989): for each part of a scene the likeliest chapter, or
-- none, which makes the expected number of parts that are right the greatest. Parts that are not in the book have no row.
-- key: title_id, film_id
--   chapter_no       where the story is
--   told_chapter_no  whose lines are spoken: mostly the same chapter; another one where they are borrowed
--   score            evidence that the part tells the chapter, in nats, without the prior on its place
--   confidence       probability that the story is at the chapter and the part is in the book: the posterior probability, less
--                    what is lost where the chapter in truth changes inside a scene
--   accepted         confidence is at least $sure, so that the weave uses it
--
-- Where the chapter changes from a scene to the next, it may in truth change inside one of them, where no lines tell. The share
-- of changes that do is estimated from those that are found inside scenes; half a scene is wrong then.
--
-- Constants: prior_inside = 0.5 of prior_changes = 10 changes; wrong_share = 0.5 of the scene. Chosen on made films, seeds 0 to 6.
WITH constant AS (SELECT 0.5 AS prior_inside, 10 AS prior_changes, 0.5 AS wrong_share),
chosen AS (
    SELECT part_no, scene_no, start_s, end_s, chapter_no, tells + borrows AS p
    FROM posterior
    JOIN scene_part USING (part_no)
    QUALIFY row_number() OVER (PARTITION BY part_no ORDER BY p DESC, chapter_no) = 1
        AND p > sum(invented) OVER (PARTITION BY part_no)
),
neighbour AS (
    SELECT *,
        coalesce(lag(part_no) OVER w = part_no - 1 AND lag(chapter_no) OVER w <> chapter_no, false) AS is_after_change,
        coalesce(lead(part_no) OVER w = part_no + 1 AND lead(chapter_no) OVER w <> chapter_no, false) AS is_before_change,
        lag(scene_no) OVER w IS NOT DISTINCT FROM scene_no AS is_after_inside,
        lead(scene_no) OVER w IS NOT DISTINCT FROM scene_no AS is_before_inside
    FROM chosen
    WINDOW w AS (ORDER BY part_no)
),
change AS (
    SELECT (count(*) FILTER (is_after_change AND is_after_inside) + any_value(prior_inside))
        / (count(*) FILTER (is_after_change) + any_value(prior_changes)) * any_value(wrong_share) AS lost
    FROM constant
    LEFT JOIN neighbour ON true
),
most_told AS (SELECT part_no, arg_max(chapter_no, (p, -chapter_no)) AS told_chapter_no FROM told GROUP BY part_no)
SELECT $title_id AS title_id, $film_id AS film_id, chapter_no, n.scene_no, told_chapter_no,
    start_s, end_s, dialogue + characters + words + image AS score,
    p * (1 - lost) ** ((is_after_change AND NOT is_after_inside)::INTEGER + (is_before_change AND NOT is_before_inside)::INTEGER) AS confidence,
    confidence >= $sure AS accepted
FROM neighbour AS n
CROSS JOIN change
JOIN chapter_scene_evidence AS e USING (chapter_no, part_no)
JOIN most_told USING (part_no)
WHERE title_id = $title_id AND film_id = $film_id
ORDER BY ALL
