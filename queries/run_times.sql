-- How long each stage took, all items and parts together.
--
-- stage     the step
-- n_jobs    how often it ran: once an item, or once a track
-- took_s    seconds in all
-- n_rows    rows it made
-- models    the models it used; NULL where none
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
