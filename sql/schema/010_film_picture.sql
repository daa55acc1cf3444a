-- What one pass over a film's picture and sound tells besides shots, and how its cues fit the sound.

ALTER TABLE shot ADD COLUMN opening VARCHAR;       -- how it begins: start (of the film), cut, dissolve, fade
ALTER TABLE cue ADD COLUMN is_lyrics BOOLEAN;      -- sung, as the subtitles mark it

CREATE TABLE film_picture (
    film_id          VARCHAR PRIMARY KEY,
    n_frames         INTEGER NOT NULL,             -- decoded
    n_damaged        INTEGER NOT NULL              -- packets that could not be decoded, and were left out
);

-- Stretches of black picture: fades pass through them, and so do many scene changes.
CREATE TABLE black (
    film_id VARCHAR,
    start_s DOUBLE NOT NULL,
    end_s   DOUBLE NOT NULL
);

-- A strip of small pictures at even times, for reports.
CREATE TABLE thumbnail (
    film_id VARCHAR,
    time_s  DOUBLE NOT NULL,
    jpeg    BLOB NOT NULL
);

-- Where the sound holds speech.
CREATE TABLE film_speech (
    film_id VARCHAR,
    start_s DOUBLE NOT NULL,
    end_s   DOUBLE NOT NULL
);

-- Where the cues come from, and how they were moved to fit the sound: film time = offset_s + speed * their own time.
CREATE TABLE cue_source (
    film_id  VARCHAR PRIMARY KEY,
    origin   VARCHAR NOT NULL,                     -- file, track, transcript, none
    language VARCHAR,                              -- ISO 639-2 of a track, where it tells
    format   VARCHAR,                              -- e.g. subrip, ass, hdmv_pgs_subtitle
    n_left_out INTEGER NOT NULL,                   -- cues without a spoken word: sounds, notes, the distributor's lines
    offset_s DOUBLE NOT NULL,                      -- 0 where nothing was moved
    speed    DOUBLE NOT NULL,                      -- 1 where nothing was moved
    fit      DOUBLE                                -- how well cues and speech agree after it, -1..1; NULL where not measurable
);
