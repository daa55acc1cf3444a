"""Opening media files, and their tags as text or bytes: the same with every PyAV from 14 on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bookscore.engine.printable import printable

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.stream import Stream


SEEKABLE = {"flac", "wav", "w64", "aiff", "ape", "wv", "tta"}
"""Containers in which FFmpeg finds the very sample."""


def open_media(path: Path) -> InputContainer:
    """Open a media file for reading; the container is a context manager that closes it.

    Raises
    ------
    av.FFmpegError
        There is no such file, or it is not media.
    """
    import av

    # Resolved, so that FFmpeg takes no relative name with a colon for a protocol.
    name = str(path.resolve())
    try:
        return av.open(name, metadata_errors="surrogateescape")
    except TypeError:  # PyAV 19 has no such argument and always does this
        return av.open(name)


def tag(tagged: InputContainer | Stream, name: str) -> str | None:
    """A tag of a file or of one of its streams, e.g. title or language; what is not UTF-8 is replaced.

    Such bytes come as lone surrogates, which no database stores. Codes that act on a terminal are removed.

    Parameters
    ----------
    tagged : av.container.InputContainer or av.stream.Stream
    name : str

    Returns
    -------
    str or None
        None where there is no such tag.
    """
    value = tagged.metadata.get(name)
    if value is None:
        return None
    return printable(value.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))


def raw_tag(value: str) -> str | bytes:
    """A value of a file's metadata: as it is, or its bytes where they are not UTF-8."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogateescape")
    return value
