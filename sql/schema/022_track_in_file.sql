-- A track may be a part of a file: of the image of a disc with a cue sheet.

ALTER TABLE track ADD COLUMN file_start_s DOUBLE DEFAULT 0;    -- place in the file where the track begins; all other times are counted from there
ALTER TABLE track ADD COLUMN file_end_s DOUBLE;                -- place in the file where it ends; NULL at the file's end
