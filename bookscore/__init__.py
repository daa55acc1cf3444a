"""Bookscore: gives a book its soundtrack. The project's rooms are its subpackages (see ``pyproject.toml``)."""
