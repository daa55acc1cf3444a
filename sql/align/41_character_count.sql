-- character_count: how often a name stands in a chapter, and in a scene's cues or speaker marks.
WITH written AS (
    SELECT chapter_no AS place_no, unnest(regexp_extract_all(text, '[\p{L}]+')) AS word
    FROM paragraph
    WHERE book_id = $book_id
),
spoken AS (
    SELECT scene_no AS place_no,
        unnest(regexp_extract_all(concat_ws(' ', upper(speaker), text), '[\p{L}]+')) AS word
    FROM cue
    JOIN scene ON scene.film_id = cue.film_id AND cue.start_s >= scene.start_s AND cue.start_s < scene.end_s
    WHERE cue.film_id = $film_id
),
word AS (
    SELECT 'chapter' AS place, * FROM written
    UNION ALL
    SELECT 'scene', * FROM spoken
)
SELECT name, place, place_no, count(*) AS n
FROM word
JOIN book_name ON name = strip_accents(lower(word))
WHERE regexp_full_match(word, '\p{Lu}.*')
GROUP BY ALL
ORDER BY ALL
