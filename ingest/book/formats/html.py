"""Books in one HTML file, such as Project Gutenberg's."""

from __future__ import annotations

import re
from pathlib import Path

from lxml import etree

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.book.chapters.division import Division, chapters
from bookscore.ingest.book.formats import bounds
from bookscore.ingest.book.formats.parsing import NotWhole, decoded, parse_document
from bookscore.ingest.book.formats.plain_text import read_bytes
from bookscore.ingest.book.formats.xhtml import blocks
from bookscore.ingest.book.prose import Book, clean, odd_places

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
        There is no text in `data`, or more than a book has; `path` is the file to name.
    """
    try:
        read = decoded(bounds.Markup().check(data))
        root = parse_document(read.text)
    except (NotWhole, bounds.Excess) as error:
        raise BookscoreError(f"{path}: {error}; convert it to EPUB or plain text") from error
    found, language = Division([], []), None
    if root is not None:
        heads, document = _head(root), blocks(root)
        largest = [block.text for block in document.blocks if block.level == 1]
        title = title or heads.get("title") or (largest[0] if len(largest) == 1 else path.stem)
        author = author or heads.get("author")
        found, language = chapters({path.name: document}, [], set(), title), document.language
    if not found.chapters:
        raise BookscoreError(f"{path}: has no text to read; give an EPUB or a text file of a book")
    left_out = found.left_out + odd_places(path.name, read.n_odd, read.encoding)
    return Book(title or path.stem, author, language, found.chapters, left_out)


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
