"""Division of a book into chapters, without its front and back matter."""
