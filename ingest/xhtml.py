"""XHTML and tag-soup documents of EPUBs as runs of text blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.entities import html5

from lxml import etree

from ingest.prose import clean, clean_lines, count_words

_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
_XML_ID = "{http://www.w3.org/XML/1998/namespace}id"

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
    "annoref", "annotation", "pagenum", "pageno", "fnanchor", "pgheader", "pgfooter", "pg-boilerplate",
}  # fmt: skip
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6", "hgroup"}
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
_NOTE_NUMBER = re.compile(r"[\[({]?(?:\d{1,4}|[*†‡§]+)[\])}]?")


@dataclass(frozen=True)
class Block:
    """A paragraph or heading. `is_story` is false inside what is marked as front or back matter."""

    text: str
    is_heading: bool
    is_story: bool
    n_words: int


@dataclass(frozen=True)
class Document:
    """A document's blocks, and the number of the block at or after each element with an id."""

    blocks: list[Block]
    anchors: dict[str, int]


def parse_xml(data: bytes, *, recover: bool = True) -> etree._Element | None:
    """The root of an XML file, mended where it is broken and `recover` is true; None where nothing is left.

    No entity is expanded and nothing is fetched: a book may not read files or fill the memory.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=recover)
    return etree.fromstring(data, parser)


def parse_document(data: bytes) -> etree._Element | None:
    """The root of an XHTML file, or of the HTML that many such files really hold; None where it is empty."""
    try:
        return parse_xml(data, recover=False)
    except etree.XMLSyntaxError:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            encoding = None  # as the document itself says
        else:
            encoding = "utf-8"
        return etree.fromstring(data, etree.HTMLParser(encoding=encoding, no_network=True))


def semantics(element: etree._Element) -> set[str]:
    """What an element says of itself: its epub:type and its ARIA role without ``doc-``."""
    kind = element.get(_EPUB_TYPE) or element.get("epub:type") or ""
    role = (element.get("role") or "").replace("doc-", "")
    return set(f"{kind} {role}".lower().split())


def local_name(element: etree._Element) -> str:
    """The tag without its namespace, in lower case."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def read_document(data: bytes) -> Document:
    """Blocks of an XHTML file; one without any text has none."""
    root = parse_document(data)
    if root is None:
        return Document([], {})
    return _Reader().read(root)


class _Reader:
    """Walks a tree once (no recursion: books nest deep) and gathers its text block by block."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.anchors: dict[str, int] = {}
        self.buffer: list[str] = []
        self.linked = 0  # characters of the buffer that are links
        self.is_note = False
        self.depth = {"heading": 0, "pre": 0, "link": 0}
        self.story = [True]

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
        return Document(self.blocks, self.anchors)

    def _add(self, text: str | None) -> None:
        if text:
            self.buffer.append(text if self.depth["pre"] else re.sub(r"\s+", " ", text))
            if self.depth["link"]:
                self.linked += len(clean(text))

    def _start(self, element: etree._Element) -> bool:
        """Enter an element; false where its content is no text of the book."""
        name, means = local_name(element), semantics(element)
        if name in _BLOCKS and not _is_verse_line(element):
            self._flush()
        for anchor in (element.get("id"), element.get(_XML_ID), element.get("name") if name == "a" else None):
            if anchor:
                self.anchors.setdefault(anchor, len(self.blocks))
        self._count(element, +1)
        self.story.append(bool(means & STORY) or (self.story[-1] and not means & NOT_STORY))
        if name in _SILENT or (means | _classes(element)) & _NOTES or element.get("hidden") is not None:
            return False
        if name == "a" and "#" in (element.get("href") or "") and not self.depth["heading"]:
            text = "".join(element.itertext()).strip()
            if _NOTE_NUMBER.fullmatch(text):
                # A paragraph that begins with a note's number is the note.
                self.is_note = self.is_note or not "".join(self.buffer).strip()
                return False
        if name == "br":
            self.buffer.append("\n")
        return True

    def _end(self, element: etree._Element) -> None:
        if _is_verse_line(element):
            self.buffer.append("\n")
        elif local_name(element) in _BLOCKS:
            self._flush()
        self._count(element, -1)
        self.story.pop()

    def _count(self, element: etree._Element, step: int) -> None:
        name = local_name(element)
        self.depth["heading"] += step * (name in _HEADINGS)
        self.depth["pre"] += step * (name == "pre")
        self.depth["link"] += step * (name == "a" and element.get("href") is not None)

    def _flush(self) -> None:
        """Make blocks of the text gathered: one, or one a stanza where lines are set with breaks."""
        raw = "".join(self.buffer)
        is_contents = self.linked >= 0.8 * len(clean(raw)) and not self.depth["heading"]
        if raw.strip() and not is_contents and not self.is_note:
            for stanza in re.split(r"\n[^\S\n]*\n", raw):
                text = clean(stanza) if self.depth["heading"] else clean_lines(stanza)
                if n_words := count_words(text):
                    self.blocks.append(Block(text, bool(self.depth["heading"]), self.story[-1], n_words))
        self.buffer, self.linked, self.is_note = [], 0, False


def _classes(element: etree._Element) -> set[str]:
    return set((element.get("class") or "").lower().split())


def _is_verse_line(element: etree._Element) -> bool:
    return local_name(element) == "div" and bool(_classes(element) & _VERSE_LINE)
