-- What readers have decided about a title's music, in the order in which it was decided.
--
-- $title: name of the title
--
-- decision_no  number of the decision
-- verb         pin, ban, calmer or louder
-- chapter_no   of the segment when it was decided; NULL for the whole book
-- segment_no   likewise
-- opening      the segment's first words, by which it is known
-- track_no     number of the track then; NULL for calmer and louder
-- track_title  its title, by which it is known
-- at_s         place in the track; NULL for all of it
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
