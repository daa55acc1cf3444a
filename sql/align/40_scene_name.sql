-- scene_name: term frequencies, with names as terms: how often each name occurs in a scene of the film, or a part of one.
--   kind  names: in the text of the cues; speakers: in the subtitles' marks of who speaks, and in brackets before the text
SELECT kind, part_no, name, count(*) AS n
FROM (
    SELECT 'names' AS kind, cue_no, unnest(regexp_extract_all(text, '\p{Lu}\p{L}+')) AS form FROM spoken_cue
    UNION ALL
    SELECT 'speakers', cue_no, unnest(regexp_extract_all(upper(coalesce(speaker, bracketed)), '\p{Lu}\p{L}+')) FROM spoken_cue
)
JOIN part_cue USING (cue_no)
JOIN name_word ON word = strip_accents(lower(form))
GROUP BY ALL
