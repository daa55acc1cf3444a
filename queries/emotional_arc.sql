-- Emotion of the text, and mode and arousal of its music, by position in the book.
--
-- $title: name of the title
--
-- position    middle of the segment as a share of the book's words, 0..1
-- chapter_no  number of the chapter
-- segment_no  number of the text segment inside its chapter
-- emotion     positive, neutral or negative
-- valence     mean of p_positive - p_negative over the paragraphs, weighted by words: -1..1
-- mode        mode of its music: major or minor
-- arousal     arousal of its music: 0 calmest .. 1 most stirring of the album
WITH valence AS (
    SELECT
        segment.book_id, segment.chapter_no, segment.segment_no,
        sum((p_positive - p_negative)::DOUBLE * paragraph.n_words)
            / sum(paragraph.n_words) FILTER (p_positive IS NOT NULL) AS valence
    FROM segment
    JOIN paragraph
        ON paragraph.book_id = segment.book_id
        AND paragraph.chapter_no = segment.chapter_no
        AND paragraph.paragraph_no BETWEEN segment.first_paragraph_no AND segment.last_paragraph_no
    GROUP BY ALL
)
SELECT
    round((sum(segment.n_words) OVER reading - segment.n_words / 2) / sum(segment.n_words) OVER (), 4) AS position,
    chapter_no,
    segment_no,
    segment.emotion,
    round(valence.valence, 3) AS valence,
    music_segment.mode,
    round(music_segment.arousal::DOUBLE, 3) AS arousal
FROM title
JOIN segment USING (book_id)
LEFT JOIN valence USING (book_id, chapter_no, segment_no)
LEFT JOIN soundtrack USING (title_id, chapter_no, segment_no)
LEFT JOIN music_segment USING (album_id, track_no, music_segment_no)
WHERE title.name = $title
WINDOW reading AS (ORDER BY chapter_no, segment_no)
ORDER BY chapter_no, segment_no
