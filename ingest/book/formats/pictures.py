"""Which files of an EPUB are images and fonts that another EPUB may hold: told by their content, not by their type."""

from __future__ import annotations

import struct
import warnings
import zlib
from io import BytesIO

from bookscore.ingest.book.formats import bounds, svg

SVG = "image/svg+xml"
_IMAGES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}
_FONTS = {
    b"\0\1\0\0": "font/ttf", b"true": "font/ttf", b"OTTO": "font/otf", b"ttcf": "font/collection",
    b"wOFF": "font/woff", b"wOF2": "font/woff2",
}  # fmt: skip
# What damaged images make Pillow's decoders raise.
_DAMAGE = (
    OSError, SyntaxError, ValueError, EOFError, ArithmeticError, LookupError, TypeError, AttributeError, struct.error,
    zlib.error,
)  # fmt: skip


class Unusable(Exception):
    """A file that is not kept; the message says in short why."""


def image_type(data: bytes) -> str:
    """The media type of an image that can be decoded.

    Its size is read from its header first; one of more than `bounds.PIXELS` is not decoded.

    Raises
    ------
    Unusable
        It is damaged, too large, or of a format that reading apps need not know.
    """
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=list(_IMAGES)) as image:
                form = image.format or ""
                if image.width * image.height > bounds.PIXELS:
                    raise Unusable(f"has {image.width} x {image.height} pixels, too many")
                image.draft("L", (256, 256))  # of a JPEG no more is decoded than tells whether it is whole
                image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unusable("has too many pixels") from error
    except _DAMAGE as error:
        raise Unusable("is no image that can be read") from error
    return _IMAGES[form]


def kept(data: bytes, media_type: str) -> tuple[str, bytes]:
    """An image or font as another EPUB may hold it: its media type, and its content, of which SVG is made anew.

    Parameters
    ----------
    data : bytes
    media_type : str
        What the source EPUB says that it is; a font's stays.

    Raises
    ------
    Unusable
        It is damaged, too large, or neither image nor font.
    """
    if data[:4] in _FONTS:
        said = media_type.partition(";")[0].strip().lower()
        return said if "font" in said else _FONTS[data[:4]], data
    if media_type.lower().startswith(SVG) or b"<svg" in data[:1024]:
        if made := svg.rebuilt(data):
            return SVG, made
        raise Unusable("is no SVG that can be read")
    return image_type(data), data
