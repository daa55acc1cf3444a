-- decided: the reader's decisions, at the segment and the track that they are about today.
--
-- A segment is known by its first words, for its number may have changed; where two begin alike, the nearer
-- counts. A track is known by its title, then by its number. A decision about words or music that are no
-- longer there does not stand: it is kept, but nothing follows from it.
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
        AND (d.track_title IS NULL OR music.track_no IS NOT NULL) AS stands
FROM decision AS d
LEFT JOIN place USING (decision_no)
LEFT JOIN music USING (decision_no)
WHERE title_id = $title_id
ORDER BY decision_no
