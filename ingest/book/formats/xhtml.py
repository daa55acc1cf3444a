"""XHTML and tag-soup documents as runs of text blocks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html.entities import html5
from typing import NamedTuple

from lxml import etree

from bookscore.ingest.book.formats.markup import ELEMENTS, Run, paragraphs
from bookscore.ingest.book.formats.parsing import decoded, parse_document
from bookscore.ingest.book.prose import clean, count_words

_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
_XML = "{http://www.w3.org/XML/1998/namespace}"

# EPUB structural semantics, and the class names that EPUB 2 books use for the same.
NOT_STORY = {
    "frontmatter", "backmatter", "toc", "landmarks", "page-list", "loi", "lot", "cover", "titlepage", "title-page",
    "halftitlepage", "halftitle", "copyright-page", "colophon", "imprint", "dedication", "epigraph", "preface",
    "foreword", "introduction", "acknowledgments", "acknowledgements", "afterword", "index", "glossary",
    "bibliography", "appendix", "errata", "other-credits", "contributors", "endnotes", "footnotes", "rearnotes",
    "notes",
}  # fmt: skip
STORY = {"prologue", "epilogue", "chapter", "part", "volume", "conclusion"}
_NOTES = {
    "footnote", "endnote", "rearnote", "footnotes", "endnotes", "rearnotes", "noteref", "backlink", "pagebreak",
    "annoref", "annotation", "pagenum", "pageno", "fnanchor", "caption", "pgheader", "pgfooter", "pg-boilerplate",
}  # fmt: skip
_REASONS = {
    "pagebreak": "page numbers", "pagenum": "page numbers", "pageno": "page numbers", "caption": "captions",
    "figcaption": "captions", "pgheader": "licence", "pgfooter": "licence", "pg-boilerplate": "licence", "nav": "contents",
    "rp": "readings", "rt": "readings", "math": "formulas",
}  # fmt: skip
"""What skipped text is, by the element or the class that tells."""
_CODE = {"script", "style", "template", "head", "title"}
_LEVELS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_HEADINGS = _LEVELS | {"hgroup"}
_BLOCKS = _HEADINGS | {
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "div", "dl", "dt", "fieldset",
    "figure", "footer", "form", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "tbody", "td",
    "th", "thead", "tr", "ul",
}  # fmt: skip
_SILENT = {
    "audio", "canvas", "figcaption", "head", "iframe", "math", "nav", "noscript", "object", "rp", "rt", "script",
    "style", "svg", "template", "title", "video",
}  # fmt: skip
_VERSE_LINE = {"line", "l", "verse", "verseline"}
_NOTE_NUMBER = re.compile(r"[\[({]?(?:\d{1,4}(?::\d{1,3})?|[*†‡§]+)[\])}]?|\[[A-Za-z]\]")
_QUOTES = ("‘’", "“”")  # of quotes inside quotes and of those outside
_INITIAL = re.compile(r"[“‘\"']?\w")


@dataclass(frozen=True)
class Block:
    """A paragraph or heading.

    Attributes
    ----------
    text, markup : str
        See `ingest.book.prose.Paragraph`.
    level : int
        1 to 6 for a heading, 0 for a paragraph.
    is_story : bool
        False inside what is marked as front or back matter.
    n_words : int
    """

    text: str
    markup: str
    level: int
    is_story: bool
    n_words: int


@dataclass(frozen=True)
class Document:
    """A document's blocks, and what else is known of it.

    Attributes
    ----------
    blocks : list of Block
    anchors : dict of str to int
        Number of the block at or after each element with an id.
    language : str or None
    left_out : dict of str to int
        Words that are in no block, by what they are.
    n_odd : int
        Places that are not valid in its encoding.
    encoding : str
    """

    blocks: list[Block]
    anchors: dict[str, int]
    language: str | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    n_odd: int = 0
    encoding: str = "utf-8"


def semantics(element: etree._Element) -> set[str]:
    """An element's epub:type and its ARIA role without ``doc-``, in lower case."""
    kind = element.get(_EPUB_TYPE) or element.get("epub:type") or ""
    role = (element.get("role") or "").replace("doc-", "")
    return set(f"{kind} {role}".lower().split())


def local_name(element: etree._Element) -> str:
    """The tag without its namespace, in lower case."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def read_document(data: bytes) -> Document:
    """Blocks of an XHTML file; one without any text has none.

    Raises
    ------
    NotWhole
        Only a part of it can be parsed.
    """
    read = decoded(data)
    root = parse_document(read.text)
    document = Document([], {}) if root is None else blocks(root)
    return replace(document, n_odd=read.n_odd, encoding=read.encoding)


def blocks(root: etree._Element) -> Document:
    """Blocks of a document's tree."""
    return _Reader().read(root)


class _Context(NamedTuple):
    """What the elements around a text tell of it: emphasis, heading level, whether it is story, a link, ..."""

    emphasis: tuple[str, ...] = ()
    is_story: bool = True
    level: int = 0
    is_preformatted: bool = False
    is_link: bool = False
    n_quotes: int = 0

    def inside(self, element: etree._Element) -> _Context:
        name, means = local_name(element), semantics(element)
        tag = ELEMENTS.get(name)
        return _Context(
            (*self.emphasis, tag) if tag and tag not in self.emphasis else self.emphasis,
            bool(means & STORY) or (self.is_story and not means & NOT_STORY),
            _level(element) if name in _HEADINGS else self.level,
            self.is_preformatted or name == "pre",
            self.is_link or (name == "a" and element.get("href") is not None),
            self.n_quotes + (name == "q"),
        )


class _Reader:
    """Walks a tree once (no recursion: books nest deep) and gathers its text block by block."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.left_out: Counter[str] = Counter()
        self.anchors: dict[str, int] = {}
        self.around = [_Context()]
        self._begin()

    def _begin(self) -> None:
        self.buffer: list[Run] = []
        self.has_text = False
        self.linked = 0  # characters of the buffer that are links
        self.is_note = False

    def read(self, root: etree._Element) -> Document:
        walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
        for event, element in walk:
            if event in ("comment", "pi"):
                self._add(element.tail)
            elif element.tag is etree.Entity:
                if event == "start":
                    self._add(html5.get(f"{element.name};", ""))
                else:
                    self._add(element.tail)
            elif event == "start":
                if self._start(element):
                    self._add(element.text)
                else:
                    walk.skip_subtree()
            else:
                self._end(element)
                self._add(element.tail)
        self._flush()
        return Document(self.blocks, self.anchors, root.get(_XML + "lang") or root.get("lang"), self.left_out)

    def _add(self, text: str | None) -> None:
        if text:
            context = self.around[-1]
            text = text if context.is_preformatted else re.sub(r"\s+", " ", text)
            self.buffer.append((text, context.emphasis))
            self.has_text = self.has_text or not text.isspace()
            if context.is_link:
                self.linked += len(clean(text))

    def _start(self, element: etree._Element) -> bool:
        """Enter an element; false where its content is no text of the book."""
        name, href = local_name(element), element.get("href")
        if name in _BLOCKS and not _is_verse_line(element):
            self._flush()
        ids = (element.get("id"), element.get(_XML + "id"), element.get("name") if name == "a" else None)
        for anchor in filter(None, ids):
            self.anchors.setdefault(anchor, len(self.blocks))
        self.around.append(self.around[-1].inside(element))
        is_hidden = element.get("hidden") is not None or element.get("aria-hidden") == "true"
        notes = (semantics(element) | _classes(element)) & _NOTES
        if name in _SILENT or notes or is_hidden:
            if name not in _CODE:
                told = next((_REASONS[kind] for kind in sorted({name, *notes}) if kind in _REASONS), None)
                others = "notes" if notes else "hidden text" if is_hidden else "text of pictures"
                self._leave(told or others, "".join(element.itertext()))
            return False
        if name == "a" and "#" in (href or "") and not self.around[-1].level:
            if _NOTE_NUMBER.fullmatch("".join(element.itertext()).strip()):
                # A paragraph that begins with a note's number is the note.
                self.is_note = self.is_note or not self.has_text
                self._leave("notes", "".join(element.itertext()))
                return False
        elif name == "br":
            self.buffer.append(("\n", ()))
        elif name == "q":
            self._add(_QUOTES[self.around[-1].n_quotes % 2][0])
        elif name == "img" and _INITIAL.fullmatch(element.get("alt") or ""):
            self._add(element.get("alt"))  # a painted initial
        return True

    def _end(self, element: etree._Element) -> None:
        name = local_name(element)
        if _is_verse_line(element):
            self.buffer.append(("\n", ()))
        elif name in _BLOCKS:
            self._flush()
        elif name == "q":
            self._add(_QUOTES[self.around[-1].n_quotes % 2][1])
        self.around.pop()

    def _flush(self) -> None:
        """Make blocks of the text gathered: one, or one a stanza where lines are set with breaks."""
        context = self.around[-1]
        n_characters = len(clean("".join(text for text, _ in self.buffer)))
        is_contents = self.linked >= 0.8 * n_characters and not context.level
        if is_contents or self.is_note:
            self._leave("notes" if self.is_note else "contents", "".join(text for text, _ in self.buffer))
        elif self.has_text:
            for stanza in paragraphs(self.buffer):
                text, markup = stanza.text, stanza.markup
                if context.level:
                    text, markup = text.replace("\n", " "), markup.replace("<br/>", " ")
                if n_words := count_words(text):
                    self.blocks.append(Block(text, markup, context.level, context.is_story, n_words))
        self._begin()


    def _leave(self, reason: str, text: str) -> None:
        if n_words := count_words(text):
            self.left_out[reason] += n_words


def _level(element: etree._Element) -> int:
    """Of a heading, or of the first of a group of them."""
    names = (local_name(inside) for inside in element.iter())
    return next((int(name[1]) for name in names if name in _LEVELS), 6)


def _classes(element: etree._Element) -> set[str]:
    return set((element.get("class") or "").lower().split())


def _is_verse_line(element: etree._Element) -> bool:
    return local_name(element) == "div" and bool(_classes(element) & _VERSE_LINE)
