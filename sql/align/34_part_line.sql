-- part_line: the local alignments, each in the part of a scene in which its first word is spoken.
SELECT part_no, a.*
FROM local_alignment AS a
JOIN cue_word ON position = film_from
JOIN part_cue USING (cue_no)
