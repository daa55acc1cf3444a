-- Audit, business rule: pinned music plays where it is pinned, and banned music plays only where it is pinned. Rows are the
-- decisions that are not followed, with what plays instead.
WITH played AS (
    SELECT t.chapter_no, t.segment_no, t.method, t.track_no, m.start_s, m.end_s
    FROM soundtrack AS t
    JOIN music_segment AS m ON m.album_id = $album_id AND m.track_no = t.track_no
        AND m.music_segment_no = t.music_segment_no
    WHERE t.title_id = $title_id
)
SELECT d.decision_no, verb, p.chapter_no, p.segment_no, p.track_no
FROM decided AS d
JOIN played AS p ON d.chapter_no IS NULL OR d.chapter_no = p.chapter_no AND d.segment_no = p.segment_no
WHERE applies AND verb IN ('pin', 'ban') AND (verb = 'pin' OR method <> 'reader')
    AND (verb = 'pin') <> (d.track_no = p.track_no AND (at_s IS NULL OR at_s >= p.start_s AND at_s < p.end_s))
