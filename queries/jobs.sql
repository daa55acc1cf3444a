-- What the program has done, newest first.
--
-- medium       book, film, album or title
-- name         title of the item
-- stage        the step
-- part         number of the track where a stage runs once a track, else 0
-- status       done or failed
-- finished_at  UTC
-- took_s       seconds
-- n_rows       rows it made
-- model_id     NULL where no model is used
-- error        NULL unless failed
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
