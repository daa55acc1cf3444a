-- chapter_scene_evidence: for each chapter and scene, what speaks for their being the same story, as
-- key: title_id, film_id
-- log-likelihood ratios in nats, so that they add up without weights.
--   dialogue    matched lines, each by how far it is beyond chance, at most 15 nats; where people talk and
--               no line matches, that speaks against, the more so the more of the film's scenes match
--   characters  the scene's names under the chapter's share of names against the book's; a name is
--               counted at most three times, since one talk names the same person again and again
--   place       book and film mostly run side by side: the distance, in shares of the whole, under a
--               normal distribution of width $place_sigma
WITH chapter_place AS (
    SELECT chapter_no, (sum(n_words) OVER (ORDER BY chapter_no) - n_words / 2) / sum(n_words) OVER () AS share
    FROM chapter
    WHERE book_id = $book_id
),
scene_place AS (
    SELECT scene_no, (start_s + end_s) / 2 / max(end_s) OVER () AS share FROM scene WHERE film_id = $film_id
),
dialogue AS (
    SELECT chapter_no, scene_no, sum(least(beyond_nats, 15)) AS nats
    FROM dialogue_match
    WHERE title_id = $title_id AND film_id = $film_id
    GROUP BY ALL
),
talk AS (
    SELECT scene_no, bool_or(m.scene_no IS NOT NULL) AS matches
    FROM (SELECT scene_no FROM cue_word GROUP BY scene_no HAVING count(*) >= 8)
    LEFT JOIN dialogue_match AS m USING (scene_no)
    WHERE m.title_id IS NULL OR m.title_id = $title_id AND m.film_id = $film_id
    GROUP BY scene_no
),
unmatched AS (
    SELECT scene_no, ln(1 - least(0.9, (SELECT avg(matches::INTEGER) FROM talk))) AS nats FROM talk
),
in_chapter AS (SELECT place_no AS chapter_no, name, n FROM character_count WHERE place = 'chapter'),
in_scene AS (SELECT place_no AS scene_no, name, n FROM character_count WHERE place = 'scene'),
in_book AS (SELECT name, sum(n) / sum(sum(n)) OVER () AS share FROM in_chapter GROUP BY name),
chapter_total AS (SELECT chapter_no, sum(n) AS total FROM in_chapter GROUP BY chapter_no),
characters AS (
    -- A chapter's share of a name is smoothed by 20 names drawn from the whole book.
    SELECT c.chapter_no, s.scene_no,
        sum(least(s.n, 3) * ln((coalesce(i.n, 0) + 20 * b.share) / (coalesce(t.total, 0) + 20) / b.share)) AS nats
    FROM in_scene AS s
    JOIN in_book AS b USING (name)
    CROSS JOIN chapter_place AS c
    LEFT JOIN chapter_total AS t ON t.chapter_no = c.chapter_no
    LEFT JOIN in_chapter AS i ON i.chapter_no = c.chapter_no AND i.name = s.name
    GROUP BY ALL
)
SELECT $title_id AS title_id, $film_id AS film_id, chapter_no, scene_no,
    coalesce(dialogue.nats, unmatched.nats, 0) AS dialogue,
    coalesce(characters.nats, 0) AS characters,
    -((chapter_place.share - scene_place.share) ** 2) / (2 * $place_sigma ** 2) AS place
FROM chapter_place
CROSS JOIN scene_place
LEFT JOIN dialogue USING (chapter_no, scene_no)
LEFT JOIN unmatched USING (scene_no)
LEFT JOIN characters USING (chapter_no, scene_no)
ORDER BY ALL
