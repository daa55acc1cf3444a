"""Says in words why a text segment has its music."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bookscore.queries.woven import Segment

MOMENTS = 3
ASKED = {
    "calmer": "You asked for calmer music here.",
    "louder": "You asked for more stirring music here.",
    "ban": "You banned other music here.",
}


@dataclass(frozen=True)
class Match:
    """A passage of the book and the moment of the film that it matches.

    Attributes
    ----------
    film_id : str or None
        None where the evidence leaves it to the title.
    film_title : str
        Empty where the title has one film only, which needs no name.
    film_s : float or None
        None where unknown.
    when : str
        The same as ``1:02:03``; empty where unknown.
    book_text : str
        What the book says.
    film_text : str or None
        What is spoken in the film; None where the film shows it.
    is_between : bool
        Lines before and after the passage are spoken, not the passage.
    """

    film_id: str | None
    film_title: str
    film_s: float | None
    when: str
    book_text: str
    film_text: str | None
    is_between: bool = False


def why(segment: Segment, films: Mapping[str, str]) -> list[str]:
    """Why the segment has its music, in a few short paragraphs of plain text.

    Parameters
    ----------
    segment : Segment
        Its evidence may lack any key.
    films : mapping of str to str
        Titles of the films by their ids; none for a book without a film.
    """
    return [*map(_told, matches(segment, films)), *reasons(segment, films)]


def matches(segment: Segment, films: Mapping[str, str]) -> list[Match]:
    """The moments of the film that the segment's music rests on, the best first.

    Parameters
    ----------
    segment : Segment
    films : mapping of str to str
        Titles of the films by their ids; empty for a book without a film.
    """
    if segment.method != "film":
        return []
    moments = [moment for moment in segment.evidence.get("moments") or [] if moment.get("book_text")]
    return [_match(moment, films) for moment in moments[:MOMENTS]]


def reasons(segment: Segment, films: Mapping[str, str]) -> list[str]:
    """Why the segment has its music, apart from what its matches tell.

    Parameters
    ----------
    segment : Segment
    films : mapping of str to str
        Titles of the films by their ids; empty for a book without a film.
    """
    evidence = segment.evidence
    if segment.method == "reader":
        return ["You gave this music to the passage yourself.", _fits(segment)]
    asked = [ASKED[verb] for verb in evidence.get("reader") or [] if verb in ASKED]
    if segment.method == "film":
        return [*asked, _heard(segment, films), _fits(segment)]
    reason = evidence.get("reason") if films else None
    return [*asked, *([_sentence(reason)] if reason else []), _chosen(segment)]


def _match(moment: dict[str, Any], films: Mapping[str, str]) -> Match:
    film = moment.get("film_text") if moment.get("method") != "image" else None
    return Match(
        moment.get("film_id"),
        films.get(moment.get("film_id", ""), "") if len(films) > 1 else "",
        moment.get("film_s"),
        _clock(moment.get("film_s")),
        _short(moment["book_text"]),
        _short(film) if film else None,
        moment.get("method") == "between",
    )


def _told(match: Match) -> str:
    when = (f" {match.film_title}" if match.film_title else "") + (f" at {match.when}" if match.when else "")
    if match.is_between:
        return f"Lines before and after this are spoken in the film, around it{when}: “{match.book_text}”"
    if match.film_text is None:
        return f"The film{when} shows something like this: “{match.book_text}”"
    line = f"“{match.book_text}” is spoken in the film{when}"
    return f"{line}: “{match.film_text}”" if match.film_text != match.book_text else f"{line}."


def _heard(segment: Segment, films: Mapping[str, str]) -> str:
    heard = segment.evidence.get("heard") or {}
    film = films.get(heard.get("film_id", ""), next(iter(films.values()), ""))
    when = _clock(heard.get("film_s"))
    return f"“{segment.track_title}” is heard in the film{f' {film}' if film else ''}{f' from {when}' if when else ''}."


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


def _clock(film_s: float | None) -> str:
    """A time in the film as ``1:02:03``; nothing where it is unknown."""
    if film_s is None:
        return ""
    minutes, seconds = divmod(int(film_s), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _short(text: str, longest: int = 160) -> str:
    """`text` on one line, cut at a word where it is long."""
    line = " ".join(text.split()).strip('“”"')
    return line if len(line) <= longest else line[:longest].rsplit(" ", 1)[0] + " …"
