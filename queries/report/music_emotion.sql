-- The emotion of each text segment's music: -1 the most minor piece of the pool, 1 the most major.
WITH piece AS (
    SELECT
        album_id, track_no, music_segment_no,
        mode_strength / nullif(max(abs(mode_strength)) OVER (PARTITION BY album_id), 0)::DOUBLE AS strength
    FROM music_segment
)
SELECT
    chapter_no,
    segment_no,
    coalesce(strength, 0) AS strength
FROM title
JOIN soundtrack USING (title_id)
JOIN piece USING (album_id, track_no, music_segment_no)
WHERE title.name = $title
ORDER BY chapter_no, segment_no
