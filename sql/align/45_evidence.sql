-- evidence: log-likelihood ratios of chapter and scene from all sources except spoken lines, in nats, before calibration.
--   kind  names, speakers, words or images
FROM name_evidence
UNION ALL
FROM word_evidence
UNION ALL
FROM image_evidence
