-- fit: every segment with every piece of music: whether and how closely they suit in emotion (paper 3.3).
--   nth        place of the segment in the book, 1..
--   piece_no   the piece as one number: 1000 x track_no + music_segment_no
--   fits       major for positive text, minor for negative, either for neutral
--   closeness  0..1: how near they are, where -1 is the saddest passage of the book or the most minor piece
--              of the pool, and 1 the happiest or the most major; it tells neutral passages apart, too
--   tie        0..1, by chance, but always the same: another for each segment and piece
WITH passage AS (
    SELECT chapter_no, segment_no, any_value(s.emotion) AS emotion,
        coalesce(sum((p_positive - p_negative) * p.n_words) / sum(p.n_words) FILTER (p_positive IS NOT NULL), 0)::DOUBLE AS valence
    FROM segment AS s
    LEFT JOIN paragraph AS p USING (book_id, chapter_no)
    WHERE book_id = $book_id AND paragraph_no BETWEEN first_paragraph_no AND last_paragraph_no
    GROUP BY ALL
),
piece AS (
    SELECT *, mode_strength / coalesce(nullif(max(abs(mode_strength)) OVER (), 0), 1)::DOUBLE AS valence
    FROM music_segment
    WHERE album_id = $album_id
),
placed AS (
    SELECT *, row_number() OVER (ORDER BY chapter_no, segment_no) AS nth,
        valence / coalesce(nullif(max(abs(valence)) OVER (), 0), 1) AS relative_valence
    FROM passage
)
SELECT nth, s.chapter_no, s.segment_no, s.emotion, 1000 * m.track_no + m.music_segment_no AS piece_no,
    m.track_no, m.music_segment_no, m.start_s, m.end_s, m.mode, m.arousal::DOUBLE AS arousal,
    s.emotion = 'neutral' OR (s.emotion = 'positive') = (m.mode = 'major') AS fits,
    1 - abs(relative_valence - m.valence) / 2 AS closeness,
    hash(concat_ws('/', s.chapter_no, s.segment_no, m.track_no, m.music_segment_no, $seed::BIGINT)) / 18446744073709551616.0 AS tie
FROM placed AS s, piece AS m
