-- compatibility: rule-based matching of emotion and musical mode (paper 3.3): every text segment with every piece of music
-- (a piece is one music segment of a track).
--   nth        number of the segment in the book, 1, 2, ...
--   piece_no   number of the piece in the album, 1, 2, ... by track and by place in the track
--   fits       the mode suits the emotion: major for positive text, minor for negative, either for neutral
--   closeness  0..1: 1 less half the distance between the text's and the piece's valence, each scaled to -1..1 by the
--              greatest absolute value in the book or the album; it ranks pieces for neutral text, too
--   tie        0..1: a hash of segment, piece and $seed, to break ties at random but reproducibly
--
-- Constant: hash_range = 2^64, the number of values of hash().
WITH constant AS (SELECT 18446744073709551616.0 AS hash_range),
passage AS (
    SELECT chapter_no, segment_no, any_value(s.emotion) AS emotion,
        coalesce(sum((p_positive - p_negative) * p.n_words) / sum(p.n_words) FILTER (p_positive IS NOT NULL), 0)::DOUBLE AS valence
    FROM segment AS s
    LEFT JOIN paragraph AS p USING (book_id, chapter_no)
    WHERE book_id = $book_id AND paragraph_no BETWEEN first_paragraph_no AND last_paragraph_no
    GROUP BY ALL
),
piece AS (
    SELECT *, row_number() OVER (ORDER BY track_no, music_segment_no) AS piece_no,
        mode_strength / coalesce(nullif(max(abs(mode_strength)) OVER (), 0), 1)::DOUBLE AS valence
    FROM music_segment
    WHERE album_id = $album_id
),
placed AS (
    SELECT *, row_number() OVER (ORDER BY chapter_no, segment_no) AS nth,
        valence / coalesce(nullif(max(abs(valence)) OVER (), 0), 1) AS relative_valence
    FROM passage
)
SELECT nth, s.chapter_no, s.segment_no, s.emotion, piece_no,
    m.track_no, m.music_segment_no, m.start_s, m.end_s, m.mode, m.arousal::DOUBLE AS arousal,
    s.emotion = 'neutral' OR (s.emotion = 'positive') = (m.mode = 'major') AS fits,
    1 - abs(relative_valence - m.valence) / 2 AS closeness,
    hash(concat_ws('/', s.chapter_no, s.segment_no, m.track_no, m.music_segment_no, $seed::BIGINT)) / hash_range AS tie
FROM placed AS s, piece AS m, constant
