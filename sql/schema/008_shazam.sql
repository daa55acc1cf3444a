-- What Shazam answered, kept so that no sound is ever asked for twice.
CREATE TABLE shazam_answer (
    sound_sha256 VARCHAR PRIMARY KEY,          -- of the window's samples: 16 kHz mono, little-endian int16
    film_id      VARCHAR NOT NULL,             -- the film in which it was first heard, and where
    start_s      DOUBLE NOT NULL,
    answer       JSON NOT NULL,
    asked_at     TIMESTAMP NOT NULL            -- UTC
);
