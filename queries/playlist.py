"""The soundtrack as an M3U8 playlist."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from engine.errors import BookscoreError
from queries import atomic, woven


def write(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    """Write a title's soundtrack as a playlist, an entry a text segment in reading order.

    Each entry names its place in the book in a comment, and its music segment by VLC's ``start-time`` and
    ``stop-time``, the only offsets that players know. Tracks are named relative to the playlist's folder.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        On the warehouse; it is only read.
    name : str
        Name of the title.
    path : Path
        Playlist to be written, in UTF-8; replaced whole.

    Raises
    ------
    BookscoreError
        Unknown or unwoven title, a track whose path has a line break, or `path` cannot be written.
    """
    soundtrack = woven.load(connection, name)
    # '..' climbs real folders, so a link on the way to the playlist must be followed first.
    folder = os.path.realpath(path.parent)
    lines = ["#EXTM3U", f"#PLAYLIST:{_one_line(soundtrack.title.book_title)}"]
    for segment in soundtrack.segments:
        heading = f"{segment.chapter_no}.{segment.segment_no} {segment.chapter_title}"
        played = [segment.track_artist or soundtrack.title.album_artist, segment.track_title]
        lines += [
            f"# {_one_line(heading)}",
            f"#EXTINF:{round(segment.end_s - segment.start_s)},{_one_line(' - '.join(filter(None, played)))}",
            f"#EXTVLCOPT:start-time={segment.start_s:.3f}",
            f"#EXTVLCOPT:stop-time={segment.end_s:.3f}",
            _relative(segment.track_path, folder),
        ]
    atomic.write_text(path, "\n".join(lines) + "\n")


def _relative(track_path: str, folder: str) -> str:
    if "\n" in track_path or "\r" in track_path:
        raise BookscoreError(f"{track_path!r}: a playlist cannot name a file with a line break: rename it")
    relative = Path(os.path.relpath(track_path, folder)).as_posix()
    return f"./{relative}" if relative.startswith("#") else relative


def _one_line(text: str) -> str:
    return " ".join(text.split())
