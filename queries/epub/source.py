"""What an EPUB made of an EPUB keeps of it: metadata, cover, styles."""

from __future__ import annotations

import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from bookscore.engine.errors import BookscoreError

if TYPE_CHECKING:
    from bookscore.ingest.book.formats.epub import Epub

DC = "{http://purl.org/dc/elements/1.1/}"
OPF = "{http://www.idpf.org/2007/opf}"
ONCE = {"date"}
"""Elements of which EPUB 3 allows one."""
REFINEMENTS = {
    "alternate-script", "collection-type", "display-seq", "file-as", "group-position", "role", "title-type",
}  # fmt: skip
IMAGE_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif"}


@dataclass(frozen=True)
class File:
    """A file of an EPUB."""

    path: str
    media_type: str
    data: bytes


@dataclass(frozen=True)
class Entry:
    """A statement about the book.

    Attributes
    ----------
    name : str
        Of a Dublin Core element, e.g. creator; or ``belongs-to-collection``.
    text : str
    refinements : list of (str, str)
        E.g. role and file-as; a person may have several roles.
    """

    name: str
    text: str
    refinements: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Source:
    """What is kept.

    Attributes
    ----------
    metadata : list of Entry
    cover : File or None
    styles : list of str
        Paths of the style sheets that the text links, in their order.
    files : list of File
        Those sheets and what they name.
    """

    metadata: list[Entry]
    cover: File | None
    styles: list[str]
    files: list[File]


def read(path: Path) -> Source:
    """What is kept of an EPUB.

    Raises
    ------
    BookscoreError
        The file is gone, is no EPUB, is damaged or protected.
    """
    from bookscore.ingest.book.formats.epub import Epub

    with Epub(path) as epub:
        styles, files = _styles(epub)
        return Source(list(_metadata(epub)), _cover(epub), styles, files)


def cover(path: Path) -> bytes | None:
    """The cover of a book's file as JPEG or PNG; None where there is none or the file has moved."""
    from bookscore.ingest.book.formats.epub import Epub

    try:
        with Epub(path) as epub:
            found = _cover(epub)
    except BookscoreError:
        return None
    return found.data if found and found.media_type in ("image/jpeg", "image/png") else None


def _data(epub: Epub, name: str) -> bytes | None:
    """A file of the archive; None where it is absent or damaged: the book is told without it."""
    try:
        return epub.archive.read(name)
    except (KeyError, zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError):
        return None


def _cover(epub: Epub) -> File | None:
    from PIL import Image, UnidentifiedImageError

    items = epub.package.items
    named = [meta.get("content") for meta in epub.package.root.iter("{*}meta") if meta.get("name") == "cover"]
    found = [item for item in items.values() if "cover-image" in item.properties]
    found += [items[name] for name in named if name in items]
    for item in found:
        data = _data(epub, item.href)
        if data is None:
            continue
        try:
            with Image.open(BytesIO(data)) as image:
                image.verify()
                form = image.format or ""
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
            continue
        if form in IMAGE_TYPES:
            # By a name of our own: books name files in ways that epubcheck warns of.
            return File(f"cover.{form.lower()}", IMAGE_TYPES[form], data)
    return None


def _metadata(epub: Epub) -> Iterator[Entry]:
    refined: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for meta in epub.package.root.iter("{*}meta"):
        about, what = (meta.get("refines") or "").lstrip("#"), meta.get("property", "")
        if what in REFINEMENTS and (meta.text or "").strip():
            refined[about].append((what, meta.text.strip()))
    seen = set()
    for element in epub.package.root.iter(f"{DC}*", "{*}meta"):
        text = " ".join((element.text or "").split())
        if element.tag.startswith(DC):
            name = element.tag.removeprefix(DC)
        elif element.get("property") == "belongs-to-collection" and not element.get("refines"):
            name = "belongs-to-collection"
        else:
            continue
        if text and not (name in ONCE and name in seen):
            seen.add(name)
            # EPUB 2 writes refinements as attributes.
            early = [
                (what, element.get(OPF + what)) for what in ("role", "file-as") if element.get(OPF + what)
            ]
            yield Entry(name, text, early + refined.get(element.get("id"), []))


def _styles(epub: Epub) -> tuple[list[str], list[File]]:
    """The sheets that the longest document links, and all files kept for them."""
    from bookscore.ingest.book.formats.xhtml import parse_document
    from bookscore.queries.epub import styles

    if not epub.package.spine:
        return [], []
    longest = max(epub.package.spine, key=lambda name: epub.archive.getinfo(name).file_size)
    root = parse_document(_data(epub, longest) or b"")
    hrefs = [
        link.get("href", "")
        for link in (root.iter("{*}link") if root is not None else ())
        if "stylesheet" in (link.get("rel") or "").lower() and "alternate" not in link.get("rel").lower()
    ]
    by_path = {item.href: item for item in epub.package.items.values()}
    scrambled = _scrambled(epub)
    kept: dict[str, File] = {}

    def keep(path: str) -> bool:
        if path in kept:
            return True
        item, data = by_path.get(path), _data(epub, path)
        if item is None or data is None or path in scrambled:
            return False
        kept[path] = File(path, item.media_type, data)
        if item.media_type == "text/css":
            kept[path] = File(path, item.media_type, styles.kept(data, path, keep).encode())
        return True

    linked = [styles.resolved(href, longest) for href in hrefs]
    return [path for path in linked if path and keep(path)], list(kept.values())


def _scrambled(epub: Epub) -> set[str]:
    """Files whose bytes are obfuscated with the source's identifier, as fonts may be."""
    from bookscore.ingest.book.formats.xhtml import parse_xml

    data = _data(epub, "META-INF/encryption.xml")
    root = parse_xml(data) if data else None
    return {unquote(e.get("URI", "")) for e in root.iter("{*}CipherReference")} if root is not None else set()
