-- scene_part: the film's scenes, split where their lines change chapter. A scene that tells two chapters has a part for each,
-- and so has a scene that speaks a line of another chapter: which of the two it is, the path over the parts decides.
--   part_no  1, 2, ... through the film
--
-- A scene is split between two lines of different chapters that follow each other, both too good for chance: at the shot
-- boundary in the longest pause between cues; of those in one pause, at the first. Where no shot begins between them, the
-- scene is not split. In a film without a picture, a part begins with a cue.
--
-- Constant: max_expected = 0.05 chapters expected to align with the scene as well by chance (E-value), below which a line
-- is too good for chance. Not tuned.
WITH constant AS (SELECT 0.05 AS max_expected),
line AS (
    SELECT a.scene_no, a.chapter_no, film_from, first.start_s AS first_s, last.start_s AS last_s
    FROM local_alignment AS a
    JOIN cue_word AS first ON first.position = film_from
    JOIN cue_word AS last ON last.position = film_to
    CROSS JOIN score_statistics
    CROSS JOIN constant
    WHERE (SELECT count(*) FROM chapter WHERE book_id = $book_id) * p_unrelated * exp(-decay_rate * over_cutoff_nats) < max_expected
    QUALIFY row_number() OVER (PARTITION BY first.cue_no ORDER BY score_nats DESC, seed_no) = 1
),
change AS (
    SELECT scene_no, film_from, before_s, first_s
    FROM (SELECT *, lag(chapter_no) OVER w AS before_chapter_no, lag(last_s) OVER w AS before_s
          FROM line
          WINDOW w AS (PARTITION BY scene_no ORDER BY film_from))
    WHERE chapter_no <> before_chapter_no
),
pause AS (
    SELECT start_s AS from_s, lead(start_s) OVER (ORDER BY cue_no) AS until_s, until_s - end_s AS length_s FROM spoken_cue
),
place AS (
    SELECT start_s FROM shot WHERE film_id = $film_id
    UNION
    SELECT start_s FROM spoken_cue WHERE NOT EXISTS (FROM shot WHERE film_id = $film_id)
),
boundary AS (
    SELECT scene_no, place.start_s
    FROM change
    JOIN pause ON from_s >= before_s AND until_s <= first_s
    JOIN place ON place.start_s > from_s AND place.start_s <= until_s
    QUALIFY row_number() OVER (PARTITION BY scene_no, film_from ORDER BY round(length_s, 3) DESC, place.start_s) = 1
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
