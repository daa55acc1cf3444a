"""Times of cues as programs and people write them: 00:00:01,000 --> 00:00:02,500, and what differs from it."""

from __future__ import annotations

import re
from typing import NamedTuple

_MARK = r"[:;.,‚]"
_CLOCK = rf"-?\d{{1,9}}(?:\s*{_MARK}\s*\d{{1,9}}){{1,3}}"
_TIMING = re.compile(
    rf"\s*(?:(?P<number>\d{{1,6}})[.)]?\s+)?(?P<start>{_CLOCK})\s*(?:(?:[-–—=]\s*){{1,4}}>|→)\s*(?P<end>{_CLOCK})(?P<rest>.*)"
)
_WHOLE = r"\d{1,2}:\d{2}:\d{2}[.,]\d{1,3}"
_TIMING_WITHOUT_ARROW = re.compile(
    rf"\s*(?P<number>)(?P<start>{_WHOLE})(?:\s*[,|;/–—-]\s*|\s+)(?P<end>{_WHOLE})(?P<rest>\s*)"
)
_MOST_DIGITS = 9
_GLUED = re.compile(r"(\d+)(\d\d)(?=\D)")
_LEADING = re.compile(r"\d+")
_SETTING = re.compile(r"[A-Za-z]\w*:\S*")


class Timing(NamedTuple):
    """A line of times; seconds are None where a time makes no sense, `number` where none is on the line."""

    start_s: float | None
    end_s: float | None
    number: int | None
    text: str


def timing(line: str, *, may_be_glued: bool = True) -> Timing | None:
    """The times that a line tells; None where it is no line of times.

    A line of times holds two of them with an arrow between, from its beginning on; or nothing but two whole
    ones. A number before the first belongs to the cue. What follows is the cue's text, but for settings of
    its place such as ``X1:40`` and ``align:start``.

    Parameters
    ----------
    line : str
    may_be_glued : bool
        Whether the cue's number may be written together with the first time: 1300:00:01,000.
    """
    if not (found := _TIMING.match(line) or _TIMING_WITHOUT_ARROW.fullmatch(line)):
        return None
    number, start, end = found["number"] or "", found["start"], found["end"]
    hours_of_end = _LEADING.search(end)
    glued = _GLUED.match(start)
    if may_be_glued and glued and hours_of_end and len(hours_of_end[0]) <= 2:
        number, start = number or glued[1], start[len(glued[1]) :]
    rest = [word for word in found["rest"].split() if not _SETTING.fullmatch(word)]
    return Timing(seconds(start), seconds(end), int(number) if number else None, " ".join(rest))


def seconds(clock: str) -> float | None:
    """A time in seconds; hours and fractions may be absent, and signs differ; None where there is no such time.

    Minutes and seconds run to 60; minutes further where there are no hours.
    """
    numbers, marks = re.findall(r"\d+", clock), re.findall(_MARK, clock)
    if not 2 <= len(numbers) <= 4 or max(map(len, numbers)) > _MOST_DIGITS:
        return None
    is_fraction = len(numbers) == 4 or len(numbers[-1]) == 3
    if not is_fraction and marks[-1] in ".,‚":
        is_fraction = len(numbers) == 2 or marks[0] != marks[-1]  # 00.01.02 has no fraction
    fraction = int(numbers[-1]) / 10 ** len(numbers[-1]) if is_fraction else 0.0
    whole = [int(number) for number in numbers[: len(numbers) - is_fraction]]
    hours, minutes, secs = [0, 0, *whole][-3:]
    if secs > 60 or (minutes > 60 and hours):
        return None
    time_s = hours * 3600 + minutes * 60 + secs + fraction
    return -time_s if clock.startswith("-") else time_s
