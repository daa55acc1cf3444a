-- part_cue: range join: the part of a scene in which each spoken cue starts.
SELECT cue_no, part_no
FROM spoken_cue AS c
JOIN scene_part AS p ON p.scene_no = c.scene_no AND c.start_s >= p.start_s AND c.start_s < p.end_s
