"""What the elements of an XHTML document are: headings, blocks, notes, front and back matter, or no text at all."""

from __future__ import annotations

import re
from itertools import islice

from lxml import etree

_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"

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
    "annoref", "pagenum", "pageno", "fnanchor", "pgheader", "pgfooter", "pg-boilerplate",
}  # fmt: skip
# As classes these are given to paragraphs of the story too.
_NOTES_BY_TYPE = _NOTES | {"annotation", "caption"}
_PICTURES = {"img", "svg", "image", "picture", "figure"}
REASONS = {
    "pagebreak": "page numbers", "pagenum": "page numbers", "pageno": "page numbers", "caption": "captions",
    "figcaption": "captions", "pgheader": "licence", "pgfooter": "licence", "pg-boilerplate": "licence", "nav": "contents",
    "rp": "readings", "rt": "readings", "math": "formulas",
}  # fmt: skip
"""What skipped text is, by the element or the class that tells."""
CODE = {"script", "style", "template", "head", "title"}
_LEVELS = {"h1", "h2", "h3", "h4", "h5", "h6"}
HEADINGS = _LEVELS | {"hgroup"}
BLOCKS = HEADINGS | {
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "div", "dl", "dt", "fieldset",
    "figure", "footer", "form", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "tbody", "td",
    "th", "thead", "tr", "ul",
}  # fmt: skip
SILENT = {
    "audio", "canvas", "figcaption", "head", "iframe", "math", "nav", "noscript", "object", "rp", "rt", "script",
    "style", "svg", "template", "title", "video",
}  # fmt: skip
_VERSE_LINE = {"line", "l", "verse", "verseline"}
_CENTRED = re.compile(r"text-align\s*:\s*center", re.I)
_TITLE_CLASSES = re.compile(
    r"\b(?:ph[1-6]|chap\w*|(?:\w*-)?(?:heading|title)|head(?:er|line)?\d?|cent(?:er|re)d?|center\w*)\b", re.I
)
_MAX_INSIDE = 20  # elements that are looked at inside another
_MAX_SPELLED = 100  # elements that set the letters of a word or number apart


def semantics(element: etree._Element) -> set[str]:
    """An element's epub:type and its ARIA role without ``doc-``, in lower case."""
    kind = element.get(_EPUB_TYPE) or element.get("epub:type") or ""
    role = (element.get("role") or "").replace("doc-", "")
    return set(f"{kind} {role}".lower().split())


def local_name(element: etree._Element) -> str:
    """The tag without its namespace, in lower case."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def short_text(element: etree._Element, most: int) -> str | None:
    """All text inside an element; None where that is more than a few words: elements that nest are not read again and again.

    Parameters
    ----------
    element : lxml.etree._Element
    most : int
        Characters.
    """
    if next(islice(element.iter(), _MAX_SPELLED, None), None) is not None:
        return None
    pieces = [str(piece) for piece in element.itertext()]
    return "".join(pieces) if sum(map(len, pieces)) <= most else None


def level_of(element: etree._Element) -> int:
    """Level 1 to 6 of a heading, or of the first of a group of them."""
    names = (local_name(inside) for inside in islice(element.iter(), _MAX_INSIDE))
    return next((int(name[1]) for name in names if name in _LEVELS), 6)


def _classes(element: etree._Element) -> set[str]:
    return set((element.get("class") or "").lower().split())


def is_verse_line(element: etree._Element) -> bool:
    """Whether an element is a line of verse, which is no paragraph by itself."""
    return local_name(element) == "div" and bool(_classes(element) & _VERSE_LINE)


def kinds_of_note(element: etree._Element) -> set[str]:
    """What says that an element is a note, a number of a page or a picture's caption; empty where it is none."""
    classes = _classes(element)
    kinds = (semantics(element) & _NOTES_BY_TYPE) | (classes & _NOTES)
    if any(name.endswith(("pageno", "pagenum")) for name in classes):
        kinds.add("pagenum")
    return kinds | {"caption"} if "caption" in classes and _is_by_picture(element) else kinds


def _is_by_picture(element: etree._Element) -> bool:
    parent = element.getparent()
    beside = [element.getprevious(), element.getnext()]
    if parent is not None and len(parent) <= _MAX_INSIDE:
        beside.append(parent)
    return any(
        local_name(inside) in _PICTURES
        for near in beside
        if near is not None
        for inside in islice(near.iter(), _MAX_INSIDE)
    )


def is_set_apart(element: etree._Element) -> bool:
    """Whether an element is centred, or of a class whose name says that it is a heading."""
    return bool(
        (element.get("align") or "").lower() == "center"
        or _CENTRED.search(element.get("style") or "")
        or _TITLE_CLASSES.search(element.get("class") or "")
    )
