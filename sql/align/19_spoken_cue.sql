-- spoken_cue: filter. The film's subtitles (cues) that are spoken, each with the scene in which it starts; cues
-- marked as lyrics are left out.
SELECT cue_no, cue.start_s, cue.end_s, scene_no, text, speaker, bracketed
FROM cue
JOIN scene ON scene.film_id = cue.film_id AND cue.start_s >= scene.start_s AND cue.start_s < scene.end_s
WHERE cue.film_id = $film_id AND is_lyrics IS NOT true
