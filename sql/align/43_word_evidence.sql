-- word_evidence: query likelihood of a unigram language model with a Dirichlet prior (Zhai and Lafferty 2004):
-- log-likelihood ratio of a scene's content words given a chapter, against the whole book, in nats.
--
-- Names and lines that are aligned as a whole are left out, since they are evidence of their own; a word counts once a
-- scene, and at most max_count times a chapter.
--
-- Constants: prior_words = 3,000 words of the whole book that each chapter's model is smoothed by; max_count = 3. Neither
-- was tuned.
WITH constant AS (SELECT 3000 AS prior_words, 3 AS max_count),
in_chapter AS (
    SELECT chapter_no, word, least(count(*), any_value(max_count)) AS n
    FROM book_word JOIN unigram USING (word), constant
    WHERE is_content AND word NOT IN (SELECT stem FROM name_word)
    GROUP BY chapter_no, word
),
in_book AS (SELECT word, sum(n) / sum(sum(n)) OVER () AS share FROM in_chapter GROUP BY word),
total AS (
    SELECT chapter_no, coalesce(sum(n), 0) AS n FROM chapter LEFT JOIN in_chapter USING (chapter_no)
    WHERE book_id = $book_id
    GROUP BY chapter_no
),
in_scene AS (
    SELECT DISTINCT part_no, word, share
    FROM cue_word
    JOIN part_cue USING (cue_no)
    JOIN in_book USING (word)
    WHERE NOT EXISTS (
        SELECT 1 FROM local_alignment AS a WHERE a.scene_no = cue_word.scene_no AND position BETWEEN film_from AND film_to)
),
scene_total AS (SELECT part_no, count(*) AS n FROM in_scene GROUP BY part_no),
shared AS (
    SELECT chapter_no, part_no, sum(ln(1 + n / (prior_words * share))) AS nats
    FROM in_scene JOIN in_chapter USING (word), constant
    GROUP BY chapter_no, part_no
)
SELECT 'words' AS kind, chapter_no, part_no,
    round(scene_total.n * ln(prior_words / (total.n + prior_words)) + coalesce(shared.nats, 0), 6) AS nats
FROM scene_total
CROSS JOIN total
CROSS JOIN constant
LEFT JOIN shared USING (chapter_no, part_no)
