-- told: posterior probability p that lines of a chapter are spoken in a part of a scene: because it tells the chapter, or because
-- it borrows them. Of the chapters that may lend them, each is as likely as its lines make it.
WITH line AS (
    SELECT part_no, chapter_no, tells, borrows, exp(dialogue - most) - exp(-most) AS weight
    FROM posterior
    JOIN (SELECT *, max(dialogue) OVER (PARTITION BY part_no) AS most FROM chapter_scene_evidence
          WHERE title_id = $title_id AND film_id = $film_id) USING (part_no, chapter_no)
),
lent AS (
    SELECT *, coalesce(borrows / nullif(sum(weight) OVER (
            PARTITION BY part_no ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW), 0), 0) AS a_weight
    FROM line
)
SELECT part_no, chapter_no,
    tells + weight * coalesce(sum(a_weight) OVER (
        PARTITION BY part_no ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW), 0) AS p
FROM lent
