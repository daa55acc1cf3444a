"""Style sheets of a source EPUB, with nothing in them that another EPUB may not hold."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import unquote

import tinycss2

NOT_ALLOWED = {"direction", "unicode-bidi"}
"""Properties that EPUB forbids in style sheets."""
GROUPS = {"media", "supports"}
"""At-rules that hold rules."""


def kept(css: bytes, path: str, keep: Callable[[str], bool]) -> str:
    """A style sheet without comments, faulty rules and references to what is not there.

    Parameters
    ----------
    css : bytes
    path : str
        Of the sheet in its archive.
    keep : callable
        Takes the path of a file that the sheet names; returns whether that file is there and will be kept.

    Returns
    -------
    str

    Raises
    ------
    RecursionError
        The sheet's blocks are nested hundreds deep, or it imports a chain of hundreds of sheets.
    """
    rules, _ = tinycss2.parse_stylesheet_bytes(css, skip_comments=True, skip_whitespace=True)

    def is_kept(url: str) -> bool:
        inside = resolved(url, path)
        return inside is not None and keep(inside)

    return "\n".join(_rules(rules, is_kept)) + "\n"


def resolved(url: str, path: str) -> str | None:
    """The path in the archive that a reference in the file `path` names; None for one to the outside.

    Parameters
    ----------
    url : str
        The reference as the file has it, such as ``../fonts/a.ttf``.
    path : str
        Of the file with the reference, from the archive's root.
    """
    if not url or ":" in url.partition("/")[0] or url.startswith(("/", "#")):
        return None
    inside = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(url.partition("#")[0])))
    return None if inside.startswith("../") else inside


def _rules(rules: Iterable[Any], keep: Callable[[str], bool]) -> Iterator[str]:
    for rule in rules:
        if rule.type not in ("qualified-rule", "at-rule") or _is_faulty(rule.prelude):
            continue
        prelude = tinycss2.serialize(rule.prelude).strip()
        head = f"@{rule.at_keyword} {prelude}" if rule.type == "at-rule" else prelude
        if rule.content is None:
            named = [t.value for t in rule.prelude if t.type == "string"] + list(_urls(rule.prelude))
            is_import = rule.lower_at_keyword == "import" and named and all(map(keep, named))
            if is_import or rule.lower_at_keyword == "namespace":
                yield f"{head};"
        elif rule.type == "at-rule" and rule.lower_at_keyword in GROUPS:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            yield "\n".join([f"{head} {{", *_rules(inner, keep), "}"])
        else:
            yield f"{head} {{ {' '.join(_declarations(rule.content, keep))} }}"


def _declarations(content: list[Any], keep: Callable[[str], bool]) -> Iterator[str]:
    for declaration in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        if declaration.type != "declaration" or declaration.lower_name in NOT_ALLOWED:
            continue
        if not _is_faulty(declaration.value) and all(map(keep, _urls(declaration.value))):
            yield declaration.serialize() + ";"


def _is_faulty(tokens: Iterable[Any]) -> bool:
    return any(token.type == "error" for token in tokens)


def _urls(tokens: Iterable[Any]) -> Iterator[str]:
    for token in tokens:
        if token.type == "url":
            yield token.value
        elif token.type == "function":
            if token.lower_name == "url":
                yield from (t.value for t in token.arguments if t.type == "string")
            yield from _urls(token.arguments)
