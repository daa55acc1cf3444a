-- decided: deterministic record linkage: matches each of the reader's decisions with the segment and the track that it is
-- about today, since their numbers may have changed since the decision was taken.
--   chapter_no, segment_no  the segment, found by its first words; where several begin with the same words, the one whose
--                           numbers are nearest to those at the time of the decision. NULL for a decision about the book
--   track_no                the track, found by its title; where several have it, the one with the same number, if any
--   applies                 whether the words and the track still exist. If not, the decision is kept without effect
WITH place AS (
    SELECT decision_no, o.chapter_no, o.segment_no
    FROM decision AS d
    JOIN segment_opening AS o ON o.book_id = $book_id AND o.opening = d.opening
    WHERE title_id = $title_id
    QUALIFY row_number() OVER (PARTITION BY decision_no ORDER BY
        abs(o.chapter_no - d.chapter_no), abs(o.segment_no - d.segment_no), o.chapter_no, o.segment_no) = 1
),
music AS (
    SELECT decision_no, t.track_no
    FROM decision AS d
    JOIN track AS t ON t.album_id = $album_id AND t.title = d.track_title
    WHERE title_id = $title_id AND coalesce(at_s <= duration_s, true)
    QUALIFY row_number() OVER (PARTITION BY decision_no ORDER BY t.track_no <> d.track_no, t.track_no) = 1
)
SELECT decision_no, verb, place.chapter_no, place.segment_no, music.track_no, at_s, arousal,
    (d.opening IS NULL OR place.segment_no IS NOT NULL)
        AND (d.track_title IS NULL OR music.track_no IS NOT NULL) AS applies
FROM decision AS d
LEFT JOIN place USING (decision_no)
LEFT JOIN music USING (decision_no)
WHERE title_id = $title_id
ORDER BY decision_no
