"""Whom a book tells of, and who says its quotes."""
