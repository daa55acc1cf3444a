-- emotion_music: every piece of the album that suits a segment's emotion, best first, for segments that
-- the film has no fitting music for.
--
-- Readers were disturbed by high arousal even where the emotion was right (paper 4.3), so pieces above
-- $calm_arousal come last; so do pieces shorter than $short_s, whose loop wears. The others take turns from
-- segment to segment, which spreads the album over the book.
WITH rated AS (
    SELECT *, fits = any_fits AS allowed, arousal <= $calm_arousal AND end_s - start_s >= $short_s AS pleasant
    FROM fit
),
turned AS (
    SELECT *,
        row_number() OVER (PARTITION BY chapter_no, segment_no, pleasant
            ORDER BY hash(concat_ws('/', track_no, music_segment_no, $seed::BIGINT)), track_no, music_segment_no) AS place,
        count(*) OVER (PARTITION BY chapter_no, segment_no, pleasant) AS n_places,
        dense_rank() OVER (ORDER BY chapter_no, segment_no) AS turn
    FROM rated
    WHERE allowed
)
SELECT chapter_no, segment_no, track_no, music_segment_no, emotion, mode, arousal, fits,
    CASE WHEN fits THEN 1 ELSE 0.5 END * (1 - greatest(0, arousal - $calm_arousal)) AS score,
    row_number() OVER (PARTITION BY chapter_no, segment_no
        ORDER BY pleasant DESC, (place + n_places - turn % n_places) % n_places, track_no, music_segment_no) AS nth
FROM turned
