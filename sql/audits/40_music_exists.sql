-- The soundtrack names pieces that the album has, says its method and reasons, and has a score in 0..1.
SELECT t.chapter_no, t.segment_no, t.track_no, t.music_segment_no, t.method, t.score
FROM soundtrack AS t
LEFT JOIN music_segment AS m ON m.album_id = $album_id AND m.track_no = t.track_no
    AND m.music_segment_no = t.music_segment_no
WHERE t.title_id = $title_id
    AND (m.track_no IS NULL OR t.score NOT BETWEEN 0 AND 1 OR isnan(t.score) OR t.evidence->>'emotion' IS NULL
        OR t.method = 'film' AND json_array_length(t.evidence->'moments') = 0)
