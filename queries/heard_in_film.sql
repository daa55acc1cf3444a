-- Runs of the film in which a track of the album was recognised, in the order of the film.
--
-- $title: name of the title
--
-- film_title   title of the film
-- start_s      start of the run in the film, in seconds
-- end_s        end of the run in the film, in seconds
-- track_no     number of the track
-- track_title  title of the track
-- offset_s     place in the track at start_s, in seconds
-- speed        seconds of the track that pass in a second of the film
-- score        similarity of film and track by the recogniser, 0..1
SELECT
    film.title         AS film_title,
    round(start_s, 3)  AS start_s,
    round(end_s, 3)    AS end_s,
    heard.track_no,
    track.title        AS track_title,
    round(offset_s, 3) AS offset_s,
    round(speed, 4)    AS speed,
    round(score, 3)    AS score
FROM title
JOIN title_film USING (title_id)
JOIN film ON film.film_id = title_film.film_id
JOIN title_heard AS heard ON heard.title_id = title.title_id AND heard.film_id = film.film_id
JOIN track ON track.album_id = title.album_id AND track.track_no = heard.track_no
WHERE title.name = $title
ORDER BY title_film.film_no, heard.start_s, heard.end_s, heard.track_no
