-- The films of a title in the order of the story; a series has several.
--
-- $title: name of the title
--
-- film_no     number of the film
-- film_id     id of the film
-- film_title  title of the film
-- duration_s  its length in seconds
SELECT film_no, film.film_id, film.title AS film_title, duration_s
FROM title
JOIN title_film USING (title_id)
JOIN film ON film.film_id = title_film.film_id
WHERE name = $title
ORDER BY film_no
