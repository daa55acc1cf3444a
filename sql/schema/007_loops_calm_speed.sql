-- Loops and calm of the album's segments, and the speed at which a recording plays in a film.

ALTER TABLE track ADD COLUMN true_peak_db DOUBLE;              -- dBTP; NULL for silence

ALTER TABLE energy ADD COLUMN brightness_hz FLOAT;             -- spectral centroid

ALTER TABLE music_segment ADD COLUMN loop_start_s DOUBLE;      -- place in the track to which a loop goes back
ALTER TABLE music_segment ADD COLUMN loop_end_s DOUBLE;        -- place in the track from which it does
ALTER TABLE music_segment ADD COLUMN seam FLOAT;               -- how well the two fit: 0 not at all .. 1 as if the music ran on
ALTER TABLE music_segment ADD COLUMN loudness_lufs FLOAT;      -- the parts of arousal; NULL for silence
ALTER TABLE music_segment ADD COLUMN onsets_per_s FLOAT;
ALTER TABLE music_segment ADD COLUMN brightness_hz FLOAT;
ALTER TABLE music_segment ADD COLUMN tempo_bpm FLOAT;          -- NULL where no pulse is found

ALTER TABLE heard_window ADD COLUMN speed DOUBLE DEFAULT 1;    -- seconds of the track that pass in a second of the film: 25/24 in PAL
ALTER TABLE heard ADD COLUMN speed DOUBLE DEFAULT 1;
