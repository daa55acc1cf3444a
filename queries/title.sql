-- One title: its book, its first film and its album.
--
-- $title: name of the title
--
-- book_title       title of the book
-- author           NULL where unknown
-- language         language of the book; NULL where unknown
-- n_words          words of the book
-- book_path        path of the book's file
-- film_title       NULL for a book without a film
-- film_duration_s  length of the film in seconds
-- album_title      title of the album
-- album_artist     NULL where unknown
-- album_path       path of the album's folder
-- woven_at         time of the last weave, in UTC; NULL where unknown
SELECT
    book.title      AS book_title,
    book.author,
    book.language,
    book.n_words,
    book.path       AS book_path,
    film.title      AS film_title,
    film.duration_s AS film_duration_s,
    album.title     AS album_title,
    album.artist    AS album_artist,
    album.path      AS album_path,
    (SELECT max(finished_at) FROM job WHERE item_id = title.title_id AND status = 'done') AS woven_at
FROM title
JOIN book USING (book_id)
JOIN album USING (album_id)
LEFT JOIN film USING (film_id)
WHERE title.name = $title
