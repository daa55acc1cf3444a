-- A scene is placed in a chapter with a confidence; below a gate the weave does not go by it.

ALTER TABLE chapter_scene ADD COLUMN accepted BOOLEAN DEFAULT true;
