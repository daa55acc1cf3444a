-- line_trust: what a spoken line says, learnt from this very book and film. One row.
--   slope       how many nats hold of one that it claims: lines that match by chance thin out by so much a nat
--               (measured where a scene matches chapters that are not its best; held near 1/2, the usual value)
--   by_chance   chance that a chapter and a scene that have nothing to do with each other match
--   by_story    chance that a scene matches the chapter that it tells
--   mean_words  words of a scene
WITH cell AS (
    SELECT chapter_no, scene_no, max(beyond_nats) + 3 AS nats FROM spoken_line GROUP BY ALL
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY scene_no ORDER BY nats DESC) AS nth FROM cell
),
size AS (
    SELECT (SELECT count(*) FROM chapter WHERE book_id = $book_id) AS n_chapters, count(*) AS n_scenes,
        avg(n) AS mean_words
    FROM (SELECT count(*) AS n FROM cue_word GROUP BY scene_no)
),
chance AS (
    SELECT (count(nats) + 20) / (coalesce(sum(nats), 0) + 40) AS slope,
        (count(nats) + 1) / (any_value(n_chapters) * greatest(1, any_value(n_scenes)) + 30) AS by_chance
    FROM size LEFT JOIN ranked ON nth > 1
)
SELECT slope, by_chance, mean_words,
    -- Scenes whose best line is too good for chance (fewer than one in twenty would have one), of those that tell a chapter.
    greatest(0.05, least(0.95, (SELECT count(*) FROM ranked
        WHERE nth = 1 AND n_chapters * by_chance * exp(-slope * nats) < 0.05) / ((1 - $invented_share) * greatest(1, n_scenes)))) AS by_story
FROM chance, size
