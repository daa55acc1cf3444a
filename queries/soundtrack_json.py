"""The soundtrack as JSON, in a format of our own that other programs can build on."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from bookscore.queries import atomic, woven
from bookscore.queries.woven import Segment

VERSION = 2


def write(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    """Write a title's soundtrack as JSON: the same bytes from every warehouse made of the same input.

    It holds no time of day and no path outside the album's folder; numbers are rounded (seconds to
    milliseconds, others to four decimals). See `TitleWriter`.
    """
    soundtrack = woven.load(connection, name)
    title = soundtrack.title
    document = {
        "format": "bookscore-soundtrack",
        "version": VERSION,
        "title": name,
        "book": {
            "title": title.book_title,
            "author": title.author,
            "language": title.language,
            "n_words": title.n_words,
        },
        "films": [
            {"film_id": film.film_id, "title": film.film_title, "duration_s": film.duration_s}
            for film in soundtrack.films
        ],
        "album": {"title": title.album_title, "artist": title.album_artist},
        "tracks": _tracks(soundtrack.segments, title.album_path),
        "chapters": [
            {"chapter_no": chapter_no, "title": chapter_title, "segments": [_segment(s) for s in segments]}
            for (chapter_no, chapter_title), segments in groupby(
                soundtrack.segments, key=lambda s: (s.chapter_no, s.chapter_title)
            )
        ],
    }
    atomic.write_text(path, json.dumps(rounded(document), ensure_ascii=False, indent=1) + "\n")


def _tracks(segments: Iterable[Segment], album_path: str) -> list[dict[str, Any]]:
    """The tracks in use."""
    used = {s.track_no: s for s in segments}
    return [
        {
            "track_no": track_no,
            "title": s.track_title,
            "artist": s.track_artist,
            "album": s.track_album,
            "path": woven.path_in_album(s.track_path, album_path),
            "file_start_s": s.file_start_s,
        }
        for track_no, s in sorted(used.items())
    ]


def _segment(segment: Segment) -> dict[str, Any]:
    return {
        "segment_no": segment.segment_no,
        "first_paragraph_no": segment.first_paragraph_no,
        "last_paragraph_no": segment.last_paragraph_no,
        "n_words": segment.n_words,
        "emotion": segment.emotion,
        "music": {
            "track_no": segment.track_no,
            "music_segment_no": segment.music_segment_no,
            "start_s": segment.start_s,
            "end_s": segment.end_s,
            "loop_start_s": segment.loop_start_s,
            "loop_end_s": segment.loop_end_s,
            "mode": segment.mode,
            "arousal": segment.arousal,
            "gain_db": segment.gain_db,
        },
        "method": segment.method,
        "score": segment.score,
        "evidence": segment.evidence,
    }


def rounded(value: Any, name: str = "") -> Any:
    """`value` with every float rounded: the last bits differ between machines.

    Parameters
    ----------
    value : object
        As JSON can hold it.
    name : str
        Its key; one that ends in ``_s`` is a time in seconds.
    """
    if isinstance(value, float):
        return round(value, 3 if name.endswith("_s") else 4)
    if isinstance(value, dict):
        return {key: rounded(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    return value
