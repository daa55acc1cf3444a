"""How much of a book's file is unpacked and parsed.

A few kilobytes can unpack to gigabytes, and a parsed tree takes some fifty times the memory of its text. The bounds
are above what any book made to be read has, and keep the reader below 1 GiB of memory.
"""

from __future__ import annotations

import re
from typing import IO

MIB = 2**20
PACKAGE = 16 * MIB  # package document, contents, container, encryption: each
SHEET = MIB  # a style sheet; the parser takes some 150 bytes for each of its own
SHEETS = 4 * MIB  # all of them
PICTURE = 32 * MIB
FONT = 32 * MIB  # those of Chinese have 20
KEPT = 64 * MIB  # cover, sheets, fonts and images together
PIXELS = 40_000_000  # of an image: decoders take up to sixteen bytes for each

_PROSE = 32 * MIB  # all documents together, without their tags
_TAGS = 1_000_000  # all documents together: seventy times those of Vanity Fair
_NODES = 2_000_000  # elements, attributes and entities of one document
_ASIDES = 50_000  # comments and processing instructions of one document, which take quadratic time
_ATTRIBUTES = 2**16  # bytes of a tag's attributes without their values, which take quadratic time in HTML
_PIECE = 2**16

_TAG = re.compile(rb"<[A-Za-z/!?][^<>\"']*+(?:\"[^\"]*+\"[^<>\"']*+|'[^']*+'[^<>\"']*+)*+>?")
_VALUE = re.compile(rb"\"[^\"]*\"|'[^']*'")


class Excess(Exception):
    """More than a book has; the message says of what."""


def unpack(file: IO[bytes], most: int, piece_bytes: int = _PIECE) -> bytes:
    """The content of an open file, piece by piece: its archive may say that it is smaller than it is.

    Parameters
    ----------
    file : binary file
    most, piece_bytes : int
        Bytes, of all and of a piece.

    Raises
    ------
    Excess
        It has more.
    """
    pieces = []
    n_bytes = 0
    while piece := file.read(piece_bytes):
        pieces.append(piece)
        n_bytes += len(piece)
        if n_bytes > most:
            raise Excess(f"unpacks to more than the {most / MIB:.0f} MB allowed")
    return b"".join(pieces)


class Markup:
    """Watches over the markup of one book: what its documents hold, each and together."""

    def __init__(self) -> None:
        self.n_tags = self.n_prose = 0

    def check(self, data: bytes) -> bytes:
        """Count a document in; returns it.

        Raises
        ------
        Excess
            A tree of it, or of all until now, would take too much memory or time.
        """
        n_tags = data.count(b"<")
        self._most("tags", self.n_tags + n_tags, _TAGS)
        self._most("elements and attributes", n_tags + data.count(b"=") + data.count(b"&"), _NODES)
        self._most("comments", data.count(b"<!--") + data.count(b"<?"), _ASIDES)

        def seen(tag: re.Match[bytes]) -> int:
            if len(tag[0]) > _ATTRIBUTES:
                self._most("bytes of attributes in a tag", len(_VALUE.sub(b"", tag[0])), _ATTRIBUTES)
            return len(tag[0])

        n_in_tags = sum(map(seen, _TAG.finditer(data)))
        n_prose = len(data) - n_in_tags
        self._most("bytes of text", self.n_prose + n_prose, _PROSE)
        self.n_tags, self.n_prose = self.n_tags + n_tags, self.n_prose + n_prose
        return data

    @staticmethod
    def _most(what: str, n: int, most: int) -> None:
        if n > most:
            raise Excess(f"makes {n:,} {what}, more than the {most:,} allowed for a book")
