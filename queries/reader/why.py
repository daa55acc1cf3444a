"""Says in words why a text segment has its music."""

from __future__ import annotations

from typing import Any

from queries.woven import Segment

MOMENTS = 3


def why(segment: Segment, film_title: str | None) -> list[str]:
    """Why the segment has its music, in a few short paragraphs of plain text.

    Parameters
    ----------
    segment : Segment
        Its evidence may lack any key.
    film_title : str or None
        None for a book without a film.
    """
    evidence = segment.evidence
    if segment.method == "film":
        film = f"the film {film_title}" if film_title else "the film"
        said = [_moment(moment) for moment in evidence.get("moments") or []]
        return [*filter(None, said[:MOMENTS]), _heard(segment, film), _fits(segment)]
    reason = evidence.get("reason") if film_title else None
    return [*([_sentence(reason)] if reason else []), _chosen(segment)]


def _moment(moment: dict[str, Any]) -> str:
    book, film, when = moment.get("book_text"), moment.get("film_text"), _clock(moment.get("film_s"))
    if not book:
        return ""
    if moment.get("method") == "image":
        return f"The film{when} shows something like this: “{_short(book)}”"
    line = f"“{_short(book)}” is spoken in the film{when}"
    return f"{line}: “{_short(film)}”" if film and film != book else f"{line}."


def _heard(segment: Segment, film: str) -> str:
    heard = segment.evidence.get("heard") or {}
    return f"“{segment.track_title}” is heard in {film}{_clock(heard.get('film_s'), 'from')}."


def _fits(segment: Segment) -> str:
    return f"The passage reads as {segment.emotion}; this part of the track is in a {segment.mode} key."


def _chosen(segment: Segment) -> str:
    temper = "calm" if segment.arousal < 1 / 3 else "moderate" if segment.arousal < 2 / 3 else "stirring"
    part = f"{temper} part of “{segment.track_title}”"
    reads = f"The passage reads as {segment.emotion}"
    if segment.emotion == "neutral":
        return f"{reads}, which suits any key; this {part} was chosen."
    if (segment.emotion == "positive") == (segment.mode == "major"):
        return f"{reads}, so this {part} in a {segment.mode} key was chosen."
    return f"{reads}; the album has no music in such a key, so this {part} was chosen."


def _clock(film_s: float | None, preposition: str = "at") -> str:
    """A time in the film as `` at 1:02:03``; nothing where it is unknown."""
    if film_s is None:
        return ""
    minutes, seconds = divmod(int(film_s), 60)
    return f" {preposition} {minutes // 60}:{minutes % 60:02}:{seconds:02}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _short(text: str, longest: int = 160) -> str:
    """`text` on one line, cut at a word where it is long."""
    line = " ".join(text.split()).strip('“”"')
    return line if len(line) <= longest else line[:longest].rsplit(" ", 1)[0] + " …"
