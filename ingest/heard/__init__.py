"""Which of an album's music is heard in a film, and when."""
