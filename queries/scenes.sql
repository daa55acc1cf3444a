-- The scenes of a film.
--
-- $film: id of the film
--
-- scene_no      number of the scene
-- start_s       its start in the film
-- end_s         its end
-- length_s      how long it is
-- n_shots       shots of the scene; 0 where the film has no picture
-- n_cues        cues that begin in it
-- speakers      who speaks, where the subtitles mark it
-- first_line    the first cue
WITH spoken AS (
    SELECT
        scene_no,
        count(*)                                            AS n_cues,
        string_agg(DISTINCT speaker, ', ' ORDER BY speaker) AS speakers,
        arg_min(cue.text, cue_no)                           AS first_line
    FROM cue
    JOIN scene ON scene.film_id = cue.film_id AND cue.start_s >= scene.start_s AND cue.start_s < scene.end_s
    WHERE cue.film_id = $film
    GROUP BY ALL
)
SELECT
    scene_no,
    round(start_s, 2) AS start_s,
    round(end_s, 2) AS end_s,
    round(end_s - start_s, 2) AS length_s,
    coalesce(last_shot_no - first_shot_no + 1, 0) AS n_shots,
    coalesce(n_cues, 0) AS n_cues,
    speakers,
    first_line
FROM scene
LEFT JOIN spoken USING (scene_no)
WHERE film_id = $film
ORDER BY scene_no
