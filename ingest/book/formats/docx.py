"""Books in Word's DOCX, read as the HTML that mammoth makes of them."""

from __future__ import annotations

import lzma
import re
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from lxml import etree

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.book.formats import archive, bounds
from bookscore.ingest.book.formats.html import from_html
from bookscore.ingest.book.prose import Book, LeftOut, clean, count_words
from bookscore.ingest.media.text import without_odd_references_in

MAX_XML_BYTES = 16 * 2**20  # of all parts: a novel of a million words
_MAX_TAGS = 300_000  # of all parts; mammoth's trees take some kilobytes for each
_UNUSED = ("customXml/", "word/theme/")
_DOCTYPE = re.compile(rb"<\0?!\0?D\0?O\0?C\0?T")  # in any encoding that is read
_DOCUMENT = re.compile(r"word/document\d*\.xml")
_STYLES = """
p[style-name='Title'] => h1.booktitle:fresh
p[style-name^='Chapter'] => h2:fresh
p[style-name^='toc'] => !
p[style-name='Centred'] => p.center:fresh
"""
_TITLE = re.compile(r'<h1 class="booktitle">(.*?)</h1>', re.DOTALL)
_FAULTS = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError, RuntimeError, TypeError, ValueError,
    SyntaxError, ExpatError, zipfile.BadZipFile, zlib.error, lzma.LZMAError,
)  # fmt: skip
"""What mammoth raises at a file that is not as Word writes it: its own checks are few."""


def check(path: Path) -> None:
    """Check that a file can be read as DOCX, without reading its text.

    Raises
    ------
    BookscoreError
        The file is damaged, or has more text than a book has.
    """
    _parts(path)


def read(path: Path) -> Book:
    """A DOCX file as a book: chapters by its heading styles, else as in HTML; notes and comments left out.

    Raises
    ------
    BookscoreError
        The file cannot be read, is damaged or holds no text.
    """
    import mammoth

    parts = _parts(path)
    # mammoth unpacks whatever an archive holds: it is given one whose size is known.
    bounded = BytesIO()
    with zipfile.ZipFile(bounded, "w") as made:
        for name, data in parts.items():
            made.writestr(name, data)
    notes: list[str] = []
    try:
        html = mammoth.convert_to_html(
            bounded,
            style_map=_STYLES,
            include_embedded_style_map=False,
            transform_document=partial(_prepared, notes),
            convert_image=mammoth.images.img_element(lambda image: {}),
        ).value
        named = _named(parts)
    except _FAULTS as error:
        raise _damaged(path, error) from error
    titles = [clean(unescape(re.sub(r"<[^>]+>", "", title))) for title in _TITLE.findall(html)]
    title = named.get("title") or next(filter(None, titles), None)
    book = from_html(f"<html><body>{html}</body></html>".encode(), path, title, named.get("creator"))
    n_words = sum(map(count_words, notes))
    left_out = [*book.left_out, *([LeftOut(path.name, "", n_words, "notes")] if n_words else [])]
    return replace(book, language=named.get("language") or named.get("lang"), left_out=left_out)


def _parts(path: Path) -> dict[str, bytes]:
    """The XML files of an archive, within the bounds; the document among them is well-formed."""
    parts: dict[str, bytes] = {}
    n_bytes = 0
    try:
        with archive.opened(path) as file:
            for name in file.namelist():
                if name.endswith((".xml", ".rels")) and not name.startswith(_UNUSED):
                    parts[name] = archive.member(file, name, MAX_XML_BYTES - n_bytes)
                    n_bytes += len(parts[name])
        document = next(filter(_DOCUMENT.fullmatch, parts), None)
        if document is None:
            raise BookscoreError(f"{path}: is a DOCX without a text; save it again as DOCX or EPUB")
        if any(map(_DOCTYPE.search, parts.values())):
            raise ValueError("it declares a document type")  # Office forbids that: entities fill the memory
        if sum(data.count(b"<") for data in parts.values()) > _MAX_TAGS:
            raise BookscoreError(
                f"{path}: has more than the {_MAX_TAGS:,} tags allowed for a DOCX; convert it to EPUB"
            )
        options = {"resolve_entities": False, "no_network": True, "load_dtd": False}
        for _, element in etree.iterparse(BytesIO(parts[document]), **options):
            element.clear()
    except bounds.Excess as error:
        raise BookscoreError(
            f"{path}: unpacks to more than the {MAX_XML_BYTES >> 20} MB allowed for a DOCX; convert it to EPUB"
        ) from error
    except _FAULTS as error:
        raise _damaged(path, error) from error
    return parts


def _damaged(path: Path, error: Exception) -> BookscoreError:
    reason = clean(str(error)) or type(error).__name__
    return BookscoreError(f"{path}: is a damaged DOCX ({reason}); save it again as DOCX or EPUB")


def _prepared(notes: list[str], document: Any) -> Any:
    """The document without its notes, whose text `notes` receives; paragraphs that are centred are named so."""
    from mammoth import documents, transforms

    def text(element: Any) -> str:
        if isinstance(element, documents.Text):
            return str(element.value)
        return "".join(map(text, getattr(element, "children", [])))

    def without_notes(element: Any) -> Any:
        for child in element.children:
            if isinstance(child, documents.NoteReference):
                with suppress(KeyError):  # a reference may outlive its note
                    notes.extend(map(text, document.notes.resolve(child).body))
        kept = [child for child in element.children if not isinstance(child, documents.NoteReference)]
        return element.copy(children=kept)

    def centred(paragraph: Any) -> Any:
        if paragraph.alignment != "center" or paragraph.style_id:
            return paragraph
        return paragraph.copy(style_id="Centred", style_name="Centred")

    return transforms.paragraph(centred)(transforms.run(without_notes)(document))


def _named(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Title, creator and language as the file's properties and its styles give them."""
    named: dict[str, str] = {}
    for part in ("docProps/core.xml", "word/styles.xml"):
        if part in parts:
            parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
            data = without_odd_references_in(parts[part])
            root = etree.fromstring(data, parser)
            for element in (
                root.iter("{*}title", "{*}creator", "{*}language", "{*}lang") if root is not None else ()
            ):
                value = element.text or next((v for k, v in element.items() if k.endswith("}val")), "")
                if value := clean(value):
                    named.setdefault(etree.QName(element).localname, value)
    return named
