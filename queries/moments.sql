-- The moments of the film that text segments match, and the music heard nearest to each.
--
-- $title: name of the title
--
-- chapter_no    number of the chapter
-- segment_no    number of the text segment inside its chapter
-- film_title    title of the film
-- film_s        time of the moment in the film, in seconds
-- method        dialogue: a line is spoken; image: a frame shows what a sentence describes; between: lines before
--               and after the segment are spoken
-- score         0..1
-- book_text     the line or the sentence of the book
-- film_text     the line in the film; NULL unless a line is spoken
-- gap_s         between lines: the time between these in the film, in seconds; else NULL
-- track_title   track that is heard nearest to the moment, within weave.neighbourhood_s; NULL for none
-- heard_from_s  start of the track's run in the film, in seconds
-- heard_to_s    end of that run, in seconds
-- away_s        distance from the moment in seconds; 0 where the track plays at the moment
SELECT
    chapter_no,
    segment_no,
    film.title          AS film_title,
    round(film_s, 3)    AS film_s,
    moment.method,
    round(moment.score, 3) AS score,
    book_text,
    film_text,
    round(gap_s, 3)     AS gap_s,
    track.title         AS track_title,
    round(heard.start_s, 3) AS heard_from_s,
    round(heard.end_s, 3)   AS heard_to_s,
    round(greatest(heard.start_s - film_s, film_s - heard.end_s, 0), 3) AS away_s
FROM title
JOIN moment USING (title_id)
JOIN title_film ON title_film.title_id = title.title_id AND title_film.film_id = moment.film_id
JOIN film ON film.film_id = moment.film_id
LEFT JOIN weave_setting ON weave_setting.title_id = title.title_id AND weave_setting.name = 'neighbourhood_s'
LEFT JOIN title_heard AS heard ON heard.title_id = title.title_id AND heard.film_id = moment.film_id
    AND film_s BETWEEN heard.start_s - coalesce(value::DOUBLE, 60) AND heard.end_s + coalesce(value::DOUBLE, 60)
LEFT JOIN track ON track.album_id = title.album_id AND track.track_no = heard.track_no
WHERE title.name = $title
QUALIFY row_number() OVER (
    PARTITION BY chapter_no, segment_no, moment.film_id, film_s, moment.method, book_text
    ORDER BY away_s, heard.start_s
) = 1
ORDER BY chapter_no, segment_no, moment.score DESC, title_film.film_no, film_s, moment.method, book_text
