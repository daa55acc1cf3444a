-- The shots of a film.
--
-- $film: id of the film
--
-- shot_no       number of the shot
-- scene_no      the scene it belongs to
-- start_s       its start in the film
-- end_s         its end
-- length_s      how long it is
-- opening       how it begins: start (of the film), cut, dissolve or fade
-- n_frames      frames kept of it
SELECT
    shot_no,
    scene_no,
    round(shot.start_s, 2) AS start_s,
    round(shot.end_s, 2) AS end_s,
    round(shot.end_s - shot.start_s, 2) AS length_s,
    opening,
    count(frame_no) AS n_frames
FROM shot
LEFT JOIN scene ON scene.film_id = $film AND shot_no BETWEEN first_shot_no AND last_shot_no
LEFT JOIN frame USING (film_id, shot_no)
WHERE shot.film_id = $film
GROUP BY ALL
ORDER BY shot_no
