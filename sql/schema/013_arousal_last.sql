-- A segment's arousal is told once all segments of its album are known.

ALTER TABLE music_segment ALTER COLUMN arousal DROP NOT NULL;
