-- The job ledger: every stage that was run, newest first.
--
-- medium       book, film, album or title
-- name         title of the item
-- stage        name of the stage
-- part         number of the track for stages that run once for each track, else 0
-- status       done or failed
-- finished_at  end of the run, in UTC
-- took_s       duration in seconds
-- n_rows       number of rows written
-- model_id     model that was used; NULL for none
-- error        message of the failure; NULL unless failed
SELECT
    medium,
    coalesce(book.title, film.title, album.title, title.name, item_id) AS name,
    stage,
    part,
    status,
    finished_at,
    round(epoch(finished_at - started_at), 1) AS took_s,
    n_rows,
    model_id,
    error
FROM job
LEFT JOIN book ON book.book_id = item_id
LEFT JOIN film ON film.film_id = item_id
LEFT JOIN album ON album.album_id = item_id
LEFT JOIN title ON title.title_id = item_id
ORDER BY finished_at DESC, medium, item_id, stage, part
