"""Cue sheets: where the tracks of a whole disc begin in its file, and what they are called."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath

from bookscore.ingest.album.charsets import decoded
from bookscore.ingest.album.tags import LONGEST, LONGEST_SHEET, one_line

MOST_TRACKS = 999  # of a sheet; a disc has 99
FRAMES_PER_S = 75
_KINDS = {"WAVE", "MP3", "AIFF", "FLAC", "BINARY", "MOTOROLA"}  # words after a file's name
_TRACK = re.compile(r"(\d{1,9})\d*\s*(\S*)")
_INDEX = re.compile(r"0*([01])\s+(\d{1,9}):(\d{1,9})[:.](\d{1,9})")
_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


@dataclass(frozen=True)
class Part:
    """A track as a part of a file.

    Attributes
    ----------
    number : int
    start_s : float
    end_s : float or None
        None at the file's end.
    title, artist : str or None
    """

    number: int
    start_s: float
    end_s: float | None
    title: str | None
    artist: str | None


@dataclass(frozen=True)
class Image:
    """A file that a cue sheet divides, as the sheet names it, and what the sheet says of the whole."""

    file: str
    parts: list[Part]
    album: str | None
    artist: str | None


@dataclass
class _Track:
    number: int
    is_sound: bool
    file: str | None = None
    start_s: float = 0.0
    text: dict[str, str] = field(default_factory=dict)


def is_of_image(path: Path) -> bool:
    """Whether a cue sheet divides a file into tracks: sheets of albums with a file for each track do not."""
    return bool(read(path))


def read(path: Path) -> list[Image]:
    """The files that a cue sheet divides; none where it is not one, or cannot be read."""
    try:
        if path.stat().st_size > LONGEST_SHEET:
            return []
        content = path.read_bytes()
    except OSError:
        return []
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return parsed(content.decode(encoding, "replace"))
    lines = content.splitlines()
    return parsed("\n".join(decoded(lines)))


def parsed(text: str) -> list[Image]:
    """The files that a cue sheet divides into two tracks or more, in its order.

    A track begins at its INDEX 01 and ends where the next one of its file does: what lies between is, as players
    have it, the end of the track before. Tracks of data are left out. What has more than `MOST_TRACKS` is no sheet.
    """
    if len(text) > LONGEST_SHEET:
        return []
    whole: dict[str, str] = {}
    tracks: list[_Track] = []
    file: str | None = None
    for line in text.splitlines():
        word, rest = [*line.split(None, 1), "", ""][:2]
        word, rest = word.upper(), rest.strip()
        if word == "FILE" and rest:
            file = _file(rest)
        elif word == "TRACK" and (found := _TRACK.match(rest)):
            tracks.append(_Track(int(found[1]), found[2].upper() in ("AUDIO", "")))
        elif word == "INDEX" and tracks and file and (found := _INDEX.match(rest)):
            index, minutes, seconds, frames = map(int, found.groups())
            if index == 1 or tracks[-1].file is None:  # its gap, INDEX 00, may end the file before
                tracks[-1].file = file
                tracks[-1].start_s = 60 * minutes + seconds + frames / FRAMES_PER_S
        elif word in ("TITLE", "PERFORMER"):
            (tracks[-1].text if tracks else whole)[word] = one_line(
                rest.removeprefix('"').removesuffix('"')[:LONGEST]
            )
    if len(tracks) > MOST_TRACKS:
        return []
    album, artist = whole.get("TITLE") or None, whole.get("PERFORMER") or None
    images = []
    for name in dict.fromkeys(track.file for track in tracks if track.file):
        inside = sorted((t for t in tracks if t.file == name), key=lambda t: t.start_s)
        ends = [*(track.start_s for track in inside[1:]), None]
        parts = [
            Part(t.number, t.start_s, end_s, t.text.get("TITLE") or None, t.text.get("PERFORMER") or artist)
            for t, end_s in zip(inside, ends, strict=True)
            if t.is_sound and (end_s is None or end_s > t.start_s)
        ]
        if len(parts) > 1:
            images.append(Image(name, parts, album, artist))
    return images


def _file(text: str) -> str:
    """The name of a file in quotes or without, before what kind of file it is."""
    if text.startswith('"') and (end := text.rfind('"')) > 0:
        return text[1:end]
    name, _, kind = text.rpartition(" ")
    return name.rstrip() if name and kind.upper() in _KINDS else text


def image_of(named: str, sheet: str, files: list[str], n_sheets: int = 1) -> str | None:
    """Which of an album's files a cue sheet means.

    The name it gives, in any case and form of letters; else that name with another suffix, for images are
    converted and the sheet is not; else the file that is called like the sheet; else the only one beside it.

    Parameters
    ----------
    named : str
        The file's name in the sheet, perhaps a path of the machine where it was made.
    sheet : str
        The sheet's name in the album, with ``/``.
    files : list of str
        Names of the album's audio files.
    n_sheets : int
        How many files the sheet divides.
    """
    folder, _, own = sheet.rpartition("/")
    beside = {_plain(name.rpartition("/")[2]): name for name in files if name.rpartition("/")[0] == folder}
    wanted = _plain(PureWindowsPath(named).name)
    if wanted in beside:
        return beside[wanted]
    for stem in (_stem(wanted), _stem(_plain(own)), _stem(_stem(_plain(own)))):
        if same := [name for plain, name in beside.items() if _stem(plain) == stem]:
            return same[0]
    return next(iter(beside.values())) if len(beside) == n_sheets == 1 else None


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name
