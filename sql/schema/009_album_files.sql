-- Loudness on the keystrength frames, and the files of an album's folder that are not used.

ALTER TABLE energy RENAME COLUMN rms_db TO lufs;               -- K-weighted; -120 for silence

CREATE TABLE unused_file (
    album_id VARCHAR,
    track_no INTEGER,                          -- NULL for a file that is no track
    path     VARCHAR NOT NULL,
    reason   VARCHAR NOT NULL                  -- what is wrong and what to do
);
