-- image_claim: what the frames of a scene claim for each chapter, in nats: of each visual sentence the frame that stands
-- out most above the sentence's own background over the whole film (z); the chance of a z so great is about exp(-z²/2)
-- a frame. Sentences of one chapter see the same pictures, so the best three of a chapter and scene speak.
WITH best AS (
    SELECT chapter_no, scene_no, paragraph_no, sentence_no, max(z) AS z
    FROM image_hit AS h
    JOIN scene ON scene.film_id = h.film_id AND h.film_s >= scene.start_s AND h.film_s < scene.end_s
    WHERE h.title_id = $title_id AND h.film_id = $film_id
    GROUP BY chapter_no, scene_no, paragraph_no, sentence_no
    QUALIFY row_number() OVER (PARTITION BY chapter_no, scene_no ORDER BY max(z) DESC) <= 3
)
SELECT 'images' AS kind, chapter_no, scene_no, sum(greatest(0, z - 2)) AS nats FROM best GROUP BY ALL
