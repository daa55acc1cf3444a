"""SubRip (.srt) as it is met: with numbers or without, and with odd cues, which cost no other cue its words.

YouTube's SBV, which is the same without arrows and numbers, is read as well.
"""

from __future__ import annotations

import re

from bookscore.ingest.film.cues.formats.raw import Read, Voice, lines_of
from bookscore.ingest.film.cues.formats.times import Timing, timing

_NUMBER = re.compile(r"\s*(\d{1,6})\s*")
_BREAK = re.compile(r"<\s*+(?:/\s*+)?br\b[^<>]{0,20}>|\\[Nn]|(?<=\S)\|(?=\S)", re.IGNORECASE)
_TAG = re.compile(r"</?\s*[a-zA-Z][^<>\n]{0,500}>")
_OVERRIDE = re.compile(r"\{(?:\\[^{}\n]*|[yYcCfFsSpPoO]:[^{}\n]*)\}")  # of ASS, and of MicroDVD


def read(text: str) -> Read:
    """The cues of an srt file.

    Parameters
    ----------
    text : str
    """
    lines = lines_of(text)
    marks = [(n, mark) for n in range(len(lines)) if (mark := _timing(lines, n))]
    # In some files every second line is empty: the number stands two lines above the times.
    for n_empty in (0, 1):
        numbers = [_number_before(lines, n, n_empty) for n, _ in marks]
        if is_numbered := sum(number is not None for number in numbers) > len(marks) / 2:
            break
    found = Read("srt")
    last = None
    ends = [*(n for n, _ in marks[1:]), len(lines)]
    for (n, mark), end, number in zip(marks, ends, numbers, strict=False):
        last = mark.number or (number if is_numbered else None) or (last + 1 if last is not None else None)
        body = lines[n + 1 : end]
        if is_numbered and last is not None:
            is_end = end == len(lines)
            body, unread = _parted(body if is_end else _without_number(body, last + 1, n_empty), last + 1)
            if unread:
                found.add(None, None, Voice(plain("\n".join(unread))))
                last += 1
        found.add(mark.start_s, mark.end_s, Voice(plain("\n".join([mark.text, *body]))))
    return found


def plain(text: str) -> str:
    """The words of a cue without tags; <br>, a line break of ASS and a stroke of MicroDVD become line breaks.

    A comparison, 5 < 6, is no tag.
    """
    text = _OVERRIDE.sub("", _BREAK.sub("\n", text)).replace(r"\h", " ")
    return _TAG.sub("", text).strip()


def _timing(lines: list[str], n: int) -> Timing | None:
    """The times of a line; unreadable ones too, where an arrow stands where a line of times would."""
    if found := timing(lines[n].replace("&gt;", ">")):
        return found
    is_first = n == 0 or not lines[n - 1].strip() or _number(lines[n - 1]) is not None
    return Timing(None, None, None, "") if "-->" in lines[n] and is_first else None


def _number(line: str) -> int | None:
    found = _NUMBER.fullmatch(line)
    return int(found[1]) if found else None


def _number_before(lines: list[str], n: int, n_empty: int) -> int | None:
    """The number that stands before the line of times, `n_empty` empty lines between."""
    at = n - 1 - n_empty
    return _number(lines[at]) if at >= 0 and not any(line.strip() for line in lines[at + 1 : n]) else None


def _without_number(body: list[str], expected: int, n_empty: int) -> list[str]:
    """The lines between two lines of times without the second cue's number, which may be glued to the text."""
    n = max((n for n, line in enumerate(body) if line.strip()), default=None)
    if n is None:
        return body
    if (number := _number(body[n])) is not None:
        return body[:n] if number == expected or n == len(body) - 1 - n_empty else body
    if n == len(body) - 1 and re.search(rf"\D{expected}\s*\Z", body[n]):
        return [*body[:n], body[n].rstrip().removesuffix(str(expected))]
    return body


def _parted(body: list[str], expected: int) -> tuple[list[str], list[str]]:
    """The lines of a cue, and those after the next cue's number, whose line of times is none."""
    for n in range(1, len(body) - 1):
        if _number(body[n]) == expected and not body[n - 1].strip() and body[n + 1].strip():
            return body[:n], body[n + 1 :]
    return body, []
