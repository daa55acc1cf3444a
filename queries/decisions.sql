-- The reader's decisions about a title's music, oldest first.
--
-- $title: name of the title
--
-- decision_no  number of the decision
-- verb         pin, ban, calmer or louder
-- chapter_no   chapter of the segment at the time of the decision; NULL for the whole book
-- segment_no   segment at the time of the decision; NULL for the whole book
-- opening      the segment's first words, which identify it
-- track_no     number of the track at the time of the decision; NULL for calmer and louder
-- track_title  title of the track, which identifies it
-- at_s         place in the track, in seconds; NULL for the whole track
SELECT
    decision_no,
    verb,
    chapter_no,
    segment_no,
    opening,
    track_no,
    track_title,
    round(at_s, 3) AS at_s
FROM title
JOIN decision USING (title_id)
WHERE title.name = $title
ORDER BY decision_no
