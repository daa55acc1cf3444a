-- What a book's chapters do not hold.

-- Text of a book that is in no chapter, and what of the book could not be read: every word of its file is in a chapter's
-- title, in a paragraph, or counted here.
CREATE TABLE left_out (
    book_id     VARCHAR,
    left_out_no INTEGER,                       -- 1..
    place       VARCHAR NOT NULL,              -- the document it is in: its path inside an EPUB, else the file's name
    label       VARCHAR NOT NULL,              -- the title it stands under; may be empty
    n_words     INTEGER NOT NULL,              -- 0 where nothing can be counted, e.g. a document that is not in the file
    reason      VARCHAR NOT NULL,              -- what it is (front and back matter, notes, contents, licence, ...) or what is wrong
    PRIMARY KEY (book_id, left_out_no)
);
