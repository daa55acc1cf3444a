-- The weave: its weights, what readers decide, and why a piece was chosen.

ALTER TABLE track ADD COLUMN album VARCHAR;    -- title of its album by its own tags, as a pool has many; NULL where they tell none

-- The settings a title was woven with, so that it can be woven again as it was.
CREATE TABLE weave_setting (
    title_id VARCHAR,
    name     VARCHAR,                          -- without its "weave."
    value    VARCHAR NOT NULL,
    reason   VARCHAR,                          -- why it is there; NULL for those of the alignment
    PRIMARY KEY (title_id, name)
);

-- What a reader has decided about a title's music; never derived, and so never lost.
CREATE TABLE decision (
    title_id    VARCHAR,
    decision_no INTEGER,                       -- 1.. in the order in which they were taken
    verb        VARCHAR NOT NULL CHECK (verb IN ('pin', 'ban', 'calmer', 'louder')),
    chapter_no  INTEGER,                       -- of the segment when it was decided; NULL for the whole title
    segment_no  INTEGER,
    opening     VARCHAR,                       -- the segment's first words, by which it is known later
    track_no    INTEGER,                       -- NULL for calmer and louder
    track_title VARCHAR,                       -- by which the track is known later, should its number change
    at_s        DOUBLE,                        -- place in the track; NULL for all of it
    arousal     DOUBLE,                        -- of the music that was to be calmer or louder
    PRIMARY KEY (title_id, decision_no)
);

-- The first words of each segment, without case and accents.
CREATE VIEW segment_opening AS
SELECT book_id, chapter_no, segment_no, array_to_string(regexp_extract_all(
    strip_accents(lower(string_agg(text, ' ' ORDER BY paragraph_no))), '[\p{L}\p{N}]+')[:12], ' ') AS opening
FROM segment
JOIN paragraph USING (book_id, chapter_no)
WHERE paragraph_no BETWEEN first_paragraph_no AND least(last_paragraph_no, first_paragraph_no + 3)
GROUP BY ALL;

-- Music may be the reader's own choice, too. DuckDB cannot change a CHECK, so both tables are made anew.
ALTER TABLE candidate RENAME TO old_candidate;
CREATE TABLE candidate (                       -- music that might be given to a segment
    title_id         VARCHAR,
    chapter_no       INTEGER,
    segment_no       INTEGER,
    rank             INTEGER NOT NULL,         -- 1 is the choice, then by score
    track_no         INTEGER NOT NULL,
    music_segment_no INTEGER NOT NULL,
    method           VARCHAR NOT NULL CHECK (method IN ('film', 'emotion', 'reader')),
    score            DOUBLE NOT NULL,          -- sum of the next five: what it is worth beside the music chosen around it
    film             DOUBLE,                   -- for being heard in the film at the segment's moments
    emotion          DOUBLE,                   -- for the closeness of its mode to the text's emotion
    calm             DOUBLE,                   -- against stirring pieces, and short ones
    variety          DOUBLE,                   -- against pieces and tracks that are heard too often
    continuity       DOUBLE                    -- for running on inside one scene of the film
);
INSERT INTO candidate BY NAME SELECT * FROM old_candidate;
DROP TABLE old_candidate;

ALTER TABLE soundtrack RENAME TO old_soundtrack;
CREATE TABLE soundtrack (
    title_id         VARCHAR,
    chapter_no       INTEGER,
    segment_no       INTEGER,
    track_no         INTEGER NOT NULL,
    music_segment_no INTEGER NOT NULL,
    method           VARCHAR NOT NULL CHECK (method IN ('film', 'emotion', 'reader')),
    score            DOUBLE NOT NULL,          -- 0..1
    evidence         JSON NOT NULL
);
INSERT INTO soundtrack BY NAME SELECT * FROM old_soundtrack;
DROP TABLE old_soundtrack;
