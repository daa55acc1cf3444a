"""Writes a file so that it is there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from engine.errors import BookscoreError


def write_text(path: Path, text: str) -> None:
    """Write `text` in UTF-8 with ``\\n`` line ends, through a temporary name in the same folder.

    Raises
    ------
    BookscoreError
        The file cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(text.encode())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise BookscoreError(f"{path}: cannot be written ({error.strerror}): choose another place") from error
