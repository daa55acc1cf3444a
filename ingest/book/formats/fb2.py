"""Books in FictionBook 2 (``.fb2``, ``.fb2.zip``), read as the HTML that they amount to.

Source: the FictionBook 2.0 schema, http://www.gribuser.ru/xml/fictionbook/2.0.
"""

from __future__ import annotations

import lzma
import re
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

from lxml import etree

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.book.chapters.headings import heading
from bookscore.ingest.book.formats import archive, bounds
from bookscore.ingest.book.formats.elements import local_name
from bookscore.ingest.book.formats.html import from_html
from bookscore.ingest.book.formats.plain_text import MAX_TEXT_BYTES, read_bytes
from bookscore.ingest.book.prose import Book, clean
from bookscore.ingest.media.text import without_odd_references_in

_ELEMENTS = {
    "body": "div", "section": "div", "p": "p", "subtitle": "p", "text-author": "p", "date": "p", "poem": "div",
    "stanza": "blockquote", "cite": "blockquote", "epigraph": "blockquote", "annotation": "blockquote", "v": "div",
    "emphasis": "em", "strong": "strong", "sub": "sub", "sup": "sup", "table": "table", "tr": "tr", "td": "td",
    "th": "th", "a": "a", "image": "img", "empty-line": "hr",
}  # fmt: skip
_ATTRIBUTES = {
    "v": {"class": "line"}, "epigraph": {"role": "doc-epigraph"}, "annotation": {"role": "doc-epigraph"},
    "subtitle": {"class": "center"},
}  # fmt: skip
_DAMAGES = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, RuntimeError, NotImplementedError, StopIteration,
)  # fmt: skip
_BINARY = re.compile(
    rb"<(?:[\w.-]+:)?binary\b[^<>]*>[^<]*</(?:[\w.-]+:)?binary\s*>"
)  # pictures, which are not used
_MIN_SHARE_READ = 0.98  # of the paragraphs, for less is part of a book


def check(path: Path) -> None:
    """Check that a file is FictionBook that can be read.

    Raises
    ------
    BookscoreError
        The file cannot be read or is damaged.
    """
    _parsed(path)


def read(path: Path) -> Book:
    """A FictionBook file as a book: a chapter a section with a title, notes and epigraphs left out.

    Raises
    ------
    BookscoreError
        The file cannot be read, is damaged or holds no text.
    """
    root = _parsed(path)
    named = next(root.iter("{*}title-info"), None)
    fields = {} if named is None else {local_name(e): clean(e.text or "") for e in _elements(named)}
    authors = [] if named is None else [_name(e) for e in named.iterchildren("{*}author")]
    html = etree.Element("html")
    made = etree.SubElement(html, "body")
    for i, body in enumerate(list(root.iterchildren("{*}body"))):
        _set_as_html(body)
        if i and body.get("name"):
            body.set("role", "doc-endnotes")
        made.append(body)
    data = etree.tostring(html, encoding="utf-8", xml_declaration=True)
    book = from_html(data, path, fields.get("book-title"), ", ".join(filter(None, authors)) or None)
    return replace(book, language=fields.get("lang") or None)


def _parsed(path: Path) -> etree._Element:
    data = _BINARY.sub(b"", _content(path))
    try:
        bounds.Markup().check(data)
    except bounds.Excess as error:
        raise BookscoreError(f"{path}: {error}; split it, or convert it to plain text") from error
    options = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": True}
    try:
        return etree.fromstring(data, etree.XMLParser(**options))
    except etree.XMLSyntaxError as error:
        data = without_odd_references_in(data)
        root = etree.fromstring(data, etree.XMLParser(recover=True, **options))
        n_paragraphs = len(re.findall(rb"<p[\s/>]", data))
        if root is None or sum(1 for _ in root.iter("{*}p")) < _MIN_SHARE_READ * n_paragraphs:
            raise BookscoreError(
                f"{path}: is damaged ({clean(error.msg)}); convert it to EPUB with Calibre, or get it again"
            ) from error
        return root


def _content(path: Path) -> bytes:
    if not zipfile.is_zipfile(path):
        return read_bytes(path)
    try:
        with archive.opened(path) as file:
            name = next(name for name in file.namelist() if name.lower().endswith(".fb2"))
            return archive.member(file, name, MAX_TEXT_BYTES)
    except bounds.Excess as error:
        raise BookscoreError(f"{path}: is no book's file (it {error}); it is not read") from error
    except _DAMAGES as error:
        raise BookscoreError(f"{path}: is damaged ({clean(str(error))}); get the file again") from error


def _elements(parent: etree._Element) -> list[etree._Element]:
    return [element for element in parent if isinstance(element.tag, str)]


def _name(author: etree._Element) -> str:
    parts = {local_name(e): clean(e.text or "") for e in _elements(author)}
    full = clean(" ".join(parts.get(f"{part}-name", "") for part in ("first", "middle", "last")))
    return full or parts.get("nickname", "")


def _set_as_html(body: etree._Element) -> None:
    """Rename a body's elements; a title becomes a heading as deep as its section."""
    depths = {body: 1}
    for element in list(body.iter()):
        if not isinstance(element.tag, str):
            continue
        name, parent = local_name(element), element.getparent()
        depth = depths[element] = depths.get(element, depths.get(parent, 1) + (name == "section"))
        attributes = _ATTRIBUTES.get(name, {})
        if name == "a" and element.get("type") == "note":
            attributes = {"role": "doc-noteref"}
        kept = {"name": element.get("name", "")} if element is body and element.get("name") else {}
        element.attrib.clear()
        element.attrib.update({**kept, **attributes})
        if name == "title":
            is_heading = parent is not None and parent.tag == "div" and not parent.get("class")
            _join(element)
            element.tag = f"h{min(6, depth)}" if is_heading else "p"
        else:
            is_line = parent is not None and re.fullmatch("h[1-6]", str(parent.tag))
            element.tag = "span" if is_line else _ELEMENTS.get(name, "span")


def _join(title: etree._Element) -> None:
    """Set the lines of a title as one."""
    lines = [line for line in _elements(title) if "".join(line.itertext()).strip()]
    for line in lines[:-1]:
        text = clean("".join(line.itertext()))
        line.tail = " " if text[-1] in ".:;,!?…—" else ": " if heading(text) else ". "
