"""The soundtrack as a playlist: an entry a text segment in reading order."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from bookscore.engine.errors import BookscoreError
from bookscore.queries import atomic, woven
from bookscore.queries.epub import source
from bookscore.queries.playlist import forms, pieces
from bookscore.queries.sound import mix, sound_file
from bookscore.queries.woven import Segment, Woven

SHORTEST_S = 0.5
"""What is left of a turn is not worth an entry."""


@dataclass(frozen=True)
class Entry:
    """A file, or a part of it, and the text segment for which it plays.

    Attributes
    ----------
    segment : Segment
    location : str
        Relative to the playlist's folder, with ``/``.
    start_s, stop_s : float or None
        The part of the file that is played, in its own time; None where it is the whole.
    duration_s : float
    """

    segment: Segment
    location: str
    start_s: float | None
    stop_s: float | None
    duration_s: float


def write(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    path: Path,
    *,
    form: str | None = None,
    wpm: float | None = None,
    cut: bool = False,
    codec: str = "opus",
) -> None:
    """Write a title's soundtrack as a playlist in UTF-8. See `TitleWriter`.

    Parameters
    ----------
    form : str or None
        One of `forms.FORMS`; None: what the suffix of `path` says.
    wpm : float or None
        Words read in a minute: each piece then plays for as long as its segment is read, over and over where
        it is shorter, and runs on where the next segment has the same. None: each piece plays once.
    cut : bool
        Write what is heard as files, into a folder beside the playlist, instead of naming places in tracks.
    codec : str
        Of those files.

    Raises
    ------
    BookscoreError
        Also where the form is unknown, or the path of a track has a line break.
    """
    render = forms.FORMS[form or forms.form_of(path)]
    soundtrack = woven.load(connection, name)
    if cut:
        folder = path.with_name(f"{pieces.UNSAFE.sub('_', path.stem)} music")
        with atomic.replacing_folder(folder, pieces.MARK) as part:
            files = pieces.write(
                soundtrack, part, sound_file.CODECS[codec], wpm, source.cover(connection, name)
            )
        entries = [
            Entry(segment, f"{folder.name}/{file.name}", None, None, file.duration_s)
            for segment, file in zip(soundtrack.segments, files, strict=True)
        ]
    else:
        entries = list(_in_tracks(soundtrack, path.parent, wpm))
    atomic.write_text(path, render(soundtrack, entries))


def _in_tracks(soundtrack: Woven, folder: Path, wpm: float | None) -> Iterator[Entry]:
    # '..' climbs real folders, so a link on the way to the playlist must be followed first.
    real = os.path.realpath(folder)
    for segment, start_s, stop_s in spans(soundtrack.segments, wpm):
        location = _relative(segment.track_path, real)
        yield Entry(segment, location, *segment.in_file(start_s, stop_s), stop_s - start_s)


def spans(segments: list[Segment], wpm: float | None) -> Iterator[tuple[Segment, float, float]]:
    """The parts of tracks that are heard, in order: segment, start and end in seconds of its track.

    Parameters
    ----------
    segments : list of Segment
        In reading order.
    wpm : float or None
        Words read in a minute; None: each piece plays once.
    """
    if wpm is None:
        yield from ((s, s.start_s, s.end_s) for s in segments)
        return
    for stretch in mix.stretches(segments, wpm):
        piece = stretch.segments[0]
        place_s, back_s, end_s = piece.start_s, piece.start_s, piece.end_s
        if piece.loop_start_s is not None and piece.loop_end_s is not None:
            back_s, end_s = piece.loop_start_s, piece.loop_end_s
        for segment, border_s, until_s in zip(
            stretch.segments, stretch.borders_s, stretch.borders_s[1:], strict=False
        ):
            left_s = until_s - border_s
            while left_s > SHORTEST_S:
                if end_s - place_s < SHORTEST_S:
                    place_s = back_s
                played_s = min(left_s, end_s - place_s)
                yield segment, place_s, place_s + played_s
                place_s, left_s = place_s + played_s, left_s - played_s


def _relative(track_path: str, folder: str) -> str:
    if "\n" in track_path or "\r" in track_path:
        raise BookscoreError(f"{track_path!r}: a playlist cannot name a file with a line break: rename it")
    return Path(os.path.relpath(track_path, folder)).as_posix()
