-- fit: whether a piece of music suits a segment's emotion (paper 3.3): major for positive, minor for
-- negative, either for neutral. Where the album has no piece of the mode at all, every piece is allowed,
-- since every segment must have music; `fits` then stays false and the soundtrack says so.
-- tie orders pieces that are otherwise equal, differently from segment to segment but always the same way.
SELECT s.chapter_no, s.segment_no, s.emotion, m.track_no, m.music_segment_no, m.start_s, m.end_s, m.mode, m.arousal,
    s.emotion = 'neutral' OR (s.emotion = 'positive') = (m.mode = 'major') AS fits,
    bool_or(fits) OVER (PARTITION BY s.chapter_no, s.segment_no) AS any_fits,
    hash(concat_ws('/', s.chapter_no, s.segment_no, m.track_no, m.music_segment_no, $seed::BIGINT)) AS tie
FROM segment AS s
JOIN music_segment AS m ON m.album_id = $album_id
WHERE s.book_id = $book_id
