-- The shots of a film.
--
-- $film: id of the film
--
-- shot_no       number of the shot
-- scene_no      number of its scene
-- start_s       start in the film, in seconds
-- end_s         end in the film, in seconds
-- length_s      length in seconds
-- opening       transition at its start: start (of the film), cut, dissolve or fade
-- n_frames      number of its frames in the warehouse
SELECT
    shot.shot_no,
    scene_no,
    round(shot.start_s, 2) AS start_s,
    round(shot.end_s, 2) AS end_s,
    round(shot.end_s - shot.start_s, 2) AS length_s,
    opening,
    count(frame_no) AS n_frames
FROM shot
LEFT JOIN scene ON scene.film_id = shot.film_id AND shot.shot_no BETWEEN first_shot_no AND last_shot_no
LEFT JOIN frame ON frame.film_id = shot.film_id AND frame.shot_no = shot.shot_no
WHERE shot.film_id = $film
GROUP BY ALL
ORDER BY shot.shot_no
