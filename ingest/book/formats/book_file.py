"""A book's file in any of the forms that are read: EPUB, FictionBook, DOCX, HTML, Markdown or plain text."""

from __future__ import annotations

from pathlib import Path

from bookscore.ingest.book.formats import docx, epub, fb2, html, markdown, plain_text, publication
from bookscore.ingest.book.formats.publication import Publication
from bookscore.ingest.book.formats.recognised import form_of
from bookscore.ingest.book.prose import Book

_READERS = {
    "epub": epub.read, "fb2": fb2.read, "docx": docx.read, "html": html.read, "markdown": markdown.read,
    "text": plain_text.read,
}  # fmt: skip


def read(path: Path) -> Book:
    """The book in a file.

    Raises
    ------
    BookscoreError
        The file cannot be read or holds no text.
    """
    return _READERS[form_of(path)](path)


def publication_of(path: Path) -> Publication:
    """Metadata, cover and style sheets of an EPUB; nothing for the other forms, which have none to keep.

    Raises
    ------
    BookscoreError
        The file cannot be read.
    """
    return publication.read(path) if form_of(path) == "epub" else Publication()


def check(path: Path) -> None:
    """Check that a file can be read as a book, without dividing it into chapters.

    Raises
    ------
    BookscoreError
        The file cannot be read, or is of a kind that is not read as a book.
    """
    form = form_of(path)
    if form == "epub":
        with epub.Epub(path):
            return
    checks = {"docx": docx.check, "fb2": fb2.check}
    checks.get(form, plain_text.decode)(path)
