-- Which cues were left out, and how many odd bytes a subtitle file has.

-- Cues that are not used: sounds and notes, lines of the distributor, cues whose times cannot be right.
CREATE TABLE left_out_cue (
    film_id VARCHAR,
    cue_no  INTEGER,                           -- 1.. of those left out, first those that were so when the file was read
    start_s DOUBLE,                            -- as the file has it; NULL where it cannot be read
    text    VARCHAR NOT NULL,                  -- as the file has it, without tags
    reason  VARCHAR NOT NULL,                  -- e.g. no spoken word
    PRIMARY KEY (film_id, cue_no)
);

ALTER TABLE cue_source ADD COLUMN n_odd INTEGER;  -- places of a file that are not valid in its encoding; NULL where the cues are the video's own
