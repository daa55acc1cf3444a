-- image_evidence: cross-modal retrieval with standardized similarities (z-scores): how well the frames of a scene show
-- what the visual sentences of a chapter describe, in nats.
--
-- A sentence's similarity to a frame is standardized over all frames of the film (z). For each sentence the best frame of
-- the scene counts, and for each chapter and scene the best sentences, because sentences of one chapter see the same
-- pictures. Each standard deviation over noise_z counts as one nat. The chapter's mean over all scenes is taken off: long
-- chapters have many sentences, some of which fit by chance in any scene. Chapters without a hit in a scene have a row too:
-- the calibration ranks all chapters.
--
-- Constants: noise_z = 2 standard deviations, which some frame of a scene reaches by chance; max_sentences = 3. Neither
-- was tuned; the scale is calibrated afterwards (calibration).
WITH constant AS (SELECT 2 AS noise_z, 3 AS max_sentences),
best AS (
    SELECT chapter_no, scene_no, max(z) AS z
    FROM image_hit AS h
    JOIN scene ON scene.film_id = h.film_id AND h.film_s >= scene.start_s AND h.film_s < scene.end_s
    WHERE h.title_id = $title_id AND h.film_id = $film_id
    GROUP BY chapter_no, scene_no, paragraph_no, sentence_no
    QUALIFY row_number() OVER (PARTITION BY chapter_no, scene_no ORDER BY max(z) DESC) <= (SELECT max_sentences FROM constant)
),
fit AS (
    SELECT chapter_no, scene_no, sum(greatest(0, z - noise_z)) AS nats FROM best, constant GROUP BY chapter_no, scene_no
)
SELECT 'images' AS kind, chapter_no, scene_no,
    coalesce(nats, 0) - round(avg(coalesce(nats, 0)) OVER (PARTITION BY chapter_no), 9) AS nats
FROM chapter
CROSS JOIN scene
LEFT JOIN fit USING (chapter_no, scene_no)
WHERE chapter.book_id = $book_id AND scene.film_id = $film_id AND EXISTS (FROM fit)
