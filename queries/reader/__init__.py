"""The reader: a folder with the book's text and its music, opened by double click or from a server."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb

from bookscore.engine.errors import BookscoreError
from bookscore.queries import atomic, saved, woven
from bookscore.queries.reader.choices import offers
from bookscore.queries.reader.page import GENERATOR, key, loops, page
from bookscore.queries.sound import music_files
from bookscore.queries.woven import Segment

LOOP_TAIL_S = 0.1  # beyond the loop's end, so that no encoder's last frame lies at the seam
OWN_FILES = {
    "audio": re.compile(r"\d{2,}-\d{2,}-[0-9a-f]{8}\.js"),
    "frames": re.compile(r"[0-9a-f]{12}\.jpg"),
}


def write(connection: duckdb.DuckDBPyConnection, name: str, out_dir: Path) -> list[Path]:
    """Write a title's reader: ``index.html``, a file in ``audio/`` for every music segment in use or next best,
    and the film's frames that explain the choices in ``frames/``.

    A page opened from a file may not fetch, so style, program and text stand in ``index.html`` and the
    music in classic scripts that the page loads when it needs them. Music and frames are named by their
    content and ``index.html`` is replaced last: an export cut short leaves the reader that was there. Other
    files in the folder are left alone. See `TitleWriter`.

    Returns
    -------
    list of Path
        The files of the reader.

    Raises
    ------
    BookscoreError
        Also where `out_dir` has an ``index.html`` that is no reader.
    """
    soundtrack = woven.load(connection, name)
    index = out_dir / "index.html"
    _check_may_replace(index)
    offered = offers(connection, soundtrack)
    scripts = _music_scripts(choice for offer in offered for choice in offer.choices)
    audio = {piece: f"audio/{piece}-{_digest(script.encode(), 8)}.js" for piece, script in scripts.items()}
    frames = {
        jpeg: f"frames/{_digest(jpeg, 12)}.jpg" for offer in offered for _, jpeg in offer.matches if jpeg
    }
    for piece, file in audio.items():
        atomic.write_text(out_dir / file, scripts[piece])
    for jpeg, file in frames.items():
        with atomic.replacing(out_dir / file) as part:
            part.write_bytes(jpeg)
    paragraphs: list[Any] = saved.run(connection, "text", title=name)
    atomic.write_text(index, page(soundtrack, offered, paragraphs, audio, frames))
    written = [index, *(out_dir / file for file in (*audio.values(), *dict.fromkeys(frames.values())))]
    _remove_older(out_dir, set(written))
    return written


def _check_may_replace(index: Path) -> None:
    try:
        if index.exists() and GENERATOR not in index.read_text(encoding="utf-8", errors="replace"):
            raise BookscoreError(f"{index} was not made by Bookscore: choose another folder")
    except OSError as error:
        raise BookscoreError(f"{index}: cannot be read ({error.strerror}): choose another folder") from error


def _remove_older(out_dir: Path, written: set[Path]) -> None:
    for folder, own in OWN_FILES.items():
        for old in (out_dir / folder).glob("*"):
            if own.fullmatch(old.name) and old not in written:
                old.unlink()


def _digest(content: bytes, length: int) -> str:
    return hashlib.sha256(content).hexdigest()[:length]


def _music_scripts(choices: Iterable[Segment]) -> dict[str, str]:
    """A script for every music segment, by its key."""
    by_track: dict[str, dict[str, Segment]] = defaultdict(dict)
    for choice in sorted(choices, key=lambda s: s.piece):
        by_track[choice.track_path].setdefault(key(choice), choice)

    def encode(track: str) -> list[bytes]:
        return music_files.encode(Path(track), [_played(s) for s in by_track[track].values()])

    scripts = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # FFmpeg works outside the interpreter's lock
        for track, encoded in zip(by_track, pool.map(encode, by_track), strict=True):
            for piece, mp3 in zip(by_track[track], encoded, strict=True):
                scripts[piece] = f'bookscoreAudio("{piece}","{base64.b64encode(mp3).decode()}");\n'
    return scripts


def _played(segment: Segment) -> tuple[float, float]:
    """The part of the track's file that is heard: up to the loop's end, where there is one."""
    end_s = segment.loop_end_s if loops(segment) else None
    end_s = segment.end_s if end_s is None else min(end_s + LOOP_TAIL_S, segment.end_s)
    return segment.in_file(segment.start_s, end_s)
