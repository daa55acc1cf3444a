"""TTML (W3C Timed Text Markup Language 2), and what was made of it: DFXP, SMPTE-TT, EBU-TT, IMSC.

Attributes and elements are told by their names alone, whatever their namespace: those of drafts and profiles differ.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lxml import etree

from bookscore.ingest.film.cues.formats.raw import Read, Voice, lines_of
from bookscore.ingest.media.text import without_odd_references

_UNITS_S = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "": 1.0}
_OFFSET = re.compile(r"(\d{1,15}(?:[.,]\d{1,15})?)\s*(h|ms|m|s|f|t|)")
_CLOCK = re.compile(r"(\d{1,6}):(\d{1,2}):(\d{1,2})(?:[.,](\d{1,15})|[:;](\d{1,4})(?:\.\d{1,4})?)?")
_AMPERSAND = re.compile(r"&(?!#?\w{1,32};)")
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z]\w{1,31};")
_TIMED = {"body", "div", "p", "span"}
_DEEPEST = 200
_MOST_TAGS = 500_000  # those of a film have some thousands, a span for each word some ten thousand
_LONG_TAG = re.compile(r"<[^<>]{65536}")  # a parser takes quadratic time for its attributes
_END = re.compile(r"</(?:[\w.-]{1,100}:)?tt\s*>")
_COMMENTS = re.compile(r"\s*+(?:<!--(?:(?!-->).)*+-->\s*+)*+", re.DOTALL)


class _Interval(NamedTuple):
    """Seconds; None where a begin cannot be read, or there is no end."""

    begin_s: float | None
    end_s: float | None


@dataclass(frozen=True)
class _Rates:
    frames_hz: float
    ticks_hz: float

    def seconds(self, time: str) -> float | None:
        """A time expression in seconds: 00:00:01.5, 00:00:01:12 with frames, 1.5s, 36f, 15000000t."""
        if found := _CLOCK.fullmatch(time.strip()):
            hours, minutes, secs, fraction, frames = found.groups()
            beyond = float(f"0.{fraction}") if fraction else int(frames or 0) / self.frames_hz
            return int(hours) * 3600 + int(minutes) * 60 + int(secs) + beyond
        if found := _OFFSET.fullmatch(time.strip()):
            value, unit = float(found[1].replace(",", ".")), found[2]
            rate_hz = {"f": self.frames_hz, "t": self.ticks_hz}.get(unit)
            return value / rate_hz if rate_hz else value * _UNITS_S[unit]
        return None


def read(text: str) -> Read:
    """The cues of a TTML document: a paragraph each, and each timed span in one.

    Parameters
    ----------
    text : str

    Raises
    ------
    ValueError
        It is no such document, or not a whole one.
    """
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, huge_tree=True, encoding="utf-8"
    )
    if text.count("<") > _MOST_TAGS:
        raise ValueError(f"it has over {_MOST_TAGS:,} tags")
    if _LONG_TAG.search(text):
        raise ValueError("it has a tag without end")
    end = max((found.end() for found in _END.finditer(text)), default=0)
    if not end or not _COMMENTS.fullmatch(text, end):
        raise ValueError("its XML is cut short")
    text = without_odd_references(text)
    text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), _AMPERSAND.sub("&amp;", text))
    root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    if root is None or _name(root) != "tt":
        raise ValueError("its XML is damaged")
    rates, agents = _rates(root), _agents(root)
    found = Read("ttml")
    n_pictures = sum(
        _name(e) == "image" or bool(_own(e, "backgroundImage")) for e in root.iter(etree.Element)
    )
    for body in (child for child in root if _name(child) == "body"):
        for paragraph, within in _paragraphs(body, rates, _Interval(0.0, None), 0):
            _add(found, paragraph, within, rates, agents)
    if n_pictures and not any(cue.text.strip() for cue in found.cues):
        raise ValueError("it holds pictures of text")
    return found


def _add(
    found: Read, paragraph: etree._Element, within: _Interval, rates: _Rates, agents: dict[str, str]
) -> None:
    """The cues of a paragraph: its pieces, those of the same time together."""
    cues: dict[_Interval, list[tuple[str | None, str]]] = {}
    for interval, agent, text in _pieces(paragraph, within, rates, None, 0):
        if text.strip() or interval in cues:
            cues.setdefault(interval, []).append((agents.get(agent or ""), text))
    for interval, pieces in cues.items():
        voices: list[tuple[str | None, str]] = []
        for speaker, text in pieces:
            if voices and voices[-1][0] == speaker:
                voices[-1] = (speaker, voices[-1][1] + text)
            else:
                voices.append((speaker, text))
        said = [Voice("\n".join(line.strip() for line in lines_of(t)), s) for s, t in voices if t.strip()]
        begin_s, end_s = interval
        found.add(begin_s, begin_s if end_s is None else end_s, *said)


def _paragraphs(
    element: etree._Element, rates: _Rates, within: _Interval, depth: int
) -> Iterator[tuple[etree._Element, _Interval]]:
    """Paragraphs with their times; one element after another where the one around them is a sequence."""
    own = _interval(element, rates, within)
    if _name(element) == "p":
        yield element, own
        return
    is_sequence, at = _own(element, "timeContainer") == "seq", own
    for child in element:
        if _name(child) in _TIMED and depth < _DEEPEST and not _is_hidden(child):
            yield from _paragraphs(child, rates, at, depth + 1)
            if is_sequence and (end_s := _interval(child, rates, at).end_s) is not None:
                at = _Interval(end_s, own.end_s)


def _pieces(
    element: etree._Element, interval: _Interval, rates: _Rates, agent: str | None, depth: int
) -> Iterator[tuple[_Interval, str | None, str]]:
    """Pieces of a paragraph's text with their times and speakers."""
    agent = _own(element, "agent") or agent
    is_sequence, at = _own(element, "timeContainer") == "seq", interval
    yield interval, agent, _collapsed(element.text)
    for child in element:
        name = _name(child)
        if name == "br":
            yield interval, agent, "\n"
        elif name == "span" and depth < _DEEPEST and not _is_hidden(child):
            own = _interval(child, rates, at)
            yield from _pieces(child, own, rates, agent, depth + 1)
            if is_sequence and own.end_s is not None:
                at = _Interval(own.end_s, interval.end_s)
        yield interval, agent, _collapsed(child.tail)


def _interval(element: etree._Element, rates: _Rates, within: _Interval) -> _Interval:
    """An element's times, which it tells from the beginning of the one around it."""
    begin, end, lasts = (_own(element, name) for name in ("begin", "end", "dur"))
    if within.begin_s is None or not (begin or end or lasts):
        return within
    begin_s = rates.seconds(begin) if begin else 0.0
    if begin_s is None:
        return _Interval(None, None)
    ends = [within.end_s]
    for told, from_s in ((end, 0.0), (lasts, begin_s)):
        if told:
            time_s = rates.seconds(told)
            if time_s is None:
                return _Interval(None, None)
            ends.append(within.begin_s + from_s + time_s)
    return _Interval(
        within.begin_s + begin_s, min((end_s for end_s in ends if end_s is not None), default=None)
    )


def _rates(root: etree._Element) -> _Rates:
    """Frames and ticks per second."""

    def number(name: str) -> float | None:
        told = _own(root, name)
        return float(told) if told and re.fullmatch(r"\d{1,9}(\.\d{1,9})?", told) and float(told) else None

    frames_hz = number("frameRate") or 30.0
    multiplier = [int(n) for n in re.findall(r"\d{1,9}", _own(root, "frameRateMultiplier") or "")]
    if len(multiplier) == 2 and all(multiplier):
        frames_hz *= multiplier[0] / multiplier[1]
    of_frames = frames_hz * (number("subFrameRate") or 1.0) if number("frameRate") else 1.0
    return _Rates(frames_hz, number("tickRate") or of_frames)


def _agents(root: etree._Element) -> dict[str, str]:
    """Names of the speakers that the head declares, by id."""
    names = {}
    for agent in root.iter(etree.Element):
        key = _own(agent, "id")
        if key and _name(agent) == "agent":
            name = next((" ".join((c.text or "").split()) for c in agent if _name(c) == "name"), "")
            names[key] = name
    return {key: name for key, name in names.items() if name}


def _name(element: etree._Element) -> str:
    """Local name of an element; none of a comment or an entity."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _own(element: etree._Element, name: str) -> str | None:
    """An attribute by its local name."""
    return next((str(v) for key, v in element.attrib.items() if str(key).rpartition("}")[2] == name), None)


def _is_hidden(element: etree._Element) -> bool:
    """Whether it is never shown, or repeats words in another script (ruby)."""
    is_ruby = (_own(element, "ruby") or "").startswith(("text", "delimiter"))
    return is_ruby or _own(element, "display") == "none" or _own(element, "visibility") == "hidden"


def _collapsed(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")
