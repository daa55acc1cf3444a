-- state: states of a hidden Markov model and their emission likelihoods (Rabiner 1989). In each part of a scene the story is at
-- a chapter, and the part is one of three things:
--   tells     it tells that chapter
--   borrows   it stands in that chapter, and speaks lines of another one besides
--   invented  it is not in the book
-- Each column is the likelihood of the part's evidence in that state times the share of such parts (rate), relative to the
-- likeliest state of the part.
--
-- That a chapter is told and none of its lines is spoken has the probability (1 + n / r) ** -r under a negative binomial
-- distribution of mean n (expected_lines) and dispersion r. Borrowed lines are those of one other chapter, each being equally
-- likely; at least one is spoken, with the rate of the chapter's own lines, which come besides and independently.
WITH part AS (
    SELECT e.part_no, e.chapter_no, dialogue, characters + words + image + place AS other_nats, invented_share, borrowed_share,
        (1 + coalesce(n_lines, 0) / dispersion) ** -dispersion AS p_silent,
        max(dialogue) OVER (PARTITION BY e.part_no) AS most, count(*) OVER (PARTITION BY e.part_no) AS n_chapters
    FROM chapter_scene_evidence AS e
    LEFT JOIN expected_lines USING (part_no)
    CROSS JOIN rate
    WHERE title_id = $title_id AND film_id = $film_id
),
lent AS (
    SELECT *, coalesce(sum(exp(dialogue - most) - exp(-most)) OVER (
            PARTITION BY part_no ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW), 0)
        / greatest(1, n_chapters - 1) AS others
    FROM part
),
emission AS (
    SELECT part_no, chapter_no,
        ln((1 - invented_share) * (1 - borrowed_share) * p_silent) + dialogue + other_nats AS tells,
        CASE WHEN others > 0 THEN
            ln((1 - invented_share) * borrowed_share * p_silent * p_silent / (1 - p_silent) * others) + most + dialogue + other_nats END AS borrows,
        ln(invented_share) AS invented
    FROM lent
)
SELECT part_no, chapter_no, exp(tells - most) AS tells, coalesce(exp(borrows - most), 0) AS borrows, exp(invented - most) AS invented
FROM (SELECT *, max(greatest(tells, borrows, invented)) OVER (PARTITION BY part_no) AS most FROM emission)
