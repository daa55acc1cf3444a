-- Files of an EPUB that exports go without.

CREATE TABLE unused_book_file (
    book_id VARCHAR,
    path    VARCHAR,                           -- inside the EPUB: of its cover, or of what its style sheets name
    reason  VARCHAR NOT NULL,                  -- what is wrong with it
    PRIMARY KEY (book_id, path)
);
