-- Lines of the book that are spoken in the film, in reading order.
--
-- $title: name of the title
--
-- chapter_no    number of the chapter
-- paragraph_no  number of the paragraph inside its chapter
-- film_s        time in the film at which it is spoken, in seconds
-- n_words       number of matched words
-- score         surprise of the matched words, in nats
-- beyond_nats   how far that exceeds chance, in nats
-- book_text     the line in the book
-- film_text     the line in the film
SELECT
    chapter_no,
    paragraph_no,
    round(film_s, 3)      AS film_s,
    n_words,
    round(score, 3)       AS score,
    round(beyond_nats, 3) AS beyond_nats,
    book_text,
    film_text
FROM title
JOIN dialogue_match USING (title_id)
WHERE title.name = $title
ORDER BY chapter_no, paragraph_no, film_s, book_text
