-- The chapter where a scene stands need not be the one whose words are spoken there, and a scene may change chapter inside.

ALTER TABLE chapter_scene_evidence ADD COLUMN part_no INTEGER;  -- 1.. through the film: a scene, or a part of one

ALTER TABLE chapter_scene ADD COLUMN told_chapter_no INTEGER;   -- whose words are spoken; mostly chapter_no
ALTER TABLE chapter_scene ADD COLUMN start_s DOUBLE;            -- of the scene, or of the part that the row is about
ALTER TABLE chapter_scene ADD COLUMN end_s DOUBLE;

UPDATE chapter_scene_evidence SET part_no = scene_no;
UPDATE chapter_scene SET told_chapter_no = chapter_no;
UPDATE chapter_scene AS t SET start_s = scene.start_s, end_s = scene.end_s
    FROM scene WHERE scene.film_id = t.film_id AND scene.scene_no = t.scene_no;

-- A moment may lie between the lines that are spoken before and after its segment's words: gap_s apart in the film.
CREATE TABLE timed_moment (
    title_id   VARCHAR,
    chapter_no INTEGER,
    segment_no INTEGER,
    film_s     DOUBLE NOT NULL,
    method     VARCHAR NOT NULL CHECK (method IN ('dialogue', 'image', 'between')),
    score      DOUBLE NOT NULL,
    book_text  VARCHAR NOT NULL,
    film_text  VARCHAR,                        -- NULL for an image, and between lines
    film_id    VARCHAR,
    gap_s      DOUBLE                          -- NULL except between lines: the time between these in the film
);
INSERT INTO timed_moment BY NAME FROM moment;
DROP TABLE moment;
ALTER TABLE timed_moment RENAME TO moment;

CREATE TABLE timed_segment_scene (
    title_id   VARCHAR,
    chapter_no INTEGER,
    segment_no INTEGER,
    scene_no   INTEGER,
    method     VARCHAR NOT NULL CHECK (method IN ('dialogue', 'image', 'between')),
    score      DOUBLE NOT NULL,
    film_id    VARCHAR
);
INSERT INTO timed_segment_scene BY NAME FROM segment_scene;
DROP TABLE segment_scene;
ALTER TABLE timed_segment_scene RENAME TO segment_scene;
