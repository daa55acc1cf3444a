-- candidate: the five best pieces for each segment; those that the film plays come first.
WITH ranked AS (
    SELECT chapter_no, segment_no, track_no, music_segment_no, 'film' AS method, score, 1 AS source, nth FROM film_music
    UNION ALL
    SELECT chapter_no, segment_no, track_no, music_segment_no, 'emotion', score, 2, nth
    FROM emotion_music
    ANTI JOIN film_music USING (chapter_no, segment_no, track_no, music_segment_no)
)
SELECT $title_id AS title_id, chapter_no, segment_no,
    row_number() OVER (PARTITION BY chapter_no, segment_no ORDER BY source, nth) AS rank,
    track_no, music_segment_no, method, score
FROM ranked
QUALIFY rank <= 5
ORDER BY ALL
