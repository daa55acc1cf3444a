-- scene_part: the scenes, split where their lines change chapter: a scene that tells two chapters has a part for each. The
-- path runs over parts. Whether the chapter really changes is decided there: lines may be borrowed from another chapter.
--   part_no  1, 2, ... through the film
--
-- A scene is split between two sure lines of different chapters that follow each other. The boundary is a shot boundary
-- between them, the one in the longest silence; of equal ones, the one nearest the middle. Where none lies between them, the
-- scene is not split there. In a film without a picture, a part begins with a cue.
WITH change AS (
    SELECT scene_no, begin_s, before_s, film_from
    FROM (
        SELECT *, lag(chapter_no) OVER w AS before_chapter_no, lag(end_s) OVER w AS before_s
        FROM sure_line
        WINDOW w AS (PARTITION BY scene_no ORDER BY film_from, film_to, seed_no)
    )
    WHERE chapter_no <> before_chapter_no
),
place AS (
    SELECT start_s FROM shot WHERE film_id = $film_id
    UNION ALL
    SELECT start_s FROM spoken_cue WHERE NOT EXISTS (FROM shot WHERE film_id = $film_id)
),
boundary AS (
    SELECT scene_no, place.start_s, abs(place.start_s - (before_s + begin_s) / 2) AS from_middle_s,
        (SELECT min(start_s) FROM spoken_cue WHERE spoken_cue.start_s >= place.start_s)
            - (SELECT max(end_s) FROM spoken_cue WHERE spoken_cue.start_s < place.start_s) AS silence_s
    FROM change
    JOIN place ON place.start_s BETWEEN before_s AND begin_s
    QUALIFY row_number() OVER (PARTITION BY scene_no, film_from ORDER BY round(silence_s, 3) DESC, from_middle_s, place.start_s) = 1
),
start AS (
    SELECT scene_no, start_s FROM scene WHERE film_id = $film_id
    UNION
    SELECT scene_no, start_s FROM boundary
)
SELECT row_number() OVER (ORDER BY scene_no, start.start_s) AS part_no, scene_no, start.start_s,
    coalesce(lead(start.start_s) OVER (PARTITION BY scene_no ORDER BY start.start_s), scene.end_s) AS end_s
FROM start
JOIN scene USING (scene_no)
WHERE scene.film_id = $film_id
