"""Writes files and folders so that they are there whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bookscore.engine.errors import BookscoreError


def write_text(path: Path, text: str) -> None:
    """Write `text` in UTF-8 with ``\\n`` line ends, through a temporary name in the same folder.

    Parameters
    ----------
    path : Path
        File to write; missing folders are made.
    text : str
        All of its content.

    Raises
    ------
    BookscoreError
        The file cannot be written.
    """
    with replacing(path) as part:
        part.write_bytes(text.encode())


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name beside `path`, for a file that takes its place once it is written without error.

    Raises
    ------
    BookscoreError
        The file cannot be written.
    """
    part = _part(path)
    with _told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path, mark: str) -> Iterator[Path]:
    """A temporary folder beside `path`, which takes its place once everything in it is written.

    Parameters
    ----------
    path : Path
        Made where it is absent. What is in it goes, so it must be empty or an older folder of the same kind.
    mark : str
        Name of a file that every folder of this kind has.

    Raises
    ------
    BookscoreError
        The folder cannot be written, or holds files of another kind.
    """
    path = path.resolve()  # '.' has no name beside which another could stand
    part, old = _part(path), path.with_name(f".{path.name}.{os.getpid()}.old")
    with _told(path):
        if path.exists() and not (path / mark).is_file() and (not path.is_dir() or any(path.iterdir())):
            raise BookscoreError(
                f"{path} was not made by this export (it has no {mark}): choose another place"
            )
        part.mkdir(parents=True)
        try:
            yield part
            if path.exists():
                path.rename(old)
            try:
                part.rename(path)
            except OSError:
                if old.exists():
                    old.rename(path)
                raise
        finally:
            shutil.rmtree(part, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.part")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BookscoreError(
            f"{path}: cannot be written ({error.strerror or error}): choose another place"
        ) from error
