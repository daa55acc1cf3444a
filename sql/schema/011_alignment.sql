-- A title may have several films (a series), and each is aligned with the book by itself: the tables of the
-- alignment name the film. A film's numbers of scenes, shots and cues are its own.

CREATE TABLE title_film (                      -- title.film_id is the first
    title_id VARCHAR,
    film_no  INTEGER,                          -- 1.. in the order of the story
    film_id  VARCHAR NOT NULL,
    PRIMARY KEY (title_id, film_no)
);
INSERT INTO title_film SELECT title_id, 1, film_id FROM title WHERE film_id IS NOT NULL;

ALTER TABLE dialogue_match ADD COLUMN film_id VARCHAR;
ALTER TABLE dialogue_match ADD COLUMN is_quote BOOLEAN DEFAULT true;  -- said in the book, too; else the book narrates it

ALTER TABLE chapter_scene_evidence ADD COLUMN film_id VARCHAR;
ALTER TABLE chapter_scene_evidence ADD COLUMN words DOUBLE DEFAULT 0;  -- rare words of the scene's cues in the chapter's text
ALTER TABLE chapter_scene_evidence ADD COLUMN image DOUBLE DEFAULT 0;  -- visual sentences that stand out against the scene's frames

ALTER TABLE chapter_scene ADD COLUMN film_id VARCHAR;
ALTER TABLE chapter_scene ADD COLUMN confidence DOUBLE;  -- 0..1: probability of the cell, given all evidence

ALTER TABLE film_match ADD COLUMN film_id VARCHAR;
ALTER TABLE image_hit ADD COLUMN film_id VARCHAR;
ALTER TABLE moment ADD COLUMN film_id VARCHAR;
ALTER TABLE segment_scene ADD COLUMN film_id VARCHAR;

UPDATE dialogue_match AS t SET film_id = title.film_id FROM title WHERE title.title_id = t.title_id;
UPDATE chapter_scene_evidence AS t SET film_id = title.film_id FROM title WHERE title.title_id = t.title_id;
UPDATE chapter_scene AS t SET film_id = title.film_id FROM title WHERE title.title_id = t.title_id;
UPDATE film_match AS t SET film_id = title.film_id FROM title WHERE title.title_id = t.title_id;
UPDATE image_hit AS t SET film_id = title.film_id FROM title WHERE title.title_id = t.title_id;
UPDATE moment AS t SET film_id = title.film_id FROM title WHERE title.title_id = t.title_id;
UPDATE segment_scene AS t SET film_id = title.film_id FROM title WHERE title.title_id = t.title_id;

DROP TABLE character_count;                    -- names are counted by person now, in a table that need not stay
