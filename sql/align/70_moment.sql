-- moment: times of the film that a segment matches, inside the scenes that are surely its chapter's (paper 3.2, eq. 2).
-- key: title_id, film_id
--   dialogue  a line of the segment is spoken: score from its nats
--   image     a visual sentence stands out against a frame: z at least $image_z above the sentence's own
--             background over the whole film; at most $images_per_segment a segment, the best
-- A film that does not match the book has none.
WITH line AS (
    SELECT m.chapter_no, segment_no, m.film_s, 'dialogue' AS method, m.score / (m.score + 20) AS score,
        m.book_text, m.film_text
    FROM dialogue_match AS m
    JOIN chapter_scene AS c USING (title_id, film_id, chapter_no, scene_no)
    JOIN segment AS s ON s.book_id = $book_id AND s.chapter_no = m.chapter_no
        AND m.paragraph_no BETWEEN s.first_paragraph_no AND s.last_paragraph_no
    WHERE m.title_id = $title_id AND m.film_id = $film_id AND accepted
),
image AS (
    SELECT h.chapter_no, segment_no, h.film_s, 'image' AS method, z / (z + 6) AS score, t.text AS book_text,
        NULL AS film_text
    FROM image_hit AS h
    JOIN scene AS f ON f.film_id = $film_id AND h.film_s >= f.start_s AND h.film_s < f.end_s
    JOIN chapter_scene AS c ON c.title_id = h.title_id AND c.film_id = h.film_id AND c.chapter_no = h.chapter_no AND c.scene_no = f.scene_no
    JOIN segment AS s ON s.book_id = $book_id AND s.chapter_no = h.chapter_no
        AND h.paragraph_no BETWEEN s.first_paragraph_no AND s.last_paragraph_no
    JOIN sentence AS t ON t.book_id = $book_id AND t.chapter_no = h.chapter_no
        AND t.paragraph_no = h.paragraph_no AND t.sentence_no = h.sentence_no
    WHERE h.title_id = $title_id AND h.film_id = $film_id AND z >= $image_z AND accepted
    QUALIFY row_number() OVER (PARTITION BY h.chapter_no, segment_no
        ORDER BY z DESC, h.film_s, h.paragraph_no, h.sentence_no) <= $images_per_segment
)
SELECT $title_id AS title_id, $film_id AS film_id, * FROM (SELECT * FROM line UNION ALL SELECT * FROM image)
WHERE (SELECT accepted IS NOT false FROM film_match WHERE title_id = $title_id AND film_id = $film_id)
ORDER BY ALL
