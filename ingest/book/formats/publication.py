"""What an EPUB tells about itself: its metadata, its cover, and the style sheets of its text with their fonts and images."""

from __future__ import annotations

import struct
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

from bookscore.ingest.book.formats import style_sheets
from bookscore.ingest.book.formats.epub import Epub
from bookscore.ingest.book.formats.parsing import parse_document, parse_xml

_DC = "{http://purl.org/dc/elements/1.1/}"
_OPF = "{http://www.idpf.org/2007/opf}"
_ONCE = {"date"}
"""Elements of which EPUB 3 allows one."""
_REFINEMENTS = {
    "alternate-script", "collection-type", "display-seq", "file-as", "group-position", "role", "title-type",
}  # fmt: skip
_IMAGE_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif"}


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
    refinements: list[tuple[str, str]]


@dataclass(frozen=True)
class File:
    """A file of the EPUB.

    Attributes
    ----------
    path, media_type : str
    role : str
        cover; style: a sheet that the text links; asset: what a sheet names.
    data : bytes
        Of style sheets only what another EPUB may hold (see `style_sheets.kept`).
    position : int or None
        Place of a style among the sheets that the text links; None for other files.
    """

    path: str
    media_type: str
    role: str
    data: bytes
    position: int | None = None


@dataclass(frozen=True)
class Publication:
    """Metadata in the order of the package document; cover, style sheets and what these name."""

    metadata: list[Entry] = field(default_factory=list)
    files: list[File] = field(default_factory=list)


def read(path: Path) -> Publication:
    """What an EPUB tells about itself. Files in it that are damaged, protected or obfuscated are left out.

    Raises
    ------
    BookscoreError
        The file is no EPUB, is damaged or protected (see `Epub`).
    """
    with Epub(path) as epub:
        cover = _cover(epub)
        return Publication(list(_metadata(epub)), [*([cover] if cover else []), *_styles(epub)])


def _cover(epub: Epub) -> File | None:
    from PIL import Image, UnidentifiedImageError

    items = epub.package.items
    named = [meta.get("content") for meta in epub.package.root.iter("{*}meta") if meta.get("name") == "cover"]
    found = [item for item in items.values() if "cover-image" in item.properties]
    found += [items[name] for name in named if name in items]
    for item in found:
        data = epub.intact(item.href)
        if data is None:
            continue
        try:
            with Image.open(BytesIO(data)) as image:
                image.verify()
                form = image.format or ""
        except (
            UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError, EOFError,
            struct.error, zlib.error,
        ):  # fmt: skip
            continue
        if form in _IMAGE_TYPES:
            # By a name of our own: books name files in ways that epubcheck warns of.
            return File(f"cover.{form.lower()}", _IMAGE_TYPES[form], "cover", data)
    return None


def _metadata(epub: Epub) -> Iterator[Entry]:
    refined: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for meta in epub.package.root.iter("{*}meta"):
        about, what = (meta.get("refines") or "").lstrip("#"), meta.get("property", "")
        if what in _REFINEMENTS and (meta.text or "").strip():
            refined[about].append((what, meta.text.strip()))
    seen = set()
    for element in epub.package.root.iter(f"{_DC}*", "{*}meta"):
        text = " ".join((element.text or "").split())
        if element.tag.startswith(_DC):
            name = element.tag.removeprefix(_DC)
        elif element.get("property") == "belongs-to-collection" and not element.get("refines"):
            name = "belongs-to-collection"
        else:
            continue
        if text and not (name in _ONCE and name in seen):
            seen.add(name)
            # EPUB 2 writes refinements as attributes.
            early = [
                (what, element.get(_OPF + what)) for what in ("role", "file-as") if element.get(_OPF + what)
            ]
            yield Entry(name, text, early + refined.get(element.get("id"), []))


def _styles(epub: Epub) -> list[File]:
    """The sheets that the longest document links, and the files that they name."""
    if not epub.package.spine:
        return []
    longest = max(epub.package.spine, key=lambda name: epub.archive.getinfo(name).file_size)
    root = parse_document(epub.intact(longest) or b"")
    hrefs = [
        link.get("href", "")
        for link in (root.iter("{*}link") if root is not None else ())
        if "stylesheet" in (link.get("rel") or "").lower() and "alternate" not in link.get("rel").lower()
    ]
    by_path = {item.href: item for item in epub.package.items.values()}
    obfuscated = _obfuscated(epub)
    kept: dict[str, File] = {}

    def keep(path: str) -> bool:
        if path in kept:
            return True
        item, data = by_path.get(path), epub.intact(path)
        if item is None or data is None or path in obfuscated:
            return False
        kept[path] = File(path, item.media_type, "asset", data)
        if item.media_type == "text/css":
            css = style_sheets.kept(data, path, keep).encode(errors="replace")
            kept[path] = replace(kept[path], data=css)
        return True

    linked: dict[str, int] = {}
    for position, path in enumerate((style_sheets.resolved(href, longest) for href in hrefs), start=1):
        before = dict(kept)
        try:
            if path and keep(path):
                linked[path] = position  # of a sheet that is linked twice, the last link decides
        except RecursionError:  # it is nested more deeply than any sheet made to be read
            kept = before
    return [
        replace(file, role="style", position=linked[file.path]) if file.path in linked else file
        for file in kept.values()
    ]


def _obfuscated(epub: Epub) -> set[str]:
    """Files whose bytes are obfuscated with the EPUB's own identifier, as fonts may be."""
    data = epub.intact("META-INF/encryption.xml")
    root = parse_xml(data) if data else None
    return {unquote(e.get("URI", "")) for e in root.iter("{*}CipherReference")} if root is not None else set()
