"""SVG images made anew of the elements and attributes that draw: nothing that runs, and nothing from elsewhere."""

from __future__ import annotations

import re

from lxml import etree

from bookscore.ingest.book.formats import bounds, style_sheets

_SVG = "{http://www.w3.org/2000/svg}"
_NEED_HREF = {f"{_SVG}image", f"{_SVG}use"}
_HREFS = {"href", "{http://www.w3.org/1999/xlink}href"}
_ELEMENTS = {
    "svg", "g", "a", "style", "defs", "symbol", "use", "switch", "title", "desc", "path", "rect", "circle", "ellipse", "line",
    "polyline", "polygon", "text", "tspan", "textPath", "image", "marker", "pattern", "clipPath", "mask",
    "linearGradient", "radialGradient", "stop", "filter", "feBlend", "feColorMatrix", "feComponentTransfer",
    "feComposite", "feConvolveMatrix", "feDiffuseLighting", "feDisplacementMap", "feDistantLight", "feFlood", "feFuncA",
    "feFuncB", "feFuncG", "feFuncR", "feGaussianBlur", "feMerge", "feMergeNode", "feMorphology", "feOffset",
    "fePointLight", "feSpecularLighting", "feSpotLight", "feTile", "feTurbulence",
}  # fmt: skip
_NAME = re.compile(r"(?!on)[A-Za-z][A-Za-z0-9-]*")  # presentation and geometry, no event handlers
_INSIDE = re.compile(r"#[\w.:-]+")
_PICTURE = re.compile(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=\s]*")
_PAINT = re.compile(r"url\(\s*['\"]?#[\w.:-]+['\"]?\s*\)[\w #,.%-]*")
_MAX_DEPTH = 100


def rebuilt(data: bytes) -> bytes | None:
    """An SVG image with its drawing alone; None where it is no SVG, or is too large to be parsed.

    Scripts, foreign objects, animations, event handlers and references to anything but its own parts and embedded
    images are left out.
    """
    try:
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
        )
        root = etree.fromstring(bounds.Markup().check(data), parser)
        made = _copy(root, _MAX_DEPTH) if root.tag == f"{_SVG}svg" else None
    except (etree.XMLSyntaxError, ValueError, bounds.Excess, RecursionError):
        return None
    return None if made is None else etree.tostring(made, encoding="utf-8", xml_declaration=True)


def _copy(element: etree._Element, depth: int) -> etree._Element:
    namespaces = {None: _SVG[1:-1], "xlink": "http://www.w3.org/1999/xlink"}
    made = etree.Element(element.tag, nsmap=namespaces)
    made.text = element.text
    if element.tag == f"{_SVG}style":
        made.text = style_sheets.kept("".join(element.itertext()), style_sheets.inside_svg)
    for name, value in element.attrib.items():
        if _is_safe(str(name), str(value), made):
            made.set(name, value)
    for child in element if depth else ():
        is_drawing = isinstance(child.tag, str) and child.tag.removeprefix(_SVG) in _ELEMENTS
        if is_drawing and child.tag.startswith(_SVG):
            copied = _copy(child, depth - 1)
            if copied.tag not in _NEED_HREF or _HREFS & {*copied.attrib}:
                made.append(copied)
                copied.tail = child.tail
    return made


def _is_safe(name: str, value: str, element: etree._Element) -> bool:
    if name in _HREFS:
        is_image = element.tag == f"{_SVG}image"
        return bool(_INSIDE.fullmatch(value) or (is_image and _PICTURE.fullmatch(value)))
    if name == "style":
        element.set("style", style_sheets.declarations(value))
        return False
    if not _NAME.fullmatch(name):
        return name in (
            "{http://www.w3.org/XML/1998/namespace}lang",
            "{http://www.w3.org/XML/1998/namespace}space",
        )
    # Escapes of CSS could spell "url(" otherwise.
    return "\\" not in value and ("(" not in value or bool(_PAINT.fullmatch(value)) or _has_only(value))


def _has_only(value: str) -> bool:
    """Whether all functions of a value are of transforms and colours."""
    return {name.lower() for name in re.findall(r"([\w-]*)\s*\(", value)} <= style_sheets.FUNCTIONS
