-- What was derived from what, and music heard in a film as an item of its own.

-- What the rows of a step rest on: the same fingerprint, the same rows.
CREATE VIEW fingerprint AS
SELECT item_id, part, stage, md5(concat_ws('/', input_sha256, settings_hash, model_id)) AS fingerprint
FROM job
WHERE status = 'done';

-- What each step was derived from, with the fingerprint that had then. Where it has another now, the step is out of date.
CREATE TABLE lineage (
    item_id      VARCHAR NOT NULL,             -- the step, as in job
    part         INTEGER NOT NULL,             -- as in job
    stage        VARCHAR NOT NULL,             -- as in job
    from_item_id VARCHAR NOT NULL,             -- a step it was derived from, as in job; "program" for SQL of the program
    from_part    INTEGER NOT NULL,             -- as in job; 0 for the program
    from_stage   VARCHAR NOT NULL,             -- as in job; a folder of sql for the program
    fingerprint  VARCHAR NOT NULL              -- what the source had then: of a step in the view fingerprint, of SQL the SHA-256 of its files
);

-- Runs belong to a film, an album, a recogniser and the score that counts, and so to every title that has the same.
DROP TABLE heard;
CREATE TABLE heard (
    film_id    VARCHAR,
    album_id   VARCHAR,
    recogniser VARCHAR,                        -- album, landmarks or shazam
    min_score  DOUBLE,                         -- setting weave.heard_score: what a run must reach
    start_s    DOUBLE NOT NULL,
    end_s      DOUBLE NOT NULL,
    track_no   INTEGER NOT NULL,
    offset_s   DOUBLE NOT NULL,                -- place in the track at start_s
    score      DOUBLE NOT NULL,
    speed      DOUBLE DEFAULT 1                -- seconds of the track that pass in a second of the film: 25/24 in PAL
);
DELETE FROM job WHERE stage = 'title.recognise';
UPDATE job SET stage = 'album.arousal' WHERE stage = 'album.calm';

ALTER TABLE title_film ADD COLUMN recogniser VARCHAR;  -- by which the film's music was recognised for this title
ALTER TABLE title_film ADD COLUMN min_score DOUBLE;    -- what a run had to reach for this title
ALTER TABLE title ADD COLUMN model_set VARCHAR;        -- full or embedded: the models that it was woven with
UPDATE title SET model_set = (SELECT any_value(model_set) FROM job JOIN model USING (model_id) WHERE item_id = book_id);

-- The music heard in a title's films.
CREATE VIEW title_heard AS
SELECT title_id, film_no, heard.*
FROM title
JOIN title_film USING (title_id)
JOIN heard ON (heard.film_id, heard.album_id, heard.recogniser, heard.min_score)
    = (title_film.film_id, title.album_id, title_film.recogniser, title_film.min_score);
