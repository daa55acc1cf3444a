"""The container of an EPUB 3: package document, table of contents and archive."""

from __future__ import annotations

import uuid
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from urllib.parse import quote

from lxml import etree
from lxml.builder import ElementMaker

from bookscore.queries.epub import documents
from bookscore.queries.epub.documents import Page
from bookscore.queries.epub.source import DC, OPF, Entry, File, Source
from bookscore.queries.woven import Title, Woven
from bookscore.queries.xml_text import allowed

ROOT = "EPUB"
UNKNOWN_TIME = "2000-01-01T00:00:00Z"
XHTML = "application/xhtml+xml"
CONTAINER = f"""\
<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="{ROOT}/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
ACCESSIBILITY = {
    "accessMode": ("textual", "auditory"),
    "accessModeSufficient": ("textual",),
    "accessibilityFeature": ("readingOrder", "structuralNavigation", "tableOfContents"),
    "accessibilityHazard": ("unknown",),
}
LEFT_OUT = {"format", "type", "relation", "coverage"}
"""Elements that describe the source's form, not the book."""

_E = ElementMaker(namespace=OPF[1:-1], nsmap={None: OPF[1:-1], "dc": DC[1:-1]})


def write(
    path: Path, soundtrack: Woven, original: Source, pages: Sequence[Page], music: Iterable[File]
) -> None:
    """Write the archive; `music` is taken as it comes.

    Parameters
    ----------
    path : Path
    soundtrack : Woven
    original : Source
        What the book's own file lends.
    pages : sequence of Page
        In reading order.
    music : iterable of File
    """
    shown = documents.Writer(soundtrack.title.language)
    listed: list[File] = []
    files = [
        File("style.css", "text/css", documents.STYLE.encode()),
        File("nav.xhtml", XHTML, shown.page("Contents", _contents(pages)).encode()),
        *(File(page.path, XHTML, page.document.encode()) for page in pages),
        *([original.cover] if original.cover else []),
        *(File(f"source/{file.path}", file.media_type, file.data) for file in original.files),
    ]
    with zipfile.ZipFile(path, "w") as archive:
        _add(archive, "mimetype", b"application/epub+zip", zipfile.ZIP_STORED)
        _add(archive, "META-INF/container.xml", CONTAINER.encode())
        for file in chain(files, music):
            pressed = zipfile.ZIP_STORED if file.media_type.startswith("audio/") else zipfile.ZIP_DEFLATED
            _add(archive, f"{ROOT}/{file.path}", file.data, pressed)
            listed.append(replace(file, data=b""))
        opf = _package(soundtrack, original, pages, listed)
        document = etree.tostring(opf, xml_declaration=True, encoding="utf-8", pretty_print=True)
        _add(archive, f"{ROOT}/package.opf", document)


def _add(archive: zipfile.ZipFile, name: str, data: bytes, compression: int = zipfile.ZIP_DEFLATED) -> None:
    """Add a file that bears no date."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type, entry.external_attr = compression, 0o644 << 16
    archive.writestr(entry, data)


def _contents(pages: Iterable[Page]) -> str:
    lines = [
        f'<li><a href="{page.path}">{documents.text(page.heading) or "…"}</a></li>'
        for page in pages
        if page.heading is not None
    ]
    inside = "\n".join(lines)
    return f'<nav epub:type="toc" id="toc">\n<h1>Contents</h1>\n<ol>\n{inside}\n</ol>\n</nav>'


def _package(
    soundtrack: Woven, original: Source, pages: Sequence[Page], files: Sequence[File]
) -> etree._Element:
    title = soundtrack.title
    cover = original.cover.path if original.cover else None
    ids = {file.path: f"f{number}" for number, file in enumerate(files, start=1)}

    def item(file: File) -> etree._Element:
        marks = {"nav.xhtml": "nav", cover: "cover-image"}
        known = {"properties": marks[file.path]} if file.path in marks else {}
        return _E.item(
            {"id": ids[file.path], "href": quote(file.path), "media-type": file.media_type} | known
        )

    return _E.package(
        {
            "version": "3.0",
            "unique-identifier": "id",
            "prefix": f"ibooks: {documents.IBOOKS}",
            "{http://www.w3.org/XML/1998/namespace}lang": documents.language_tag(title.language),
        },
        _E.metadata(*_metadata(soundtrack, original)),
        _E.manifest(*map(item, files)),
        _E.spine(*(_E.itemref(idref=ids[page.path]) for page in pages)),
    )


def _metadata(soundtrack: Woven, original: Source) -> Iterator[etree._Element]:
    title = soundtrack.title
    identity = uuid.uuid5(uuid.NAMESPACE_OID, f"bookscore/{soundtrack.name}/{title.book_title}")
    yield _dublin("identifier", f"urn:uuid:{identity}", "id")
    modified = f"{title.woven_at:%Y-%m-%dT%H:%M:%SZ}" if title.woven_at else UNKNOWN_TIME
    yield _E.meta(modified, property="dcterms:modified")
    yield _dublin("language", documents.language_tag(title.language))
    for number, entry in enumerate(_entries(title, original), start=1):
        about = f"m{number}"
        if entry.name == "belongs-to-collection":
            yield _E.meta(entry.text, id=about, property=entry.name)
        else:
            yield _dublin(entry.name, entry.text, about)
        for name, value in entry.refinements:
            scheme = {"scheme": "marc:relators"} if name == "role" else {}
            yield _E.meta(value, {"refines": f"#{about}", "property": name} | scheme)
    for name, values in ACCESSIBILITY.items():
        for value in values:
            yield _E.meta(value, property=f"schema:{name}")


def _entries(title: Title, original: Source) -> Iterator[Entry]:
    """What is said about the book: as its own file says it, else as the warehouse knows it."""
    named = {entry.name for entry in original.metadata}
    if "title" not in named:
        yield Entry("title", title.book_title)
    if "creator" not in named and title.author:
        yield Entry("creator", title.author, [("role", "aut")])
    for entry in original.metadata:
        # This is another publication than its source, which its identifier names.
        if entry.name == "identifier":
            yield Entry("source", entry.text)
        elif entry.name not in LEFT_OUT | {"language"}:
            yield entry
    if title.album_artist:
        yield Entry("contributor", title.album_artist, [("role", "cmp")])


def _dublin(name: str, text: str, about: str | None = None) -> etree._Element:
    element = etree.Element(DC + name, {"id": about} if about else {})
    element.text = allowed(text)
    return element
