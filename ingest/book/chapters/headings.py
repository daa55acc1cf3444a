"""Chapter headings, and the parts of a book that are not its story."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """A heading by its form.

    Attributes
    ----------
    kind : str
        chapter, book, letter, ... in lower case; empty for a bare numeral.
    number : int or None
        None for a prologue and the like.
    """

    kind: str
    number: int | None

    @property
    def is_part(self) -> bool:
        """Whether it stands over chapters, if there are any below it."""
        return self.kind in _PART_KINDS


_PART_KINDS = {"book", "part", "volume", "vol", "act", "livre", "partie", "buch", "teil", "libro", "parte"}
_CHAPTER_KINDS = {
    "chapter", "letter", "stave", "canto", "section", "scene", "episode", "adventure", "chapitre", "kapitel",
    "capítulo", "capitolo",
}  # fmt: skip
_NAMED = {"prologue", "epilogue", "prelude", "interlude", "conclusion", "envoi", "finale"}

_ROMAN = r"(?=[ivxlc])c{0,3}(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
_UNITS = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_ORDINALS = [
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORDED = (
    rf"(?:the\s+)?(?:(?:{'|'.join(_TENS)})(?:[\s-](?:{'|'.join(_UNITS[:9])}))?"
    rf"|{'|'.join(sorted(_UNITS + _ORDINALS, key=len, reverse=True))})"
)
_NUMBERED = re.compile(
    rf"(?P<kind>{'|'.join(_PART_KINDS | _CHAPTER_KINDS)})\.?\s*(?P<numeral>\d{{1,3}}|{_ROMAN}|{_WORDED})\b"
    r"(?P<stop>\s*[.:—–-]+\s*|\s+|$)(?P<rest>.*)",
    re.IGNORECASE,
)
_BARE = re.compile(rf"(?P<numeral>\d{{1,3}}|{_ROMAN.upper()})(?:\.?|[.:]\s+[\"“‘'(]?[A-Z].*)")
_MAX_LETTERS = 100
_FRONT_MATTER = re.compile(
    r"(?:the\s+)?(?:table of )?contents|(?:list of )?(?:illustrations|plates|maps|figures|tables)|cover(?: page)?|"
    r"title[ -]?page|half[ -]?title(?:[ -]?page)?|frontispiece|(?:un)?copyright(?: page| notice)?|imprint|colophon|"
    r"dedication|epigraph|acknowledge?ments?|(?:author.s |editor.s |translator.s |transcriber.s |publisher.s )?"
    r"(?:preface|foreword|introduction|introductory note|notes?)|afterword|(?:foot|end)notes|index|glossary|"
    r"bibliography|appendix|advertisements?|errata|also (?:by|available).*|about the (?:author|publisher|type).*|"
    r"(?:books|other (?:books|works|titles)) by .*|(?:advance )?praise for .*|newsletter.*|landmarks|"
    r"(?:cast of |list of )?characters|dramatis person(?:ae|æ)|(?:an )?(?:excerpt|extract) from .*|(?:sneak )?preview.*|"
    r"(?:reading group|reader.s) guide|(?:discussion )?questions(?: for discussion)?|permissions|credits|"
    r"(?:the )?(?:full )?project gutenberg.*licen[sc]e.*",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"(?:by|BY|By)\s+(?!(?i:the|an?|my|his|her|our|their)\b)[A-Z][\w.’'-]*(?:\s+[A-Z][\w.’'-]*)+"
)
_END = re.compile(r"the end|finis|fin|ende", re.IGNORECASE)


def heading(line: str) -> Heading | None:
    """A line of text read as a heading, by its form alone; None where it has not the form of one."""
    if len(line) > _MAX_LETTERS:
        return None
    if line.strip(". ").lower() in _NAMED:
        return Heading(line.strip(". ").lower(), None)
    if match := _NUMBERED.fullmatch(line):
        rest, stop = match["rest"], match["stop"].strip()
        # "Part two of it was sad." is no heading.
        if rest and not stop and (not re.match(r"[\"“‘'(]?[A-Z0-9]", rest) or rest[-1] in ".,;"):
            return None
        return Heading(match["kind"].lower(), _number(match["numeral"]))
    if match := _BARE.fullmatch(line):
        return Heading("", _number(match["numeral"]))
    return None


def is_front_matter(title: str) -> bool:
    """Whether a title names front or back matter: contents, dedication, preface, index, ..."""
    title = title.strip(" .:*[]")
    return bool(_FRONT_MATTER.fullmatch(title) or _BYLINE.fullmatch(title))


def is_end(text: str) -> bool:
    """Whether a paragraph only marks the end of the book: "THE END", "Finis"."""
    return bool(_END.fullmatch(text.strip(" .*—–-")))


def _number(numeral: str) -> int:
    numeral = re.sub(r"^the\s+", "", numeral.lower())
    if numeral.isdigit():
        return int(numeral)
    if numeral in _UNITS:
        return _UNITS.index(numeral) + 1
    if numeral in _ORDINALS:
        return _ORDINALS.index(numeral) + 1
    if numeral.split("-")[0].split()[0] in _TENS:
        tens, *unit = re.split(r"[\s-]", numeral)
        return 10 * (_TENS.index(tens) + 2) + (_UNITS.index(unit[0]) + 1 if unit else 0)
    values = [{"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}[letter] for letter in numeral]
    return sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))


_GUTENBERG_START = re.compile(r"\*\*\*\s*START OF TH(?:E|IS) PROJECT GUTENBERG", re.IGNORECASE)
_GUTENBERG_END = re.compile(r"(?:\*\*\*\s*)?END OF (?:TH(?:E|IS) )?PROJECT GUTENBERG", re.IGNORECASE)


def gutenberg_body(texts: Sequence[str]) -> tuple[int, int]:
    """First and one after the last of `texts` (lines or paragraphs) that are not Project Gutenberg's own."""
    start = next((i + 1 for i, text in enumerate(texts) if _GUTENBERG_START.search(text)), 0)
    end = next((i for i in range(start, len(texts)) if _GUTENBERG_END.match(texts[i])), len(texts))
    return start, end
