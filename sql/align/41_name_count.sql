-- name_count: how often each name stands in a chapter's text, and in a scene's spoken cues or speaker marks.
--   place, place_no  'chapter' and its number, or 'scene' and its number
WITH word AS (
    SELECT 'chapter' AS place, chapter_no AS place_no, unnest(regexp_extract_all(text, '\p{Lu}\p{L}+')) AS form
    FROM paragraph
    WHERE book_id = $book_id
    UNION ALL
    SELECT 'scene', scene_no, unnest(regexp_extract_all(concat_ws(' ', upper(speaker), text), '\p{Lu}\p{L}+'))
    FROM cue
    JOIN scene ON scene.film_id = cue.film_id AND cue.start_s >= scene.start_s AND cue.start_s < scene.end_s
    WHERE cue.film_id = $film_id AND is_lyrics IS NOT true
)
SELECT name, place, place_no, count(*) AS n
FROM word
JOIN name_word ON name_word.word = strip_accents(lower(form))
GROUP BY ALL
