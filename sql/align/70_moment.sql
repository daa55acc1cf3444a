-- moment: thresholding of matches (paper 3.2, eq. 2): times of the film that belong to a text segment, in scenes that are
-- accepted as its chapter's. A film that does not match the book has none.
-- key: title_id, film_id
--   method  dialogue: a line of the segment is spoken. image: a frame shows what a visual sentence describes: its similarity
--           is at least $image_z standard deviations above the sentence's mean over the film; at most $images_per_segment,
--           the best; none where the film's images say nothing (calibration)
--   score   0..1, x / (x + half): x is the line's score in nats, or z
--
-- Constants: half_nats = 20 nats, half_z = 6 standard deviations, at which the score is one half. Neither was tuned.
WITH constant AS (SELECT 20 AS half_nats, 6 AS half_z),
line AS (
    SELECT m.chapter_no, segment_no, m.film_s, 'dialogue' AS method, m.score / (m.score + half_nats) AS score,
        m.book_text, m.film_text
    FROM dialogue_match AS m
    JOIN chapter_scene AS c USING (title_id, film_id, chapter_no, scene_no)
    JOIN segment AS s ON s.book_id = $book_id AND s.chapter_no = m.chapter_no
        AND m.paragraph_no BETWEEN s.first_paragraph_no AND s.last_paragraph_no
    CROSS JOIN constant
    WHERE m.title_id = $title_id AND m.film_id = $film_id AND accepted
),
image AS (
    SELECT h.chapter_no, segment_no, h.film_s, 'image' AS method, z / (z + half_z) AS score, t.text AS book_text,
        NULL AS film_text
    FROM image_hit AS h
    JOIN scene AS f ON f.film_id = $film_id AND h.film_s >= f.start_s AND h.film_s < f.end_s
    JOIN chapter_scene AS c ON c.title_id = h.title_id AND c.film_id = h.film_id AND c.chapter_no = h.chapter_no AND c.scene_no = f.scene_no
    JOIN segment AS s ON s.book_id = $book_id AND s.chapter_no = h.chapter_no
        AND h.paragraph_no BETWEEN s.first_paragraph_no AND s.last_paragraph_no
    JOIN sentence AS t ON t.book_id = $book_id AND t.chapter_no = h.chapter_no
        AND t.paragraph_no = h.paragraph_no AND t.sentence_no = h.sentence_no
    CROSS JOIN constant
    WHERE h.title_id = $title_id AND h.film_id = $film_id AND z >= $image_z AND accepted
        AND (SELECT weight > 0 FROM calibration WHERE kind = 'images')
    QUALIFY row_number() OVER (PARTITION BY h.chapter_no, segment_no
        ORDER BY z DESC, h.film_s, h.paragraph_no, h.sentence_no) <= $images_per_segment
)
SELECT $title_id AS title_id, $film_id AS film_id, * FROM (SELECT * FROM line UNION ALL SELECT * FROM image)
WHERE (SELECT accepted IS NOT false FROM film_match WHERE title_id = $title_id AND film_id = $film_id)
ORDER BY ALL
