-- What an EPUB tells about itself, so that exports need not open its file. Books of other formats have no rows.

-- Metadata of an EPUB: Dublin Core elements and the collections it belongs to.
CREATE TABLE book_metadata (
    book_id     VARCHAR,
    entry_no    INTEGER,                       -- 1.. in the order of the package document
    name        VARCHAR NOT NULL,              -- of a Dublin Core element, e.g. creator; or belongs-to-collection
    text        VARCHAR NOT NULL,              -- its value
    refinements JSON NOT NULL,                 -- list of [property, value], e.g. [["role", "aut"]]; a property may repeat
    PRIMARY KEY (book_id, entry_no)
);

-- Files of an EPUB: its cover, the style sheets of its text, and the fonts and images that these name.
CREATE TABLE book_file (
    book_id    VARCHAR,
    file_no    INTEGER,                        -- 1.. ; a style sheet comes before the files that it names
    path       VARCHAR NOT NULL,               -- inside the EPUB; of a cover: cover.jpeg, cover.png or cover.gif
    media_type VARCHAR NOT NULL,               -- e.g. text/css
    role       VARCHAR NOT NULL CHECK (role IN ('cover', 'style', 'asset')),  -- style: a sheet that the text
                                               -- links; asset: a font, image or further sheet that a sheet names
    position   INTEGER,                        -- of a style: its place among the sheets that the text links; else NULL
    data       BLOB NOT NULL,                  -- the file; of style sheets only what another EPUB may hold
    PRIMARY KEY (book_id, file_no)
);
