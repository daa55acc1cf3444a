-- soundtrack: the music of every segment, with what it rests on.
WITH seen AS (
    SELECT chapter_no, segment_no, count(*) AS n_moments FROM moment WHERE title_id = $title_id GROUP BY ALL
),
near AS (
    SELECT DISTINCT chapter_no, segment_no
    FROM moment AS m
    JOIN heard AS h ON h.film_id = $film_id AND h.album_id = $album_id
        AND m.film_s BETWEEN h.start_s - $neighbourhood_s AND h.end_s + $neighbourhood_s
    WHERE title_id = $title_id
)
SELECT $title_id AS title_id, c.chapter_no, c.segment_no, c.track_no, c.music_segment_no, c.method, c.score,
    CASE WHEN c.method = 'film'
        THEN to_json({moments: f.moments, heard: f.heard, emotion: f.emotion, mode: f.mode, arousal: round(f.arousal, 3)})
        ELSE to_json({
            reason: CASE
                WHEN $film_id IS NULL THEN 'no film'
                WHEN seen.n_moments IS NULL THEN 'no film scene matches'
                WHEN near.chapter_no IS NULL THEN 'no music of the album is heard at the matching moments'
                ELSE 'the music heard there does not fit the emotion' END,
            emotion: e.emotion, mode: e.mode, arousal: round(e.arousal, 3), fits: e.fits})
    END AS evidence
FROM candidate AS c
LEFT JOIN film_music AS f USING (chapter_no, segment_no, track_no, music_segment_no)
LEFT JOIN emotion_music AS e USING (chapter_no, segment_no, track_no, music_segment_no)
LEFT JOIN seen USING (chapter_no, segment_no)
LEFT JOIN near USING (chapter_no, segment_no)
WHERE c.title_id = $title_id AND c.rank = 1
ORDER BY ALL
