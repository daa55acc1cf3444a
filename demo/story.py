"""The demo's novel: ``story.md`` as chapters, and as an EPUB 3."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path

AUTHOR = "The Bookscore authors"
EPUB_DATE = (2024, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Chapter:
    title: str
    paragraphs: list[str]


@dataclass(frozen=True)
class Story:
    title: str
    chapters: list[Chapter]


def load() -> Story:
    """The novel in ``story.md``: ``#`` is its title, ``##`` a chapter's, other blocks are paragraphs."""
    title, chapters = "", []
    for block in files("demo").joinpath("story.md").read_text(encoding="utf-8").split("\n\n"):
        text = block.strip()
        if text.startswith("## "):
            chapters.append(Chapter(text[3:], []))
        elif text.startswith("# "):
            title = text[2:]
        elif text:
            chapters[-1].paragraphs.append(text)
    return Story(title, chapters)


def _page(title: str, kind: str, body: str) -> str:
    return f"""<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" xml:lang="en" lang="en">
<head><title>{escape(title)}</title></head>
<body>
<section epub:type="{kind}">
{body}
</section>
</body>
</html>
"""


def _pages(story: Story) -> dict[str, str]:
    """File name -> XHTML, in reading order."""
    title = escape(story.title)
    pages = {"title.xhtml": _page(story.title, "titlepage", f"<h1>{title}</h1>\n<p>by {escape(AUTHOR)}</p>")}
    for number, chapter in enumerate(story.chapters, start=1):
        paragraphs = "\n".join(f"<p>{escape(text)}</p>" for text in chapter.paragraphs)
        body = f"<h2>{escape(chapter.title)}</h2>\n{paragraphs}"
        pages[f"chapter-{number}.xhtml"] = _page(chapter.title, "chapter", body)
    about = (
        f"<h2>Colophon</h2>\n<p>{title} was written for Bookscore, a program that gives a book the "
        "soundtrack of its film. Its people, its town and its weather are made up.</p>"
    )
    return pages | {"colophon.xhtml": _page("Colophon", "colophon", about)}


def _navigation(story: Story, pages: dict[str, str]) -> str:
    titles = ["Title page", *(chapter.title for chapter in story.chapters), "Colophon"]
    entries = "\n".join(
        f'<li><a href="{name}">{escape(title)}</a></li>' for name, title in zip(pages, titles, strict=True)
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" xml:lang="en" lang="en">
<head><title>Contents</title></head>
<body>
<nav epub:type="toc"><h1>Contents</h1>
<ol>
{entries}
</ol></nav>
<nav epub:type="landmarks" hidden=""><h1>Landmarks</h1>
<ol>
<li><a epub:type="titlepage" href="title.xhtml">Title page</a></li>
<li><a epub:type="bodymatter" href="chapter-1.xhtml">Start of the story</a></li>
<li><a epub:type="colophon" href="colophon.xhtml">Colophon</a></li>
</ol></nav>
</body>
</html>
"""


def _package(story: Story, pages: dict[str, str]) -> str:
    items = "\n".join(
        f'<item id="{name.removesuffix(".xhtml")}" href="{name}" media-type="application/xhtml+xml"/>'
        for name in pages
    )
    spine = "\n".join(f'<itemref idref="{name.removesuffix(".xhtml")}"/>' for name in pages)
    year, month, day = EPUB_DATE[:3]
    return f"""<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:bookscore:demo</dc:identifier>
<dc:title>{escape(story.title)}</dc:title>
<dc:creator id="author">{escape(AUTHOR)}</dc:creator>
<meta refines="#author" property="role" scheme="marc:relators">aut</meta>
<dc:language>en</dc:language>
<meta property="dcterms:modified">{year}-{month:02}-{day:02}T00:00:00Z</meta>
</metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
{items}
</manifest>
<spine>
{spine}
</spine>
</package>
"""


CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">
<rootfiles>
<rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/>
</rootfiles>
</container>
"""


def write_epub(story: Story, path: Path) -> None:
    """Write an EPUB 3; the same story gives the same bytes."""
    pages = _pages(story)
    members = {
        "META-INF/container.xml": CONTAINER,
        "EPUB/package.opf": _package(story, pages),
        "EPUB/nav.xhtml": _navigation(story, pages),
        **{f"EPUB/{name}": text for name, text in pages.items()},
    }
    with zipfile.ZipFile(path, "w") as archive:
        # The format wants the mimetype first and not compressed.
        archive.writestr(zipfile.ZipInfo("mimetype", EPUB_DATE), "application/epub+zip")
        for name, text in members.items():
            entry = zipfile.ZipInfo(name, EPUB_DATE)
            archive.writestr(entry, text, compress_type=zipfile.ZIP_DEFLATED)
