"""Files that hold a book: EPUB, HTML, Markdown and plain text."""
