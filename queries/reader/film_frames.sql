-- The film's frame nearest to each wanted moment; a moment without a frame within $reach_s is left out.
WITH wanted AS (
    SELECT DISTINCT unnest($film_id::VARCHAR[]) AS film_id, unnest($film_s::DOUBLE[]) AS film_s
),
nearest AS (
    SELECT wanted.film_id, film_s, arg_min({shot_no: shot_no, frame_no: frame_no}, (abs(time_s - film_s), time_s)) AS place
    FROM wanted
    JOIN frame ON frame.film_id = wanted.film_id AND time_s BETWEEN film_s - $reach_s AND film_s + $reach_s
    GROUP BY ALL
)
SELECT nearest.film_id, film_s, jpeg
FROM nearest
JOIN frame ON frame.film_id = nearest.film_id AND frame.shot_no = place.shot_no AND frame.frame_no = place.frame_no
ORDER BY ALL
