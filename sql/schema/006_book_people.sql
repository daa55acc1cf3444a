-- Who a book tells of and who speaks, and how its paragraphs are set.

ALTER TABLE paragraph ADD COLUMN markup VARCHAR;  -- `text` as XHTML, with no element but em, strong, small, sub, sup and br
UPDATE paragraph
SET markup = replace(replace(replace(replace(text, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), chr(10), '<br/>');

CREATE TABLE person (
    book_id    VARCHAR,
    person_no  INTEGER,                        -- 1.. by falling n_mentions
    name       VARCHAR NOT NULL,               -- the fullest form the book uses
    names      VARCHAR[] NOT NULL,             -- every form, the most frequent first
    gender     VARCHAR CHECK (gender IN ('female', 'male')),  -- NULL where the book does not tell
    n_mentions INTEGER NOT NULL,
    PRIMARY KEY (book_id, person_no)
);

CREATE TABLE mention (
    book_id      VARCHAR,
    chapter_no   INTEGER,
    paragraph_no INTEGER,
    mention_no   INTEGER,                      -- 1.. inside its paragraph
    person_no    INTEGER NOT NULL,
    text         VARCHAR NOT NULL,
    first_char   INTEGER NOT NULL,             -- of the paragraph's text, counted from 1
    PRIMARY KEY (book_id, chapter_no, paragraph_no, mention_no)
);

-- Who says a quote where the text tells ("said Sara"): a person's number where it is one of the book's
-- persons, else only the words ("the old gentleman"). Both NULL where the text does not tell.
ALTER TABLE quote ADD COLUMN speaker VARCHAR;
ALTER TABLE quote ADD COLUMN person_no INTEGER;
