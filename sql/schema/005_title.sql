-- A title: one book, its film (or none) and an album, aligned and woven.
-- Every table here but title and job is derived by a file of sql/align or sql/weave of the same name.

CREATE TABLE title (
    title_id VARCHAR PRIMARY KEY,
    name     VARCHAR NOT NULL UNIQUE,
    book_id  VARCHAR NOT NULL,
    film_id  VARCHAR,                          -- NULL for a book without a film
    album_id VARCHAR NOT NULL
);

-- The best place in the album for each window of the film's sound, before any decision.
CREATE TABLE heard_window (
    film_id    VARCHAR,
    album_id   VARCHAR,
    window_no  INTEGER,
    start_s    DOUBLE NOT NULL,
    end_s      DOUBLE NOT NULL,
    track_no   INTEGER,                        -- NULL where the window is silent
    offset_s   DOUBLE,                         -- place in the track at start_s
    score      DOUBLE NOT NULL,
    recogniser VARCHAR NOT NULL
);

-- Runs of the film in which a track of the album is heard.
CREATE TABLE heard (
    film_id  VARCHAR,
    album_id VARCHAR,
    start_s  DOUBLE NOT NULL,
    end_s    DOUBLE NOT NULL,
    track_no INTEGER NOT NULL,
    offset_s DOUBLE NOT NULL,                  -- place in the track at start_s
    score    DOUBLE NOT NULL
);

-- Lines of the book that are spoken in the film.
CREATE TABLE dialogue_match (
    title_id     VARCHAR,
    chapter_no   INTEGER,
    paragraph_no INTEGER,
    scene_no     INTEGER,
    cue_no       INTEGER,                      -- the cue in which the match begins
    film_s       DOUBLE NOT NULL,
    n_words      INTEGER NOT NULL,             -- matched words
    score        DOUBLE NOT NULL,              -- surprise of the matched words, in nats
    beyond_nats  DOUBLE NOT NULL,              -- how far that is beyond chance for this chapter and scene
    book_text    VARCHAR NOT NULL,
    film_text    VARCHAR NOT NULL
);

-- Who is named where: the book's names in chapters and scenes.
CREATE TABLE character_count (
    title_id VARCHAR,
    name     VARCHAR NOT NULL,
    place    VARCHAR NOT NULL,                 -- chapter or scene
    place_no INTEGER NOT NULL,
    n        INTEGER NOT NULL
);

CREATE TABLE chapter_scene_evidence (
    title_id   VARCHAR,
    chapter_no INTEGER,
    scene_no   INTEGER,
    dialogue   DOUBLE NOT NULL,                -- log-likelihood ratios against chance, in nats
    characters DOUBLE NOT NULL,
    place      DOUBLE NOT NULL                 -- prior: book and film run side by side
);

-- The path through chapters x scenes; a scene on no row is not in the book.
CREATE TABLE chapter_scene (
    title_id   VARCHAR,
    chapter_no INTEGER,
    scene_no   INTEGER,
    score      DOUBLE NOT NULL
);

-- Whether film and book tell the same story, by what is said in both.
CREATE TABLE film_match (
    title_id VARCHAR,
    n_lines  INTEGER NOT NULL,                 -- matched lines on the path
    nats     DOUBLE NOT NULL,                  -- their evidence
    accepted BOOLEAN                           -- NULL where there are no cues to judge by
);

-- Visual sentences against film frames: the best frames of each sentence.
CREATE TABLE image_hit (
    title_id     VARCHAR,
    chapter_no   INTEGER,
    paragraph_no INTEGER,
    sentence_no  INTEGER,
    shot_no      INTEGER,
    frame_no     INTEGER,
    film_s       DOUBLE NOT NULL,
    similarity   DOUBLE NOT NULL,              -- cosine
    z            DOUBLE NOT NULL               -- over the sentence's cosines with the whole film
);

-- Moments of the film that a segment matches.
CREATE TABLE moment (
    title_id   VARCHAR,
    chapter_no INTEGER,
    segment_no INTEGER,
    film_s     DOUBLE NOT NULL,
    method     VARCHAR NOT NULL CHECK (method IN ('dialogue', 'image')),
    score      DOUBLE NOT NULL,
    book_text  VARCHAR NOT NULL,
    film_text  VARCHAR                         -- NULL for an image
);

CREATE TABLE segment_scene (
    title_id   VARCHAR,
    chapter_no INTEGER,
    segment_no INTEGER,
    scene_no   INTEGER,
    method     VARCHAR NOT NULL CHECK (method IN ('dialogue', 'image')),
    score      DOUBLE NOT NULL
);

-- Music that may be given to a segment, best first.
CREATE TABLE candidate (
    title_id         VARCHAR,
    chapter_no       INTEGER,
    segment_no       INTEGER,
    rank             INTEGER NOT NULL,         -- 1 is the choice
    track_no         INTEGER NOT NULL,
    music_segment_no INTEGER NOT NULL,
    method           VARCHAR NOT NULL CHECK (method IN ('film', 'emotion')),
    score            DOUBLE NOT NULL
);

CREATE TABLE soundtrack (
    title_id         VARCHAR,
    chapter_no       INTEGER,
    segment_no       INTEGER,
    track_no         INTEGER NOT NULL,
    music_segment_no INTEGER NOT NULL,
    method           VARCHAR NOT NULL CHECK (method IN ('film', 'emotion')),
    score            DOUBLE NOT NULL,          -- 0..1
    evidence         JSON NOT NULL
);
