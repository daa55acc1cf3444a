-- An album: tracks > music segments, and what is measured on them.

CREATE TABLE album (
    album_id VARCHAR PRIMARY KEY,
    title    VARCHAR NOT NULL,
    artist   VARCHAR,
    path     VARCHAR NOT NULL
);

CREATE TABLE track (
    album_id   VARCHAR,
    track_no   INTEGER,                        -- 1.. in tag order, without gaps
    title      VARCHAR NOT NULL,
    artist     VARCHAR,
    path       VARCHAR NOT NULL,
    duration_s DOUBLE,                         -- NULL until its sound is read
    lufs       DOUBLE,                         -- integrated loudness; NULL for silence
    PRIMARY KEY (album_id, track_no)
);

CREATE TABLE keystrength (
    album_id VARCHAR,
    track_no INTEGER,
    frame_no INTEGER,                          -- 1..
    time_s   DOUBLE NOT NULL,                  -- middle of the window
    strength FLOAT[24] NOT NULL                -- C..B major, then c..b minor; -1..1
);

-- Loudness and onsets on the keystrength frames.
CREATE TABLE energy (
    album_id     VARCHAR,
    track_no     INTEGER,
    frame_no     INTEGER,
    time_s       DOUBLE NOT NULL,
    rms_db       FLOAT NOT NULL,
    onsets_per_s FLOAT NOT NULL
);

CREATE TABLE novelty (
    album_id VARCHAR,
    track_no INTEGER,
    frame_no INTEGER,
    time_s   DOUBLE NOT NULL,
    novelty  FLOAT NOT NULL                    -- 0..1 inside its track
);

CREATE TABLE music_segment (
    album_id         VARCHAR,
    track_no         INTEGER,
    music_segment_no INTEGER,                  -- 1.. inside its track
    start_s          DOUBLE NOT NULL,
    end_s            DOUBLE NOT NULL,
    mode             VARCHAR NOT NULL CHECK (mode IN ('major', 'minor')),
    mode_strength    FLOAT NOT NULL,           -- mean of max(major) - max(minor); > 0 is major
    arousal          FLOAT NOT NULL,           -- 0 calmest .. 1 most stirring of its album
    gain_db          FLOAT NOT NULL,           -- to the reading level of -23 LUFS; 0 where unknown
    PRIMARY KEY (album_id, track_no, music_segment_no)
);

-- Landmarks (Wang 2003): hash = f1 (8 bits) | f2 - f1 (6) | t2 - t1 (6).
CREATE TABLE track_landmark (
    album_id VARCHAR,
    track_no INTEGER,
    time_s   FLOAT NOT NULL,
    hash     INTEGER NOT NULL
);

-- The sound at a low rate in blocks of at most a minute, for the recogniser: little-endian int16 mono.
CREATE TABLE track_sound (
    album_id VARCHAR,
    track_no INTEGER,
    block_no INTEGER,                          -- 1..
    start_s  DOUBLE NOT NULL,
    rate_hz  INTEGER NOT NULL,
    pcm      BLOB NOT NULL
);
