-- A book: chapters > paragraphs > sentences and quotes; segments are runs of paragraphs.

CREATE TABLE book (
    book_id  VARCHAR PRIMARY KEY,
    title    VARCHAR NOT NULL,
    author   VARCHAR,
    language VARCHAR,
    path     VARCHAR NOT NULL,
    n_words  INTEGER NOT NULL
);

CREATE TABLE chapter (
    book_id    VARCHAR,
    chapter_no INTEGER,                        -- 1.. in reading order
    title      VARCHAR NOT NULL,
    n_words    INTEGER NOT NULL,
    PRIMARY KEY (book_id, chapter_no)
);

CREATE TABLE paragraph (
    book_id      VARCHAR,
    chapter_no   INTEGER,
    paragraph_no INTEGER,                      -- 1.. inside its chapter
    text         VARCHAR NOT NULL,             -- plain text; '\n' only between lines of verse
    n_words      INTEGER NOT NULL,
    emotion      VARCHAR CHECK (emotion IN ('positive', 'neutral', 'negative')),
    p_positive   FLOAT,                        -- the classifier's probabilities, adding up to 1
    p_neutral    FLOAT,
    p_negative   FLOAT,
    PRIMARY KEY (book_id, chapter_no, paragraph_no)
);

CREATE TABLE sentence (
    book_id      VARCHAR,
    chapter_no   INTEGER,
    paragraph_no INTEGER,
    sentence_no  INTEGER,                      -- 1.. inside its paragraph
    text         VARCHAR NOT NULL,
    is_dialogue  BOOLEAN NOT NULL,             -- any part of it stands inside quotation marks
    PRIMARY KEY (book_id, chapter_no, paragraph_no, sentence_no)
);

CREATE TABLE quote (
    book_id      VARCHAR,
    chapter_no   INTEGER,
    paragraph_no INTEGER,
    quote_no     INTEGER,                      -- 1.. inside its paragraph
    text         VARCHAR NOT NULL,             -- without the quotation marks
    n_words      INTEGER NOT NULL,
    PRIMARY KEY (book_id, chapter_no, paragraph_no, quote_no)
);

-- Sentences that can be seen in a picture: narration, rare words, concrete words (paper 3.2).
CREATE TABLE visual_sentence (
    book_id      VARCHAR,
    chapter_no   INTEGER,
    paragraph_no INTEGER,
    sentence_no  INTEGER,
    tfidf        FLOAT NOT NULL,
    concreteness FLOAT NOT NULL,               -- mean over its rated words, 1..5
    score        FLOAT NOT NULL,               -- both together; the higher the more visual
    PRIMARY KEY (book_id, chapter_no, paragraph_no, sentence_no)
);

CREATE TABLE segment (
    book_id            VARCHAR,
    chapter_no         INTEGER,
    segment_no         INTEGER,                -- 1.. inside its chapter
    first_paragraph_no INTEGER NOT NULL,
    last_paragraph_no  INTEGER NOT NULL,
    n_words            INTEGER NOT NULL,
    emotion            VARCHAR NOT NULL CHECK (emotion IN ('positive', 'neutral', 'negative')),
    PRIMARY KEY (book_id, chapter_no, segment_no)
);

-- Sentence-encoder vectors of whole paragraphs, for segmentation. Unit length.
CREATE TABLE paragraph_vector (
    book_id      VARCHAR,
    chapter_no   INTEGER,
    paragraph_no INTEGER,
    model_id     VARCHAR NOT NULL,
    vector       FLOAT[] NOT NULL
);

-- Image-text-encoder vectors of the visual sentences: the space in which frames lie. Unit length.
CREATE TABLE sentence_vector (
    book_id      VARCHAR,
    chapter_no   INTEGER,
    paragraph_no INTEGER,
    sentence_no  INTEGER,
    model_id     VARCHAR NOT NULL,
    vector       FLOAT[] NOT NULL
);
