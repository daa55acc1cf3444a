"""A film's subtitles: read, cleaned, and moved to fit the speech that is heard."""
