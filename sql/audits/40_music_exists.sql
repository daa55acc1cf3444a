-- Audit, foreign keys and value ranges: every row of the soundtrack names a piece that the album has, gives its evidence,
-- and has a score in 0..1; music from the film names the moments it rests on. Rows are those that break this.
SELECT t.chapter_no, t.segment_no, t.track_no, t.music_segment_no, t.method, t.score
FROM soundtrack AS t
LEFT JOIN music_segment AS m ON m.album_id = $album_id AND m.track_no = t.track_no
    AND m.music_segment_no = t.music_segment_no
WHERE t.title_id = $title_id
    AND (m.track_no IS NULL OR t.score NOT BETWEEN 0 AND 1 OR isnan(t.score) OR t.evidence->>'emotion' IS NULL
        OR t.method = 'film' AND json_array_length(t.evidence->'moments') = 0)
