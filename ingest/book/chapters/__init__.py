"""Where a book's chapters begin and end, and what is not of its story."""
