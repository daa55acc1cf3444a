"""Which format a subtitle file is in, and what it holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.film.cues.formats import rolling, subrip, substation, webvtt
from bookscore.ingest.film.cues.formats.raw import LONGEST, RawCue, Read, Voice, lines_of, too_long
from bookscore.ingest.film.cues.formats.times import timing

READ = "srt, ass, ssa, vtt or ttml"
_HEAD = 4096
_LATEST_MS = 10**12
_MOST_LINES = 500_000
_MOST_CUES = (
    50_000  # those of a film have some thousands; signs and karaoke that move have one for each frame
)
# First bytes of files that hold pictures of text, and of files that hold no text.
_BITMAPS = {b"PG": "PGS", b"\0\0\1\xba": "VobSub", b"# VobSub index file": "VobSub"}
_BINARIES = {
    b"PK\x03\x04": "a ZIP archive", b"Rar!": "a RAR archive", b"7z\xbc\xaf": "a 7z archive", b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF", b"\x1aE\xdf\xa3": "a Matroska video", b"{\\rtf": "a Rich Text document (RTF)",
}  # fmt: skip
_CLOCK = r"\d{1,2}:\d\d:\d\d(?:[:;.,]\d{1,3})?"
_REFUSED = {
    "a Scenarist closed caption file (SCC)": re.compile(r"Scenarist_SCC"),
    "a web page (HTML)": re.compile(r"<!doctype\s+html|<html\b", re.IGNORECASE),
}
# A line of each format that has no head: the format of most lines counts.
_LINES: Mapping[str, re.Pattern[str]] = {
    "microdvd": re.compile(r"\{\d+\}\{\d*\}"),
    "mpl2": re.compile(r"\[\d+\]\[\d*\]"),
    "tmp": re.compile(r"\d{1,2}:\d\d:\d\d[:=,](?!\d|.*-->)\s*\S"),
    "a Spruce subtitle file (STL)": re.compile(rf"{_CLOCK}\s*,\s*{_CLOCK}\s*,(?!\s*\")"),
    "a table (CSV)": re.compile(rf"(?:\d+[,;])?\"?{_CLOCK}\"?\s*[,;]\s*\"?{_CLOCK}\"?\s*[,;]\s*\""),
    "a lyrics file (LRC)": re.compile(r"\[\d+:\d\d[.:]\d+\]"),
}
_BY_SUFFIX = {
    ".srt": "srt", ".sbv": "srt", ".sub": "microdvd", ".txt": "tmp", ".stl": "a Spruce subtitle file (STL)",
    ".csv": "a table (CSV)", ".tsv": "a table (CSV)", ".lrc": "a lyrics file (LRC)",
}  # fmt: skip
_HEADED: dict[str, Callable[[str], Read]] = {"vtt": webvtt.read, "ass": substation.read}
_FRAMES_TOLD = re.compile(r"\s*\{[01]\}\{[01]\}\s*\d+(?:[.,]\d+)?\s*$", re.MULTILINE)
LONGEST_S = 600.0  # no line is spoken for so long: the end is wrong
_CHARACTERS_PER_S = 17.0  # the pace at which subtitles are made to be read
_SHORTEST_S = 1.0


def refuse_binary(content: bytes, path: Path) -> None:
    """Refuse a file that holds no text.

    Parameters
    ----------
    content : bytes
    path : Path
        To be named in the error.

    Raises
    ------
    BookscoreError
    """
    for first_bytes, name in _BITMAPS.items():
        if content.startswith(first_bytes):
            raise BookscoreError(
                f"{path}: contains images of text ({name}): convert it to srt by text recognition, "
                "for example with Subtitle Edit, or leave it out and use --transcribe"
            )
    kinds = [
        name
        for first_bytes, name in _BINARIES.items()
        if content.lstrip(b"\xef\xbb\xbf \r\n").startswith(first_bytes)
    ]
    if re.match(rb"\d{3}STL\d\d\.\d\d", content[:16]):
        kinds.append("an EBU subtitle file (STL)")
    if kinds:
        raise refusal(path, kinds[0])


def refusal(path: Path, kind: str) -> BookscoreError:
    """The error that a file of a kind that is not read gives.

    Parameters
    ----------
    path : Path
    kind : str
        With its article.
    """
    return BookscoreError(
        f"{path}: is {kind}, which is not read: turn it into srt (Subtitle Edit does), or give {READ}"
    )


def read(text: str, path: Path, fps: float | None = None) -> Read:
    """What a subtitle file holds, in order of time; each line of rolling captions once.

    Parameters
    ----------
    text : str
    path : Path
        Its suffix decides where the text leaves the format open.
    fps : float, optional
        Frames per second of the film, for formats that count frames.

    Raises
    ------
    BookscoreError
        It is of a format that is not read.
    ValueError
        It is damaged, or no subtitle file.
    """
    if text.count("\n") > _MOST_LINES:
        raise ValueError(f"it has over {_MOST_LINES:,} lines")
    kind = _kind(text, path.suffix.lower())
    if kind is None:
        raise ValueError("no line of it tells a time")
    if kind == "ttml":
        from bookscore.ingest.film.cues.formats import timed_text  # lxml, which --help need not wait for

        found = timed_text.read(text)
    elif kind in _HEADED:
        found = _HEADED[kind](text)
    elif kind == "srt":
        found = subrip.read(text)
    elif " " in kind:
        raise refusal(path, kind)
    else:
        found = _by_pysubs2(text, kind, fps)
    if len(found.cues) > _MOST_CUES:
        raise ValueError(f"it has over {_MOST_CUES:,} cues")
    found.cues = rolling.told_once(_mended(sorted(found.cues, key=lambda cue: (cue.start_s, cue.end_s))))
    return found


def _kind(text: str, suffix: str) -> str | None:
    """Format of a text, as pysubs2 names it; what a file is, with its article, where it is not read."""
    head = text[:_HEAD].lstrip()
    if head.startswith("WEBVTT"):
        return "vtt"
    if re.match(r"(?:<\?xml\b|<!--|<!DOCTYPE\s+tt\b|<(?:[\w.-]+:)?tt\b)", head):
        return "ttml" if re.search(r"<(?:[\w.-]+:)?tt\b", text) else "XML of another kind than TTML"
    if re.search(r"^\s*\[(script info|v4\+? styles|events)\]", head, re.MULTILINE | re.IGNORECASE):
        return "ass"
    if re.match(r"<sami\b", head, re.IGNORECASE):
        return "sami"
    if head[:1] in ("{", "[") and suffix == ".json":
        return "json"
    for kind, pattern in _REFUSED.items():
        if pattern.match(head):
            return kind
    lines = [stripped for line in lines_of(text) if (stripped := line.strip())]
    counts = {kind: sum(bool(pattern.match(line)) for line in lines) for kind, pattern in _LINES.items()}
    counts["srt"] = sum(timing(line) is not None for line in lines)
    if suffix == ".vtt" and counts["srt"]:
        return "vtt"  # its head is lost
    expected = _BY_SUFFIX.get(suffix)
    if expected == "a table (CSV)":
        return expected
    best = max(counts, key=lambda kind: (counts[kind], kind == expected, kind == "srt"))
    if counts[best]:
        return best
    return "ass" if re.search(r"^Dialogue:", text, re.MULTILINE) else None


def _by_pysubs2(text: str, kind: str, fps: float | None) -> Read:
    import pysubs2

    if _FRAMES_TOLD.match(text):
        fps = None  # its first line tells
    try:
        events = pysubs2.SSAFile.from_string(text, format_=kind, fps=fps)
    except (
        pysubs2.Pysubs2Error,
        LookupError,
        ArithmeticError,
        TypeError,
        AttributeError,
        ValueError,
        RecursionError,
    ) as error:
        if isinstance(error, pysubs2.UnknownFPSError):
            raise ValueError("it counts frames, and does not tell how many make a second") from error
        raise ValueError(str(error).strip() or type(error).__name__) from error
    found = Read(kind)
    for event in events:
        if len(event.text) > LONGEST:
            found.left_out.append(too_long(_seconds(event.start), event.text))
        elif not (event.is_comment or event.is_drawing):
            words = "\n".join(lines_of(subrip.plain(event.plaintext)))
            found.add(_seconds(event.start), _seconds(event.end), Voice(words))
    return found


def _seconds(time_ms: int) -> float | None:
    """A time in seconds; None where it has more digits than a time."""
    return time_ms / 1000 if abs(time_ms) < _LATEST_MS else None


def _mended(cues: list[RawCue]) -> list[RawCue]:
    """Cues with the ends that they lack, or that are far off: when they are read, or the next begins."""
    mended: list[RawCue] = []
    next_s = float("inf")  # the start of the next cue that begins later
    for n in reversed(range(len(cues))):
        cue = cues[n]
        if n + 1 < len(cues) and cues[n + 1].start_s > cue.start_s:
            next_s = cues[n + 1].start_s
        if cue.end_s == cue.start_s or cue.end_s - cue.start_s > LONGEST_S:
            read_s = max(_SHORTEST_S, len(cue.text) / _CHARACTERS_PER_S)
            cue = replace(cue, end_s=round(min(next_s, cue.start_s + read_s), 3))
        mended.append(cue)
    return mended[::-1]
