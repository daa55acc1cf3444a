-- Names in brackets that the subtitles alone do not show to be speakers.

ALTER TABLE cue ADD COLUMN bracketed VARCHAR;  -- before the text, e.g. Harry of "[Harry] Come in."; a speaker where the book has such a person, else a sound
