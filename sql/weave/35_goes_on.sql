-- goes_on: the segments (nth) that begin inside the film's scene in which the one before them ends: those that
-- share a matching scene with it.
WITH place AS (
    SELECT DISTINCT nth, film_id, scene_no
    FROM segment_scene
    JOIN (SELECT DISTINCT nth, chapter_no, segment_no FROM fit) USING (chapter_no, segment_no)
    WHERE title_id = $title_id
)
SELECT DISTINCT here.nth
FROM place AS here
JOIN place AS before ON before.nth = here.nth - 1 AND before.film_id = here.film_id AND before.scene_no = here.scene_no
