-- Audit, business rule (paper 3.3): the mode of the music fits the emotion of the text, except where the reader pinned the
-- music, or where bans leave no piece that would fit. Rows are the segments that break this.
SELECT t.chapter_no, t.segment_no, s.emotion, m.mode
FROM soundtrack AS t
JOIN segment AS s ON s.book_id = $book_id AND s.chapter_no = t.chapter_no AND s.segment_no = t.segment_no
JOIN music_segment AS m ON m.album_id = $album_id AND m.track_no = t.track_no
    AND m.music_segment_no = t.music_segment_no
WHERE t.title_id = $title_id AND t.method <> 'reader'
    AND s.emotion <> 'neutral' AND (s.emotion = 'positive') <> (m.mode = 'major')
    AND EXISTS (
        SELECT 1 FROM music_segment AS o
        WHERE o.album_id = $album_id AND (s.emotion = 'positive') = (o.mode = 'major')
            AND NOT EXISTS (
                SELECT 1 FROM decided AS d
                WHERE verb = 'ban' AND applies AND d.track_no = o.track_no
                    AND (d.chapter_no IS NULL OR d.chapter_no = t.chapter_no AND d.segment_no = t.segment_no)
                    AND (at_s IS NULL OR at_s >= o.start_s AND at_s < o.end_s)))
