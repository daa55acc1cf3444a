"""Tells on a terminal why a text segment has its music."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import duckdb

from bookscore.engine.errors import BookscoreError
from bookscore.queries import saved, woven
from bookscore.queries.woven import Segment

LINES = 10
MOMENTS = 2
CANDIDATES = 3
WIDTH = 100
METHODS = {"film": "from the film", "emotion": "by emotion", "reader": "chosen by you"}


def text(connection: duckdb.DuckDBPyConnection, name: str, place: str) -> str:
    """About ten lines: the passage, its music, what in the film speaks for it, and what else there was.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        On the warehouse; it is only read.
    name : str
        Name of the title.
    place : str
        Chapter and segment, such as ``3.2``.

    Raises
    ------
    BookscoreError
        Unknown or unwoven title, or it has no such segment.
    """
    soundtrack = woven.load(connection, name)
    segment = next((s for s in soundtrack.segments if _place(s) == place), None)
    if segment is None:
        last = _place(soundtrack.segments[-1])
        raise BookscoreError(
            f"{name!r} has no segment {place}: give chapter and segment, from 1.1 to {last}, as "
            "'bookscore query segments' lists them"
        )
    paragraphs: list[Any] = saved.run(connection, "text", title=name)
    opening = next(p["text"] for p in paragraphs if (p["chapter_no"], p["segment_no"]) == _key(segment))
    moments = [m for m in saved.run(connection, "moments", title=name) if _of(m, segment)]
    candidates = [c for c in saved.run(connection, "candidates", title=name) if _of(c, segment)]
    lines = [
        f"{place} {short(opening, 70)} ({segment.emotion}, {segment.n_words} words)",
        f"♪ {described(segment)}, score {segment.score:.2f}",
    ]
    for music_there, together in groupby(moments[:MOMENTS], key=_heard):
        lines += [line for moment in together for line in _moment(moment)] + [music_there]
    if not moments:
        lines.append("  nothing in the film matches it")
    if len(moments) > MOMENTS:
        lines[-1] += f"; weaker moments not shown: {len(moments) - MOMENTS}"
    reason = segment.evidence.get("reason")
    if (
        reason and segment.method == "emotion"
    ):  # titles woven by earlier versions have one for pinned music, too
        lines.append(f"  not from the film: {reason}")
    if verbs := segment.evidence.get("reader"):
        lines.append(f"  you decided: {', '.join(verbs)}")
    shown = max(CANDIDATES, LINES - len(lines))
    lines += [_candidate(candidate, segment.emotion) for candidate in candidates[:shown]]
    return "\n".join(lines)


def music(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, str]:
    """The music of each segment in a few words, by chapter and segment.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        On the warehouse; it is only read.
    name : str
        Name of the title.
    """
    return {_place(s): described(s) for s in woven.load(connection, name).segments}


def described(segment: Segment) -> str:
    """A segment's piece and where it comes from."""
    return f"“{segment.track_title}” {clock(segment.start_s)} to {clock(segment.end_s)}, {METHODS[segment.method]}"


def reasons(candidate: dict[str, Any], emotion: str) -> str:
    """What speaks for and against a piece, in words.

    Parameters
    ----------
    candidate : dict
        A row of ``candidates.sql``.
    emotion : str
        Of the text segment: positive, negative or neutral.
    """
    fits = {"film": "heard in the film there", "continuity": "continues inside one scene"}
    against = {"calm": "stirring or short", "variety": "repeats too often or too soon"}
    said = [words for part, words in fits.items() if (candidate[part] or 0) > 0]
    if candidate["emotion"] is not None:
        said.append(f"fits {emotion} text{'' if candidate['emotion'] >= 0.75 else ' less well'}")
    said += [words for part, words in against.items() if (candidate[part] or 0) < -0.05]
    return ", ".join(said)


def clock(seconds: float) -> str:
    """Minutes and seconds, with hours where there are any."""
    minutes, second = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{second:02}" if hours else f"{minutes}:{second:02}"


def short(text: str, longest: int) -> str:
    """`text` on one line, cut at a word where it is long.

    Parameters
    ----------
    text : str
    longest : int
        Characters that may be shown; an ellipsis marks where more were cut off.
    """
    line = " ".join(text.split())
    return line if len(line) <= longest else line[:longest].rsplit(" ", 1)[0] + " …"


def _quoted(text: str) -> str:
    """`text` in quotation marks; its own are made single ones, or left away where they are around all of it."""
    line = " ".join(text.split())
    if line.startswith("“") and line.find("”") == len(line) - 1:
        line = line[1:-1]
    return f"“{short(line, WIDTH).replace('“', '‘').replace('”', '’')}”"


def _moment(moment: dict[str, Any]) -> list[str]:
    """What the book and the film have there, one below the other."""
    where = f"{moment['film_title']} {clock(moment['film_s'])}, {moment['score']:.2f}"
    book = f"  book  {_quoted(moment['book_text'])}"
    if moment["method"] == "image":
        return [book, f"  frame of {where}"]
    if moment["method"] == "between":
        return [book, f"  between lines of {where}"]
    return [book, f"  film  {_quoted(moment['film_text'])} in {where}"]


def _heard(moment: dict[str, Any]) -> str:
    """The music of the album that is heard there."""
    if not moment["track_title"]:
        return "  no music of the album is heard near it"
    span = f"{clock(moment['heard_from_s'])} to {clock(moment['heard_to_s'])}"
    away = f", {moment['away_s']:.0f} s away" if moment["away_s"] else ""
    return f"  heard “{moment['track_title']}” from {span}{away}"


def _candidate(candidate: dict[str, Any], emotion: str) -> str:
    mark = "→" if candidate["rank"] == 1 else " "
    parts = " ".join(
        f"{part} {candidate[part]:+.2f}"
        for part in ("film", "emotion", "calm", "variety", "continuity")
        if candidate[part]
    )
    piece = f"“{candidate['track_title']}” {clock(candidate['start_s'])}"
    return f"{mark} {candidate['score']:5.2f} {piece}: {reasons(candidate, emotion)} ({parts})"


def _key(segment: Segment) -> tuple[int, int]:
    return segment.chapter_no, segment.segment_no


def _place(segment: Segment) -> str:
    return f"{segment.chapter_no}.{segment.segment_no}"


def _of(row: dict[str, Any], segment: Segment) -> bool:
    return (row["chapter_no"], row["segment_no"]) == _key(segment)
