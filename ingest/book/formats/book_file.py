"""A book's file in any of the forms that are read: EPUB, HTML, Markdown or plain text."""

from __future__ import annotations

from pathlib import Path

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.book.formats import epub, html, markdown, plain_text, publication
from bookscore.ingest.book.formats.publication import Publication
from bookscore.ingest.book.prose import Book

_READERS = {"epub": epub.read, "html": html.read, "markdown": markdown.read, "text": plain_text.read}
_HTML_SUFFIXES = {".html", ".htm", ".xhtml", ".xht"}
_MARKDOWN_SUFFIXES = {".md", ".markdown"}
_UTF_16_MARKS = b"\xff\xfe\x00"


def read(path: Path) -> Book:
    """The book in a file.

    Raises
    ------
    BookscoreError
        The file cannot be read or holds no text.
    """
    return _READERS[_form(path)](path)


def publication_of(path: Path) -> Publication:
    """Metadata, cover and style sheets of an EPUB; nothing for the other forms, which have none to keep.

    Raises
    ------
    BookscoreError
        The file cannot be read.
    """
    return publication.read(path) if _form(path) == "epub" else Publication()


def check(path: Path) -> None:
    """Check that a file can be read as a book, without dividing it into chapters.

    Raises
    ------
    BookscoreError
        The file cannot be read, or is no EPUB and no text.
    """
    if _form(path) == "epub":
        with epub.Epub(path):
            return
    plain_text.decode(path)


def _form(path: Path) -> str:
    """By the file's content; by its name where that does not tell."""
    if path.is_dir():
        if not any(path.glob("*")):
            raise BookscoreError(f"{path}: is an empty folder; give an EPUB, HTML, Markdown or text file")
        return "epub"  # unpacked
    if not path.is_file():
        raise BookscoreError(f"{path}: no such file; give an EPUB, HTML, Markdown or text file")
    try:
        with path.open("rb") as file:
            head = file.read(1024)
    except OSError as error:
        raise BookscoreError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    suffix = path.suffix.lower()
    if head.startswith(b"PK") or suffix == ".epub":
        return "epub"
    opening = head.translate(None, _UTF_16_MARKS).removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    is_xhtml = opening.startswith(b"<?xml") and b"<html" in opening
    if is_xhtml or opening.startswith((b"<!doctype html", b"<html")) or suffix in _HTML_SUFFIXES:
        return "html"
    return "markdown" if suffix in _MARKDOWN_SUFFIXES else "text"
