-- scene_name: how often a name is heard in a scene.
--   kind  names in the cues; speakers as the subtitles mark them
WITH said AS (
    SELECT scene_no, text, upper(speaker) AS speaker
    FROM cue
    JOIN scene ON scene.film_id = cue.film_id AND cue.start_s >= scene.start_s AND cue.start_s < scene.end_s
    WHERE cue.film_id = $film_id AND is_lyrics IS NOT true
)
SELECT kind, scene_no, name, count(*) AS n
FROM (
    SELECT 'names' AS kind, scene_no, unnest(regexp_extract_all(text, '\p{Lu}\p{L}+')) AS form FROM said
    UNION ALL
    SELECT 'speakers', scene_no, unnest(regexp_extract_all(speaker, '\p{Lu}\p{L}+')) FROM said
)
JOIN name_word ON word = strip_accents(lower(form))
GROUP BY ALL
