-- evidence: log-likelihood ratios of chapter and part of a scene from all sources except spoken lines, in nats, before
-- calibration. Images are evidence of the whole scene, of which each part has its share by length.
--   kind  names, speakers, words or images
SELECT kind, chapter_no, part_no, nats FROM name_evidence
UNION ALL
SELECT kind, chapter_no, part_no, nats FROM word_evidence
UNION ALL
SELECT kind, chapter_no, part_no, nats * (part.end_s - part.start_s) / (scene.end_s - scene.start_s) AS nats
FROM image_evidence
JOIN scene_part AS part USING (scene_no)
JOIN scene ON scene.film_id = $film_id AND scene.scene_no = part.scene_no
