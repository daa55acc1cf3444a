-- Run time of each stage, summed over all items and parts, longest first.
--
-- stage     name of the stage
-- n_jobs    number of runs: one for each item, or for each track
-- took_s    total run time in seconds
-- n_rows    number of rows written
-- models    models that were used; NULL for none
SELECT
    stage,
    count(*) AS n_jobs,
    round(sum(epoch(finished_at - started_at)), 1) AS took_s,
    sum(n_rows)::BIGINT AS n_rows,
    string_agg(DISTINCT model_id, ', ' ORDER BY model_id) AS models
FROM job
WHERE status = 'done'
GROUP BY stage
ORDER BY took_s DESC, stage
