"""A film: its picture, sound and subtitles read into shots, scenes and cues."""
