-- Pinned music is heard where it was pinned, and banned music is not heard, but where it is pinned.
WITH heard AS (
    SELECT t.chapter_no, t.segment_no, t.method, t.track_no, m.start_s, m.end_s
    FROM soundtrack AS t
    JOIN music_segment AS m ON m.album_id = $album_id AND m.track_no = t.track_no
        AND m.music_segment_no = t.music_segment_no
    WHERE t.title_id = $title_id
)
SELECT d.decision_no, verb, h.chapter_no, h.segment_no, h.track_no
FROM decided AS d
JOIN heard AS h ON d.chapter_no IS NULL OR d.chapter_no = h.chapter_no AND d.segment_no = h.segment_no
WHERE stands AND verb IN ('pin', 'ban') AND (verb = 'pin' OR method <> 'reader')
    AND (verb = 'pin') <> (d.track_no = h.track_no AND (at_s IS NULL OR at_s >= h.start_s AND at_s < h.end_s))
