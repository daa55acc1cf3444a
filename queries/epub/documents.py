"""The content documents of an EPUB: XHTML with nothing in it that came unseen from a book."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bookscore.queries import templates
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

    def cover(self, image: str, title: str) -> str:
        """A page with the cover.

        Parameters
        ----------
        image : str
            Path of the picture from the package's folder.
        title : str
            Of the book.
        """
        return self._document("cover", title, image=image)

    def title(self, soundtrack: Woven) -> str:
        """A page with the book's name and whose music it has."""
        return self._document("title", soundtrack.title.book_title, soundtrack=soundtrack)

    def segment(self, chapter: str, heading: str | None, paragraphs: Sequence[str], music: str) -> str:
        """A text segment with its music.

        Parameters
        ----------
        chapter : str
            Title of its chapter.
        heading : str or None
            What stands above it: the chapter's title where the segment is the first.
        paragraphs : sequence of str
            As `paragraph` makes them.
        music : str
            Path of the sound file from the package's folder.
        """
        return self._document("segment", chapter, "../", heading=heading, paragraphs=paragraphs, music=music)

    def contents(self, pages: Iterable[Page]) -> str:
        """The table of contents."""
        # A link without a text would be none.
        entries = [(page.path, allowed(page.heading) or "…") for page in pages if page.heading is not None]
        return self._document("nav", "Contents", entries=entries)

    def paragraph(self, anchor: str, markup: str) -> Markup:
        """A paragraph of the book.

        Parameters
        ----------
        anchor : str
            Its id in the document.
        markup : str
            Its text as HTML, of which emphasis is kept.
        """
        import nh3
        from lxml import etree, html

        clean = allowed(nh3.clean(markup, tags=MARKUP, attributes={}))
        element = html.fragment_fromstring(clean, create_parent="p")
        element.set("id", anchor)
        if element.find(".//br") is not None:
            element.set("class", "verse")
        # Markup, since it was cleaned of all but emphasis and written anew as XML.
        return Markup(etree.tostring(element, encoding="unicode", method="xml"))

    def _document(self, name: str, title: str, up: str = "", **values: object) -> str:
        """A document; `up` leads from its folder to the package's."""
        return templates.render(
            f"epub/{name}.xhtml.j2",
            ibooks=IBOOKS,
            language=self.language,
            title=title,
            styles=[up + style for style in self.styles],
            **values,
        )
