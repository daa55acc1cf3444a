"""A book: its file read into chapters, paragraphs, people and segments."""
