"""ID3 tags read by mutagen within bounds of memory and time: frames that unpack, or that are many, fill neither.

mutagen copies the rest of a tag for each frame, and the rest of a text for each of its values, so that both take
quadratic time; it unpacks a compressed frame whatever its size.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_MOST_UNPACKED = 16 * 2**20  # bytes of all compressed frames of a file
_MOST_FRAMES = 2000
_LONGEST_TEXT = 2**17  # bytes of a frame
_LONGEST = dict.fromkeys((b"TXXX", b"TXX", b"USLT", b"ULT", b"COMM", b"COM"), 2**20) | dict.fromkeys(
    (b"APIC", b"PIC", b"GEOB", b"GEO", b"PRIV", b"MCDI", b"MCI", b"SYLT", b"SLT"), 2**28
)  # of free texts, of which a cue sheet may be one, and of attachments
_MOST_ESCAPES = 1_000_000  # bytes FF, which unsynchronisation looks at one by one


class _Unpacker:
    """Stands for zlib in mutagen's module of frames.

    Parameters
    ----------
    most : int
        Bytes, of all frames of a file.
    """

    error = zlib.error

    def __init__(self, most: int) -> None:
        self.left = most

    def decompress(self, data: bytes) -> bytes:
        unpacking = zlib.decompressobj()
        made = unpacking.decompress(data, max(1, self.left))
        if not unpacking.eof:
            raise zlib.error("damaged, or unpacks to too much")
        self.left -= len(made)
        return made


@contextmanager
def bounded() -> Iterator[None]:
    """Within it mutagen raises where a file's ID3 tag exceeds the bounds."""
    from mutagen.id3 import _frames, error
    from mutagen.id3._tags import ID3Tags

    read = ID3Tags._read

    def read_bounded(tags: Any, header: Any, data: bytes) -> Any:
        if not is_plausible(data, header.version[1]):
            raise error("more frames or text than any tag has")
        return read(tags, header, data)

    unpacker = _frames.zlib
    _frames.zlib, ID3Tags._read = _Unpacker(_MOST_UNPACKED), read_bounded  # type: ignore
    try:
        yield
    finally:
        _frames.zlib, ID3Tags._read = unpacker, read  # type: ignore


def is_plausible(data: bytes, version: int) -> bool:
    """Whether a tag has no more frames and no longer texts than tags have.

    Parameters
    ----------
    data : bytes
        The tag without its header.
    version : int
        2 to 4, of ID3v2.
    """
    n_name = 3 if version == 2 else 4
    n_head = 2 * n_name if version == 2 else 10
    at = n_frames = 0
    while at + n_head <= len(data) and data[at]:
        name, size = data[at : at + n_name], data[at + n_name : at + 2 * n_name]
        n_bytes = (
            int.from_bytes(size, "big") if version < 4 else sum(b << 7 * i for i, b in enumerate(size[::-1]))
        )
        text = data[at + n_head : at + n_head + n_bytes]
        n_frames += 1
        if n_frames > _MOST_FRAMES or len(text) > _LONGEST.get(name, _LONGEST_TEXT):
            return False
        at += n_head + n_bytes
    return data.count(b"\xff") <= _MOST_ESCAPES
