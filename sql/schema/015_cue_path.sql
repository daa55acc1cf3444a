-- The subtitle file is the cues' source: other subtitles leave the film itself, and all that is made of its picture, as it was.

ALTER TABLE cue_source ADD COLUMN path VARCHAR;  -- of the subtitle file; NULL where the cues are the video's own
UPDATE cue_source SET path = subtitles_path FROM film WHERE film.film_id = cue_source.film_id;
ALTER TABLE film DROP COLUMN subtitles_path;
