-- posterior: posterior probabilities of the forward-backward algorithm (Baum and others 1970): of each state given the evidence
-- of all parts, summed over all paths; over the states of a part they add up to 1.
--   tells, borrows, invented  as in state
--   jumps                     the part of tells and borrows whose story jumped here, mostly back
WITH weighed AS (
    SELECT part_no, chapter_no, tells * reached * likelihood AS tells, borrows * reached * likelihood AS borrows,
        invented * before * likelihood AS invented, back_share / count(*) OVER (PARTITION BY part_no) / reached AS jump
    FROM state
    JOIN forward USING (part_no, chapter_no)
    JOIN backward USING (part_no, chapter_no)
    CROSS JOIN rate
)
SELECT part_no, chapter_no, tells / total AS tells, borrows / total AS borrows, invented / total AS invented,
    (tells + borrows) / total * jump AS jumps
FROM (SELECT *, sum(tells + borrows + invented) OVER (PARTITION BY part_no) AS total FROM weighed)
