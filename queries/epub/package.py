"""The container of an EPUB 3: package document, table of contents and archive."""

from __future__ import annotations

import uuid
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from bookscore.queries import templates
from bookscore.queries.epub import documents
from bookscore.queries.epub.documents import Page
from bookscore.queries.epub.source import Entry, File, Source
from bookscore.queries.woven import Title, Woven

ROOT = "EPUB"
UNKNOWN_TIME = "2000-01-01T00:00:00Z"
XHTML = "application/xhtml+xml"
ACCESSIBILITY = {
    "accessMode": ("textual", "auditory"),
    "accessModeSufficient": ("textual",),
    "accessibilityFeature": ("readingOrder", "structuralNavigation", "tableOfContents"),
    "accessibilityHazard": ("unknown",),
}
LEFT_OUT = {"format", "type", "relation", "coverage"}
"""Elements that describe the source's form, not the book."""


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
        File("nav.xhtml", XHTML, shown.contents(pages).encode()),
        *(File(page.path, XHTML, page.document.encode()) for page in pages),
        *([original.cover] if original.cover else []),
        *(File(f"source/{file.path}", file.media_type, file.data) for file in original.files),
    ]
    with zipfile.ZipFile(path, "w") as archive:
        _add(archive, "mimetype", b"application/epub+zip", zipfile.ZIP_STORED)
        container = templates.render("epub/container.xml.j2", package=f"{ROOT}/package.opf")
        _add(archive, "META-INF/container.xml", container.encode())
        for file in chain(files, music):
            pressed = zipfile.ZIP_STORED if file.media_type.startswith("audio/") else zipfile.ZIP_DEFLATED
            _add(archive, f"{ROOT}/{file.path}", file.data, pressed)
            listed.append(replace(file, data=b""))
        _add(archive, f"{ROOT}/package.opf", _package(soundtrack, original, pages, listed).encode())


def _add(archive: zipfile.ZipFile, name: str, data: bytes, compression: int = zipfile.ZIP_DEFLATED) -> None:
    """Add a file that bears no date."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type, entry.external_attr = compression, 0o644 << 16
    archive.writestr(entry, data)


def _package(soundtrack: Woven, original: Source, pages: Sequence[Page], files: Sequence[File]) -> str:
    title = soundtrack.title
    marks = {"nav.xhtml": "nav"}
    if original.cover:
        marks[original.cover.path] = "cover-image"
    ids = {file.path: f"f{number}" for number, file in enumerate(files, start=1)}
    return templates.render(
        "epub/package.opf.j2",
        ibooks=documents.IBOOKS,
        language=documents.language_tag(title.language),
        identity=uuid.uuid5(uuid.NAMESPACE_OID, f"bookscore/{soundtrack.name}/{title.book_title}"),
        modified=f"{title.woven_at:%Y-%m-%dT%H:%M:%SZ}" if title.woven_at else UNKNOWN_TIME,
        entries=_entries(title, original),
        accessibility=ACCESSIBILITY,
        files=[
            {
                "id": ids[file.path],
                "path": file.path,
                "media_type": file.media_type,
                "mark": marks.get(file.path),
            }
            for file in files
        ],
        reading_order=[ids[page.path] for page in pages],
    )


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
