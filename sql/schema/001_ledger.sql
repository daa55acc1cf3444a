-- What the program has done, with what, to which file.

-- One row a stage of an item; written in the same transaction as the rows the stage made.
CREATE TABLE job (
    medium        VARCHAR NOT NULL,            -- book, film, album or title
    item_id       VARCHAR NOT NULL,
    part          INTEGER NOT NULL,            -- track_no where a stage runs once a track, else 0
    stage         VARCHAR NOT NULL,            -- e.g. book.read
    input_sha256  VARCHAR NOT NULL,            -- of the files read and of the stages it builds on
    settings_hash VARCHAR NOT NULL,            -- of the settings the stage names, and its version
    model_id      VARCHAR,                     -- NULL where no model is used
    status        VARCHAR NOT NULL CHECK (status IN ('done', 'failed')),
    started_at    TIMESTAMP NOT NULL,          -- UTC
    finished_at   TIMESTAMP NOT NULL,          -- UTC
    n_rows        BIGINT NOT NULL,
    error         VARCHAR,                     -- NULL unless failed
    PRIMARY KEY (item_id, part, stage)
);

-- Checksums by file, so that a 20 GB film is not read again to learn that it is the same film.
CREATE TABLE source_file (
    path       VARCHAR PRIMARY KEY,
    size_bytes BIGINT NOT NULL,
    mtime_ns   BIGINT NOT NULL,
    sha256     VARCHAR NOT NULL
);

-- Every model whose vectors or labels are in the warehouse.
CREATE TABLE model (
    model_id  VARCHAR PRIMARY KEY,             -- name@revision
    task      VARCHAR NOT NULL,                -- sentence, image_text, emotion or recogniser
    model_set VARCHAR NOT NULL,                -- full or embedded
    dim       INTEGER                          -- length of its vectors; NULL where it makes none
);

-- What was asked to be ingested, whether its stages are done or not.
CREATE TABLE item (
    item_id VARCHAR PRIMARY KEY,
    medium  VARCHAR NOT NULL,
    files   JSON NOT NULL                      -- path by role, e.g. {"video": ...}
);
