-- A film: shots > scenes, frames, cues, sound. Times are the player's, in seconds.

CREATE TABLE film (
    film_id        VARCHAR PRIMARY KEY,
    title          VARCHAR NOT NULL,
    path           VARCHAR NOT NULL,           -- the video; the subtitle file where there is no video
    subtitles_path VARCHAR,                    -- NULL where the cues come from the video or are absent
    duration_s     DOUBLE NOT NULL,
    fps            DOUBLE,
    width_px       INTEGER,
    height_px      INTEGER,
    has_picture    BOOLEAN NOT NULL,
    has_sound      BOOLEAN NOT NULL
);

CREATE TABLE shot (
    film_id   VARCHAR,
    shot_no   INTEGER,                         -- 1..
    start_s   DOUBLE NOT NULL,
    end_s     DOUBLE NOT NULL,
    histogram FLOAT[] NOT NULL,                -- mean RGB 6x6x6 histogram, adding up to 1
    PRIMARY KEY (film_id, shot_no)
);

-- First, middle and last frame of each shot.
CREATE TABLE frame (
    film_id  VARCHAR,
    shot_no  INTEGER,
    frame_no INTEGER,                          -- 1.. inside its shot
    time_s   DOUBLE NOT NULL,
    jpeg     BLOB NOT NULL
);

CREATE TABLE frame_vector (
    film_id  VARCHAR,
    shot_no  INTEGER,
    frame_no INTEGER,
    time_s   DOUBLE NOT NULL,
    model_id VARCHAR NOT NULL,
    vector   FLOAT[] NOT NULL                  -- unit length
);

CREATE TABLE scene (
    film_id       VARCHAR,
    scene_no      INTEGER,                     -- 1..
    first_shot_no INTEGER,                     -- NULL where the film has no picture
    last_shot_no  INTEGER,
    start_s       DOUBLE NOT NULL,
    end_s         DOUBLE NOT NULL,
    PRIMARY KEY (film_id, scene_no)
);

CREATE TABLE cue (
    film_id VARCHAR,
    cue_no  INTEGER,                           -- 1..
    start_s DOUBLE NOT NULL,
    end_s   DOUBLE NOT NULL,
    text    VARCHAR NOT NULL,                  -- plain text on one line
    speaker VARCHAR,                           -- where the subtitles mark one
    PRIMARY KEY (film_id, cue_no)
);

CREATE TABLE film_landmark (
    film_id VARCHAR,
    time_s  FLOAT NOT NULL,
    hash    INTEGER NOT NULL
);

CREATE TABLE film_sound (
    film_id  VARCHAR,
    block_no INTEGER,
    start_s  DOUBLE NOT NULL,
    rate_hz  INTEGER NOT NULL,
    pcm      BLOB NOT NULL
);
