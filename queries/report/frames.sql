-- The frame nearest to each matching moment, of those no more than ten seconds away.
SELECT
    chapter_no,
    segment_no,
    moment.film_s,
    frame.jpeg
FROM title
JOIN moment USING (title_id)
JOIN frame ON frame.film_id = moment.film_id AND frame.time_s BETWEEN film_s - 10 AND film_s + 10
WHERE title.name = $title
QUALIFY row_number() OVER (
    PARTITION BY chapter_no, segment_no
    ORDER BY moment.score DESC, film_s, abs(frame.time_s - film_s), frame.time_s
) = 1
ORDER BY chapter_no, segment_no
