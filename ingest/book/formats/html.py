"""Books in one HTML file, such as Project Gutenberg's."""

from __future__ import annotations

import re
from pathlib import Path

from lxml import etree

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.book.chapters.division import chapters
from bookscore.ingest.book.formats.plain_text import read_bytes
from bookscore.ingest.book.formats.xhtml import blocks, parse_document
from bookscore.ingest.book.prose import Book, clean

_GUTENBERG_TITLE = re.compile(
    r"(?:The )?Project Gutenberg e-?book of (?P<title>.+?)(?:,? by (?P<author>.+?))?\.?"
    r"|(?P<plain>.+?) \| Project Gutenberg",
    re.IGNORECASE,
)


def read(path: Path) -> Book:
    """An HTML file as a book: one chapter a heading, nested as the headings are.

    Raises
    ------
    BookscoreError
        The file cannot be read or holds no text.
    """
    return from_html(read_bytes(path), path)


def from_html(data: bytes, path: Path, title: str | None = None, author: str | None = None) -> Book:
    """The book that is written in `data`; its head tells title and author where they are not given.

    Parameters
    ----------
    data : bytes
        An HTML document.
    path : Path
        File to name in an error; its name is the title where nothing else tells one.
    title, author : str, optional
        Those that are known already; else the document's head gives them.

    Raises
    ------
    BookscoreError
        There is no text in `data`; `path` is the file to name.
    """
    root = parse_document(data)
    found = []
    if root is not None:
        heads, document = _head(root), blocks(root)
        largest = [block.text for block in document.blocks if block.level == 1]
        title = title or heads.get("title") or (largest[0] if len(largest) == 1 else path.stem)
        author = author or heads.get("author")
        found = chapters({path.name: document}, [], set(), title)
    if not found:
        raise BookscoreError(f"{path}: has no text to read; give an EPUB or a text file of a book")
    return Book(title or path.stem, author, document.language, found)


def _head(root: etree._Element) -> dict[str, str]:
    """Title and author as the document's head gives them."""
    heads: dict[str, str] = {}
    for meta in root.iter("{*}meta"):
        name = (meta.get("name") or "").lower().removeprefix("dc.").replace("creator", "author")
        if content := clean(meta.get("content") or ""):
            heads.setdefault(name, content)
    title = clean(next((e.text or "" for e in root.iter("{*}title")), ""))
    if match := _GUTENBERG_TITLE.fullmatch(title):
        title = match["title"] or match["plain"]
        if match["author"]:
            heads.setdefault("author", match["author"])
    return {"title": title, **heads}
