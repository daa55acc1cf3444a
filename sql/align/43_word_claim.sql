-- word_claim: what the other words of a scene claim for each chapter, in nats: their chance under the chapter's share
-- of words, smoothed by 3,000 words drawn from the whole book, against the book's. Content words alone, each once a
-- scene; not names, and no line that is matched as a whole.
WITH in_chapter AS (
    SELECT chapter_no, word, least(count(*), 3) AS n
    FROM book_word JOIN word_weight USING (word)
    WHERE is_content AND word NOT IN (SELECT stem FROM name_word)
    GROUP BY ALL
),
in_book AS (SELECT word, sum(n) / sum(sum(n)) OVER () AS share FROM in_chapter GROUP BY word),
total AS (
    SELECT chapter_no, coalesce(sum(n), 0) AS n FROM chapter LEFT JOIN in_chapter USING (chapter_no)
    WHERE book_id = $book_id
    GROUP BY ALL
),
in_scene AS (
    SELECT DISTINCT scene_no, word, share
    FROM cue_word
    JOIN in_book USING (word)
    WHERE NOT EXISTS (SELECT 1 FROM spoken_line AS l WHERE l.scene_no = cue_word.scene_no AND position BETWEEN run_from AND run_to)
),
scene_total AS (SELECT scene_no, count(*) AS n FROM in_scene GROUP BY ALL),
shared AS (
    SELECT chapter_no, scene_no, sum(ln(1 + n / (3000 * share))) AS nats
    FROM in_scene JOIN in_chapter USING (word)
    GROUP BY ALL
)
SELECT 'words' AS kind, chapter_no, scene_no, round(scene_total.n * ln(3000 / (total.n + 3000)) + coalesce(shared.nats, 0), 6) AS nats
FROM scene_total
CROSS JOIN total
LEFT JOIN shared USING (chapter_no, scene_no)
