"""Small book files made by the tests."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from bookscore.ingest.book.prose import Book

CONTAINER = '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="e/book.opf"/></rootfiles></container>'
LONG = " ".join(["The grey cat sat by the old stove and slept until the rain had gone."] * 30)


def page(body: str, types: str = "") -> str:
    return (
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">'
        f'<head><title>x</title></head><body epub:type="{types}">{body}</body></html>'
    )


def nav(entries: str, landmarks: str = "") -> str:
    return page(
        f'<nav epub:type="toc"><ol>{entries}</ol></nav><nav epub:type="landmarks"><ol>{landmarks}</ol></nav>'
    )


def link(href: str, label: str, below: str = "") -> str:
    return f'<li><a href="{href}">{label}</a>{f"<ol>{below}</ol>" if below else ""}</li>'


def ncx(points: Mapping[str, str]) -> str:
    """An EPUB 2 table of contents: labels by file."""
    made = "".join(
        f'<navPoint><navLabel><text>{label}</text></navLabel><content src="{href}"/></navPoint>'
        for href, label in points.items()
    )
    return f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{made}</navMap></ncx>'


def make_epub(
    path: Path,
    pages: Mapping[str, str],
    nav: str = "",
    ncx: str = "",
    guide: str = "",
    extra: Mapping[str, str] | None = None,
    language: str = "<dc:language>en</dc:language>",
) -> Path:
    """An EPUB whose spine is `pages` in order; its manifest also names a cover that is not there."""
    items = "".join(f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in pages)
    spine = "".join(f'<itemref idref="{name}"/>' for name in pages)
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        f"<dc:title>The Book</dc:title><dc:creator>A. Writer</dc:creator>{language}</metadata>"
        f'<manifest>{items}<item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/></manifest>'
        f'<spine toc="ncx"><itemref idref="cover"/>{spine}</spine><guide>{guide}</guide></package>'
    )
    files = {"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER, "e/book.opf": opf}
    files |= {f"e/{name}": text for name, text in pages.items()}
    files |= {f"e/{name}": text for name, text in {"nav.xhtml": nav, "toc.ncx": ncx}.items() if text}
    files |= extra or {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def make_small_epub(path: Path) -> Path:
    """Three chapters of 30 sentences of narration and a line of speech each."""
    pages = {
        f"c{n}.xhtml": page(f"<h1>{n}</h1><p>{LONG}</p><p>“Come in,” said number {n}.</p>") for n in (1, 2, 3)
    }
    return make_epub(path, pages, nav("".join(link(name, f"Chapter {name[1]}") for name in pages)))


def titles(book: Book) -> list[str]:
    return [chapter.title for chapter in book.chapters]


def texts(book: Book) -> list[list[str]]:
    """The paragraphs of each chapter."""
    return [[paragraph.text for paragraph in chapter.paragraphs] for chapter in book.chapters]


def markup(book: Book) -> list[list[str]]:
    return [[paragraph.markup for paragraph in chapter.paragraphs] for chapter in book.chapters]
