-- The scenes of a film, with their shots and their dialogue.
--
-- $film: id of the film
--
-- scene_no      number of the scene
-- start_s       start in the film, in seconds
-- end_s         end in the film, in seconds
-- length_s      length in seconds
-- n_shots       number of shots; 0 where the film has no picture
-- n_cues        number of cues that start in the scene
-- speakers      speakers, where the subtitles mark them
-- first_line    text of the first cue
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
