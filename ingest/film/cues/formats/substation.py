"""SubStation Alpha: SSA and ASS, whose fields stand in the order that a Format line tells."""

from __future__ import annotations

import re

from bookscore.ingest.film.cues.formats.raw import LONGEST, Read, Voice, lines_of, too_long
from bookscore.ingest.film.cues.formats.times import seconds

_FORMAT = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")
_LINE = re.compile(r"\s*(Format|Dialogue)\s*:(.*)", re.IGNORECASE)
_BREAK = re.compile(r"<\s*+(?:/\s*+)?br\s*+(?:/\s*+)?>", re.IGNORECASE)
_DRAWING = re.compile(r"\\p[1-9]")
_LYRICS = {"lyrics", "song", "songs", "karaoke"}


def read(text: str) -> Read:
    """The cues of an SSA or ASS file.

    Parameters
    ----------
    text : str
    """
    found = Read("ssa" if re.search(r"^[^\S\n]*\[V4 Styles\]", text, re.MULTILINE | re.IGNORECASE) else "ass")
    fields, in_events = list(_FORMAT), True
    for line in lines_of(text):
        if line.lstrip().startswith("["):
            in_events = line.strip().lower() == "[events]"
        if not in_events or not (match := _LINE.match(line)):
            continue
        if match[1].lower() == "format":
            told = [name.strip().lower().replace("actor", "name") for name in match[2].split(",")]
            fields = told if {"start", "end", "text"} <= set(told) else fields
        elif event := _fields(match[2], fields):
            add(
                found,
                seconds(event["start"]),
                seconds(event["end"]),
                event.get("style", ""),
                event.get("name", ""),
                event["text"],
            )
        else:
            found.add(None, None, Voice(match[2].strip()))
    return found


def add(found: Read, start_s: float | None, end_s: float | None, style: str, name: str, text: str) -> None:
    """Take an event into `found`, unless it is a drawing, or is never shown.

    Parameters
    ----------
    found : Read
    start_s, end_s : float or None
        In seconds; None where they cannot be read.
    style, name : str
        The fields of these names.
    text : str
        With its override tags.
    """
    import pysubs2

    if len(text) > LONGEST:
        if not _DRAWING.search(text):
            found.left_out.append(too_long(start_s, text))
        return
    event = pysubs2.SSAEvent(text=text)
    if event.is_drawing or (start_s is not None and start_s == end_s):
        return
    is_lyrics = style.strip().lower().lstrip("*") in _LYRICS
    words = "\n".join(lines_of(_BREAK.sub("\n", event.plaintext)))
    found.add(start_s, end_s, Voice(words, name.strip() or None), is_lyrics=is_lyrics)


def _fields(line: str, names: list[str]) -> dict[str, str] | None:
    """An event's fields by name; the text may hold commas, wherever it stands."""
    n = names.index("text")
    before = line.split(",", n)
    if len(before) <= n:
        return None
    n_after = len(names) - n - 1
    *_, text = before
    after = text.rsplit(",", n_after) if n_after else [text]
    if len(after) <= n_after:
        return None
    values = [*(value.strip() for value in before[:-1]), *after]
    return dict(zip(names, values, strict=True))
