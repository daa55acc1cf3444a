"""The content documents of an EPUB: XHTML with nothing in it that came unseen from a book."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from string import Template

from bookscore.queries.woven import Woven
from bookscore.queries.xml_text import allowed

LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
MARKUP = {"em", "strong", "small", "sub", "sup", "br"}
IBOOKS = "http://vocabulary.itunes.apple.com/rdf/ibooks/vocabulary-extensions-1.0"
STYLE = """\
body { margin: 0 5%; line-height: 1.5; }
h1, h2 { text-align: center; line-height: 1.2; margin: 3em 0 2em; font-weight: normal; }
p { margin: 0; text-indent: 1.5em; }
h2 + p, .verse, .made-with { text-indent: 0; }
.verse { margin: 1em 0 1em 1.5em; }
.title, .cover { text-align: center; }
.cover img { max-width: 100%; max-height: 100%; }
/* Some reading apps show a player for sound: it belongs to the page, not into the text. */
.soundtrack { position: absolute; left: -9999px; width: 1px; }
"""
_PAGE = Template("""\
<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"\
 epub:prefix="ibooks: $ibooks" lang="$language" xml:lang="$language">
<head>
<meta charset="utf-8"/>
<title>$title</title>
$styles
</head>
<body>
$body
</body>
</html>
""")


@dataclass(frozen=True)
class Page:
    """A content document; `heading` where the table of contents names it."""

    path: str
    document: str
    heading: str | None = None


def language_tag(language: str | None) -> str:
    """A well-formed tag; ``und`` where the book gives none."""
    tag = (language or "").strip().replace("_", "-")
    return tag if LANGUAGE.fullmatch(tag) else "und"


def text(value: str) -> str:
    """Plain text for XML: escaped, without the characters that XML cannot hold."""
    return escape(allowed(value), quote=True)


class Writer:
    """Writes the documents of one book.

    Parameters
    ----------
    language : str or None
    styles : sequence of str
        Paths of style sheets from the package's folder; they follow our own.
    """

    def __init__(self, language: str | None, styles: Sequence[str] = ()) -> None:
        self.language, self.styles = language_tag(language), ["style.css", *styles]

    def page(self, title: str, body: str, up: str = "") -> str:
        """A document; `up` leads from its folder to the package's."""
        links = [f'<link rel="stylesheet" href="{text(up + style)}"/>' for style in self.styles]
        return _PAGE.substitute(
            ibooks=IBOOKS, language=self.language, title=text(title), styles="\n".join(links), body=body
        )

    def cover(self, image: str, title: str) -> str:
        """A page with the cover."""
        body = f'<section class="cover" epub:type="cover"><img src="{text(image)}" alt="{text(title)}"/></section>'
        return self.page(title, body)

    def title(self, soundtrack: Woven) -> str:
        """A page with the book's name and whose music it has."""
        title = soundtrack.title
        lines = [f"<h1>{text(title.book_title)}</h1>"]
        if title.author:
            lines.append(f'<p class="made-with">{text(title.author)}</p>')
        lines.append(f'<p class="made-with">{soundtrack.made_with(text)}</p>')
        inside = "\n".join(lines)
        return self.page(
            title.book_title, f'<section class="title" epub:type="titlepage">\n{inside}\n</section>'
        )

    def segment(self, chapter: str, heading: str | None, paragraphs: Sequence[str], music: str) -> str:
        """A text segment; reading apps look for its music in the document's first audio element."""
        lines = [
            '<section epub:type="chapter">',
            f'<audio class="soundtrack" epub:type="ibooks:soundtrack" loop="loop" src="../{music}"></audio>',
            *([f"<h2>{text(heading)}</h2>"] if heading is not None else []),
            *paragraphs,
            "</section>",
        ]
        return self.page(chapter, "\n".join(lines), "../")

    def paragraph(self, anchor: str, markup: str) -> str:
        """A paragraph of the book; of its markup, emphasis is kept."""
        import nh3
        from lxml import etree, html

        clean = allowed(nh3.clean(markup, tags=MARKUP, attributes={}))
        element = html.fragment_fromstring(clean, create_parent="p")
        element.set("id", anchor)
        if element.find(".//br") is not None:
            element.set("class", "verse")
        return etree.tostring(element, encoding="unicode", method="xml")
