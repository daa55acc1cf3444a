"""Style sheets of a source EPUB, made anew of what is known to be harmless.

A rule, property, function or reference that is not listed here is left out, so that nothing in an exported EPUB
fetches anything, whatever CSS comes to know.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import unquote

import tinycss2
from tinycss2.serializer import serialize_string_value

Keep = Callable[[str, bool], bool]
"""Takes a reference as a sheet has it, and whether it is to another sheet; returns whether it is kept."""

_GROUPS = {"media", "supports", "keyframes", "-webkit-keyframes"}  # at-rules that hold rules
_BLOCKS = {"font-face", "page"}  # at-rules that hold declarations
# Names, which are never fetched.
_NAMESPACES = {
    "http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg", "http://www.w3.org/1998/Math/MathML",
    "http://www.w3.org/1999/xlink", "http://www.w3.org/XML/1998/namespace", "http://www.idpf.org/2007/ops",
}  # fmt: skip
_UNKNOWN = "urn:unknown"
_PREFIX = re.compile(r"-(?:epub|webkit|moz|ms|o|adobe|ibooks|kobo|apple)-")
# First words of properties: all of CSS's families but those that name programs (behavior, binding).
_FAMILIES = {
    "accent", "adobe", "align", "animation", "appearance", "ascent", "aspect", "backdrop", "backface", "background",
    "baseline", "block", "border", "bottom", "box", "break", "caption", "caret", "clear", "clip", "color", "column",
    "columns", "contain", "content", "counter", "cursor", "descent", "display", "dominant", "empty", "fill", "filter",
    "flex", "float", "flood", "font", "gap", "grid", "hanging", "height", "hyphenate", "hyphens", "image", "initial",
    "inline", "inset", "isolation", "justify", "left", "letter", "lighting", "line", "list", "margin", "marker", "marks",
    "mask", "max", "min", "mix", "object", "opacity", "order", "orphans", "outline", "overflow", "padding", "page",
    "paint", "perspective", "place", "pointer", "position", "print", "quotes", "resize", "right", "rotate", "row", "ruby",
    "scale", "shape", "size", "speak", "src", "stop", "stroke", "tab", "table", "text", "top", "transform", "transition",
    "translate", "unicode", "user", "vector", "vertical", "visibility", "white", "widows", "width", "will", "word",
    "writing", "z", "zoom", "hyphenation",
}  # fmt: skip
_NOT_ALLOWED = {"direction", "unicode-bidi"}  # EPUB forbids them in style sheets
_WITH_FILES = {"src", "background", "background-image", "border-image", "border-image-source", "content", "cursor",
    "list-style", "list-style-image", "mask", "mask-image", "shape-outside", "fill", "stroke", "clip-path", "filter",
    "marker", "marker-start", "marker-mid", "marker-end"}  # fmt: skip
FUNCTIONS = {
    "abs", "acos", "asin", "atan", "atan2", "attr", "blur", "brightness", "calc", "circle", "clamp", "color",
    "color-mix", "conic-gradient", "contrast", "cos", "counter", "counters", "cubic-bezier", "drop-shadow", "ellipse",
    "exp", "fit-content", "format", "grayscale", "hsl", "hsla", "hue-rotate", "hwb", "hypot", "inset", "invert", "lab",
    "lch", "linear", "linear-gradient", "local", "log", "matrix", "matrix3d", "max", "min", "minmax", "mod", "oklab",
    "oklch", "opacity", "path", "perspective", "polygon", "pow", "radial-gradient", "rect", "rem", "repeat",
    "repeating-conic-gradient", "repeating-linear-gradient", "repeating-radial-gradient", "rgb", "rgba", "rotate",
    "rotate3d", "rotatex", "rotatey", "rotatez", "round", "saturate", "scale", "scale3d", "scalex", "scaley", "scalez",
    "sepia", "sign", "sin", "skew", "skewx", "skewy", "sqrt", "steps", "tan", "translate", "translate3d", "translatex",
    "translatey", "translatez", "var", "xywh",
}  # fmt: skip
"""Functions of values that fetch nothing."""
_SELECTORS = {
    "not", "is", "where", "has", "matches", "any", "nth-child", "nth-last-child", "nth-of-type", "nth-last-of-type",
    "nth-col", "nth-last-col", "lang", "dir",
}  # fmt: skip
_PLAIN = {
    "ident",
    "hash",
    "string",
    "number",
    "percentage",
    "dimension",
    "unicode-range",
    "literal",
    "whitespace",
}
_NESTED = {"() block", "[] block"}


def kept(css: bytes | str, keep: Keep) -> str:
    """A style sheet made anew of what is harmless in it.

    Parameters
    ----------
    css : bytes or str
    keep : callable
        See `Keep`.

    Returns
    -------
    str

    Raises
    ------
    RecursionError
        The sheet's blocks are nested hundreds deep.
    """
    if isinstance(css, str):
        rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    else:
        rules, _ = tinycss2.parse_stylesheet_bytes(css, skip_comments=True, skip_whitespace=True)
    return "\n".join(_rules(rules, keep)) + "\n"


def declarations(css: str) -> str:
    """What is harmless of a style attribute in an SVG image, whose references are to its own parts."""
    return " ".join(_declarations(css, inside_svg))


def inside_svg(url: str, is_sheet: bool) -> bool:
    """Whether a reference in an SVG image is to a part of it: a `Keep`.

    Parameters
    ----------
    url : str
    is_sheet : bool
    """
    return not is_sheet and re.fullmatch(r"#[\w.:-]+", url) is not None


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


def _rules(rules: Iterable[Any], keep: Keep) -> Iterator[str]:
    for rule in rules:
        if rule.type == "qualified-rule":
            if _is_plain(rule.prelude, _SELECTORS):
                yield _block(rule.prelude, _declarations(rule.content, keep))
        elif rule.type == "at-rule":
            yield from _at_rule(rule, rule.lower_at_keyword, keep)


def _at_rule(rule: Any, name: str, keep: Keep) -> Iterator[str]:
    if rule.content is None:
        words = [token for token in rule.prelude if token.type != "whitespace"]
        if name == "import" and words and (url := _url(words[0])) is not None:
            if _is_plain(words[1:], set()) and keep(url, True):
                media = " ".join(token.serialize() for token in words[1:])
                yield f"@import {_string(url)} {media}".rstrip() + ";"
        elif name == "namespace" and words and (url := _url(words[-1])) is not None:
            prefix = [token.serialize() for token in words[:-1] if token.type == "ident"]
            if url in _NAMESPACES or prefix:  # without its prefix's, rules would be faulty
                known = url if url in _NAMESPACES else _UNKNOWN
                yield f"@namespace {' '.join([*prefix[:1], _string(known)])};"
    elif name in _GROUPS and _is_plain(rule.prelude, FUNCTIONS):
        inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
        yield _block(rule.prelude, _rules(inner, keep), f"@{name} ")
    elif name in _BLOCKS and _is_plain(rule.prelude, set()):
        found = list(_declarations(rule.content, keep))
        if name != "font-face" or any(one.startswith("src:") for one in found):
            yield _block(rule.prelude, found, f"@{name} ")


def _block(prelude: list[Any], inside: Iterable[str], name: str = "") -> str:
    head = f"{name}{tinycss2.serialize(prelude).strip()}".strip()
    return f"{head} {{ {' '.join(inside)} }}"


def _declarations(content: list[Any] | str, keep: Keep) -> Iterator[str]:
    for found in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        if found.type == "declaration" and _is_known(found.lower_name):
            base = _PREFIX.sub("", found.lower_name, count=1)

            def keep_file(url: str, base: str = base) -> bool:
                return base in _WITH_FILES and keep(url, False)

            if found.value and _is_plain(found.value, FUNCTIONS, keep_file):
                yield f"{found.name}: {tinycss2.serialize(found.value).strip()}{' !important' * found.important};"


def _is_known(name: str) -> bool:
    if name.startswith("--"):
        return True
    name = _PREFIX.sub("", name, count=1)
    return name not in _NOT_ALLOWED and name.partition("-")[0] in _FAMILIES


def _is_plain(
    tokens: Iterable[Any], functions: set[str], keep: Callable[[str], bool] = lambda url: False
) -> bool:
    """Whether tokens are words and numbers, functions of those given, and references that are kept."""
    for token in tokens:
        if token.type in _PLAIN:
            continue
        if (url := None if token.type == "string" else _url(token)) is not None:
            is_plain = keep(url)
        elif token.type in _NESTED:
            is_plain = _is_plain(token.content, functions, keep)
        else:
            is_plain = (
                token.type == "function"
                and _PREFIX.sub("", token.lower_name, count=1) in functions
                and _is_plain(token.arguments, functions, keep)
            )
        if not is_plain:
            return False
    return True


def _url(token: Any) -> str | None:
    """What a string, ``url(x)`` or ``url("x")`` names; None for other tokens."""
    if token.type in ("string", "url"):
        return str(token.value)
    if token.type == "function" and token.lower_name == "url":
        words = [part for part in token.arguments if part.type != "whitespace"]
        return str(words[0].value) if [part.type for part in words] == ["string"] else None
    return None


def _string(text: str) -> str:
    return f'"{serialize_string_value(text)}"'
