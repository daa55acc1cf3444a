-- segment_scene: maximum over the moments of each segment and scene: A(segment) of the paper, eq. 2.
-- key: title_id, film_id
SELECT title_id, $film_id AS film_id, chapter_no, segment_no, scene_no, method, max(score) AS score
FROM moment
JOIN scene ON scene.film_id = moment.film_id AND film_s >= start_s AND film_s < end_s
WHERE title_id = $title_id AND moment.film_id = $film_id
GROUP BY ALL
ORDER BY ALL
