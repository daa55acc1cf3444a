-- Shots of a title's films that are aligned with no chapter, or with too little confidence for the weave.
--
-- $title: name of the title
--
-- film_title   title of the film
-- scene_no     number of the scene
-- shot_no      number of the shot
-- start_s      start in the film, in seconds
-- end_s        end in the film, in seconds
-- first_line   text of the scene's first cue
WITH said AS (
    SELECT film_id, scene_no, arg_min(cue.text, cue_no) AS first_line
    FROM cue
    JOIN scene USING (film_id)
    WHERE cue.start_s >= scene.start_s AND cue.start_s < scene.end_s
    GROUP BY ALL
)
SELECT
    film.title AS film_title,
    scene.scene_no,
    shot_no,
    round(shot.start_s, 2) AS start_s,
    round(shot.end_s, 2) AS end_s,
    first_line
FROM title
JOIN title_film USING (title_id)
JOIN film ON film.film_id = title_film.film_id
JOIN shot ON shot.film_id = film.film_id
JOIN scene ON scene.film_id = film.film_id AND shot_no BETWEEN first_shot_no AND last_shot_no
LEFT JOIN said ON said.film_id = film.film_id AND said.scene_no = scene.scene_no
WHERE title.name = $title
    AND NOT EXISTS (
        SELECT 1 FROM chapter_scene AS c
        WHERE c.title_id = title.title_id AND c.film_id = film.film_id AND accepted
            AND (shot.start_s + shot.end_s) / 2 >= c.start_s AND (shot.start_s + shot.end_s) / 2 < c.end_s
    )
ORDER BY film_no, shot_no
