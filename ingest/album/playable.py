"""Whether a folder's files can be an album, before any work on it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bookscore.engine.errors import BookscoreError

RATE_HZ = 4_000


def check(files: Mapping[str, Path]) -> None:
    """Look for a file whose first second can be played; which of the others are tracks, the first stage finds out.

    Parameters
    ----------
    files : mapping of str to Path
        As `sources` found them, by relative name.

    Raises
    ------
    BookscoreError
        None of them can.
    """
    from bookscore.ingest.media.sound import stream

    faults = []
    for path in files.values():
        try:
            next(stream(path, RATE_HZ, block_s=1), None)
            return
        except BookscoreError as error:
            faults.append(str(error))
    raise BookscoreError(f"{faults[0]}; no other file of the album can be used either")
