"""What the command line does: the work that commands share, and groups of them that bookscore.py offers."""
