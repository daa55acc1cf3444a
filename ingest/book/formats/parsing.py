"""Bytes of XML, XHTML and HTML as a tree of the whole document: repaired where it is damaged, never cut short in silence."""

from __future__ import annotations

import re
from html.entities import html5

from lxml import etree

from bookscore.ingest.media.text import Decoded, declared_in, decode, without_odd_references

_DECLARATION = re.compile(r"\A\s*<\?xml\b[^>]*\?>")
_NO_XML = re.compile("[\x01-\x08\x0e-\x1f\ufffe\uffff]")
_SPACES = re.compile("[\x0b\x0c]")
_REFERENCE = re.compile(r"&(?!#\d+;|#x[0-9A-Fa-f]+;|(?:amp|lt|gt|quot|apos);)(?:(\w+);)?")
# Elements that HTML never closes by "/>", so that all that follows would be inside them.
_SELF_CLOSED = re.compile(
    r"<((?:title|script|style|textarea|iframe|noscript|object|a|b|big|center|div|em|font|h[1-6]|i|p|section|small|span|"
    r"strong|sub|sup|table|td|u)\b(?:\s[^<>]*)?)/>",
    re.IGNORECASE,
)
_UNCLOSED_TITLE = re.compile(r"(<title\b[^<>]*>[^<]*)(?=<)", re.IGNORECASE)
_CONTAINERS = re.compile(r"<(/?)(?:div|section|article|blockquote|center|main)\b", re.IGNORECASE)
_INLINE = re.compile(r"</?(?:font|big|small|tt|u)\b[^<>]*>", re.IGNORECASE)


class NotWhole(ValueError):
    """Only a part of a document can be parsed; the message says why."""


def decoded(data: bytes) -> Decoded:
    """The text of a document, in the encoding that it declares where its bytes allow that."""
    return decode(data, declared_in(data))


def parse_xml(data: bytes | str) -> etree._Element | None:
    """The root of an XML file, repaired where it is not well-formed; None where it holds no element.

    No entity is expanded and nothing is fetched: a book may not read files or fill the memory. libxml2's limit on
    the length of a text is lifted, for its readers bound what they read; its limit on the depth is 2,048 elements.

    Raises
    ------
    NotWhole
        It nests deeper than that.
    """
    text = _prepared(data)
    for form in (text, _with_references(text)):
        root, whole = _strictly(form)
        if whole:
            return root
    parser = _xml_parser(recover=True)
    root = etree.fromstring(_with_references(text).encode(), parser) if text.strip() else None
    _check_depth(parser)
    return root


def parse_document(data: bytes | str) -> etree._Element | None:
    """The root of an XHTML file, parsed as HTML where it is not well-formed; None where it is empty.

    Raises
    ------
    NotWhole
        It nests so deeply that the parser would leave out the rest.
    """
    text = _prepared(data)
    for form in (text, _with_references(text)):
        root, whole = _strictly(form)
        if whole:
            return root
    text = _as_html(text)
    # Of the second, elements that only hold others are paragraphs, which end where the next begins.
    for form in (text, _INLINE.sub("", _CONTAINERS.sub(r"<\1p", text))):
        parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True)
        try:
            root = etree.fromstring(form.encode(), parser)
        except etree.XMLSyntaxError:  # it is empty
            return None
        if not _fault(parser):
            return root
    _check_depth(parser)
    return None


def _prepared(data: bytes | str) -> str:
    text = data if isinstance(data, str) else decoded(data).text
    return without_odd_references(_SPACES.sub(" ", _NO_XML.sub("", _DECLARATION.sub("", text))))


def _with_references(text: str) -> str:
    """With the ampersands escaped that begin no reference, and HTML's named characters as they are."""
    if "<!ENTITY" in text:
        return text
    return _REFERENCE.sub(lambda m: html5.get(f"{m[1]};") or f"&amp;{m[0][1:]}", text)


def _as_html(text: str) -> str:
    """XHTML that is not well-formed, such that HTML's rules hide nothing of it."""
    if "http://www.w3.org/1999/xhtml" in text:
        text = _SELF_CLOSED.sub(lambda m: f"<{m[1]}></{m[1].split()[0]}>", text)
    if "</title" not in text.lower():
        text = _UNCLOSED_TITLE.sub(r"\1</title>", text, count=1)
    comment = text.rfind("<!--")
    if comment > text.rfind("-->"):
        text = text[:comment] + text[comment + 4 :]
    return text


def _xml_parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        recover=recover,
    )


def _strictly(text: str) -> tuple[etree._Element | None, bool]:
    """The root, and whether the text is well-formed."""
    try:
        return etree.fromstring(text.encode(), _xml_parser(recover=False)), True
    except etree.XMLSyntaxError:
        return None, False


def _fault(parser: etree.XMLParser | etree.HTMLParser) -> str | None:
    """Why the parser did not read on to the end."""
    limits = (
        etree.ErrorTypes.ERR_INTERNAL_ERROR,
        etree.ErrorTypes.ERR_NO_MEMORY,
        114,
    )  # 114: ERR_RESOURCE_LIMIT
    return next((str(entry.message).strip() for entry in parser.error_log if entry.type in limits), None)


def _check_depth(parser: etree.XMLParser | etree.HTMLParser) -> None:
    if fault := _fault(parser):
        raise NotWhole(f"can be read only in part ({fault.partition(',')[0]})")
