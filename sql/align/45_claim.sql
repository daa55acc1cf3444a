-- claim: what speaks for a chapter and a scene besides spoken lines, in nats, as each kind claims it.
--   kind  names, speakers, words or images
FROM name_claim
UNION ALL
FROM word_claim
UNION ALL
FROM image_claim
