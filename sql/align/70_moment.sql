-- moment: thresholding of matches (paper 3.2, eq. 2): times of the film that belong to a text segment, where it is likely
-- enough ($sure) that the film speaks the chapter's lines, or where it is accepted as telling the chapter. A film that does
-- not match the book has none.
-- key: title_id, film_id
--   method  dialogue: a line of the segment is spoken. image: a frame shows what a visual sentence describes: its similarity
--           is at least $image_z standard deviations above the sentence's mean over the film; at most $images_per_segment,
--           the best; none where the film's images say nothing (calibration). between: no line of the segment is spoken,
--           but lines of its chapter before and after it are; the time of the segment's middle is interpolated linearly
--           between them, if a scene is accepted as the chapter's there
--   score   0..1, x / (x + half): x is the line's score in nats, or z. Between lines: between_score where they are close
--           together, the less the wider the gap
--   gap_s   between lines: the time between them in the film; the moment is as uncertain as that
--
-- Constants, none of them tuned: half_nats = 20 nats, half_z = 6 standard deviations, at which the score is one half;
-- between_score = 0.5, halved at a gap of half_gap_s = 60 s; max_gap_s = 300 s, beyond which there is no moment.
WITH constant AS (
    SELECT 20 AS half_nats, 6 AS half_z, 0.5 AS between_score, 60 AS half_gap_s, 300 AS max_gap_s
),
spoken AS (
    SELECT m.*
    FROM dialogue_match AS m
    JOIN part_cue USING (cue_no)
    JOIN told USING (part_no, chapter_no)
    WHERE title_id = $title_id AND film_id = $film_id AND p >= $sure
),
line AS (
    SELECT m.chapter_no, segment_no, m.film_s, 'dialogue' AS method, m.score / (m.score + half_nats) AS score,
        m.book_text, m.film_text
    FROM spoken AS m
    JOIN segment AS s ON s.book_id = $book_id AND s.chapter_no = m.chapter_no
        AND m.paragraph_no BETWEEN s.first_paragraph_no AND s.last_paragraph_no
    CROSS JOIN constant
),
-- Where in its chapter each paragraph and each segment is, in words.
paragraph_place AS (
    SELECT chapter_no, paragraph_no, sum(n_words) OVER (PARTITION BY chapter_no ORDER BY paragraph_no) - n_words / 2 AS place
    FROM paragraph
    WHERE book_id = $book_id
),
segment_place AS (
    SELECT s.chapter_no, segment_no, (min(place) + max(place)) / 2 AS place, first_paragraph_no
    FROM segment AS s
    JOIN paragraph_place AS p ON p.chapter_no = s.chapter_no AND paragraph_no BETWEEN first_paragraph_no AND last_paragraph_no
    WHERE s.book_id = $book_id
    GROUP BY ALL
),
placed AS (SELECT chapter_no, place, film_s, score FROM spoken JOIN paragraph_place USING (chapter_no, paragraph_no)),
-- The lines that come in the same order in book and film: those that no better line of the chapter contradicts.
chain AS (
    SELECT *
    FROM placed AS a
    WHERE NOT EXISTS (
        FROM placed AS b
        WHERE b.chapter_no = a.chapter_no AND b.score > a.score AND (b.place - a.place) * (b.film_s - a.film_s) < 0)
),
interpolated AS (
    SELECT s.chapter_no, segment_no, first_paragraph_no,
        max(c.place) FILTER (c.place <= s.place) AS place_before, min(c.place) FILTER (c.place > s.place) AS place_after,
        max(c.film_s) FILTER (c.place <= s.place) AS before_s, min(c.film_s) FILTER (c.place > s.place) AS after_s,
        after_s - before_s AS gap_s, before_s + gap_s * (s.place - place_before) / (place_after - place_before) AS film_s
    FROM segment_place AS s
    JOIN chain AS c USING (chapter_no)
    WHERE (chapter_no, segment_no) NOT IN (SELECT (chapter_no, segment_no) FROM line)
    GROUP BY s.chapter_no, segment_no, first_paragraph_no, s.place
),
between_lines AS (
    SELECT i.chapter_no, segment_no, film_s, 'between' AS method, between_score * half_gap_s / (half_gap_s + gap_s) AS score,
        t.text AS book_text, NULL AS film_text, gap_s
    FROM interpolated AS i
    JOIN sentence AS t ON t.book_id = $book_id AND t.chapter_no = i.chapter_no AND t.paragraph_no = first_paragraph_no
    CROSS JOIN constant
    WHERE gap_s BETWEEN 0 AND max_gap_s
        AND EXISTS (FROM chapter_scene AS c WHERE c.title_id = $title_id AND c.film_id = $film_id AND accepted
            AND c.chapter_no = i.chapter_no AND i.film_s >= c.start_s AND i.film_s < c.end_s)
    QUALIFY row_number() OVER (PARTITION BY i.chapter_no, segment_no ORDER BY sentence_no) = 1
),
image AS (
    SELECT h.chapter_no, segment_no, h.film_s, 'image' AS method, z / (z + half_z) AS score, t.text AS book_text,
        NULL AS film_text
    FROM image_hit AS h
    JOIN chapter_scene AS c ON c.title_id = h.title_id AND c.film_id = h.film_id AND c.chapter_no = h.chapter_no
        AND h.film_s >= c.start_s AND h.film_s < c.end_s
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
SELECT $title_id AS title_id, $film_id AS film_id, *
FROM (FROM line UNION ALL BY NAME FROM image UNION ALL BY NAME FROM between_lines)
WHERE (SELECT accepted IS NOT false FROM film_match WHERE title_id = $title_id AND film_id = $film_id)
ORDER BY ALL
