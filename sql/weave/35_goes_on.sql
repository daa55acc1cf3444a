-- goes_on: self-join of neighbours: the segments (nth) that share a scene of the film with the segment before them, so that
-- the music may continue from one to the next.
WITH place AS (
    SELECT DISTINCT nth, film_id, scene_no
    FROM segment_scene
    JOIN (SELECT DISTINCT nth, chapter_no, segment_no FROM compatibility) USING (chapter_no, segment_no)
    WHERE title_id = $title_id
)
SELECT DISTINCT here.nth
FROM place AS here
JOIN place AS before ON before.nth = here.nth - 1 AND before.film_id = here.film_id AND before.scene_no = here.scene_no
