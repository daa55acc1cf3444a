"""Chapter headings, and the parts of a book that are not its story."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Heading:
    """A heading by its form.

    Attributes
    ----------
    kind : str
        chapter, book, letter, ... in lower case; empty for a bare numeral.
    number : int or None
        None for a prologue and the like.
    series : str
        What headings that are numbered together have in common: the kind, or the kind of numeral where that is bare.
    is_sure : bool
        False where the form is common in running text too, and only its place in a series tells a heading.
    """

    kind: str
    number: int | None
    series: str = field(default="", compare=False)
    is_sure: bool = field(default=True, compare=False)

    @property
    def is_part(self) -> bool:
        """Whether it stands over chapters, if there are any below it."""
        return self.kind in _PART_KINDS


_PART_KINDS = {
    "book", "part", "volume", "vol", "act", "livre", "partie", "buch", "teil", "libro", "parte", "deel", "część", "часть",
    "том", "книга",
}  # fmt: skip
_CHAPTER_KINDS = {
    "chapter", "letter", "stave", "canto", "section", "scene", "episode", "adventure", "chapitre", "kapitel",
    "capítulo", "capitolo", "kapittel", "kapitola", "hoofdstuk", "rozdział", "глава",
}  # fmt: skip
_ABBREVIATED = {
    "chap": "chapter",
    "chapt": "chapter",
    "ch": "chapter",
    "kap": "kapitel",
    "bk": "book",
    "pt": "part",
}
# "Day 3" is a phrase of running text as often as a heading.
_UNSURE_KINDS = {
    "day", "night", "week", "month", "year", "hour", "evening", "tale", "story", "entry", "lesson", "lecture", "fit",
    "dialogue", "number", "no",
}  # fmt: skip
_NAMED = {
    "prologue", "epilogue", "prelude", "interlude", "conclusion", "envoi", "finale", "prolog", "epilog", "postlude",
}  # fmt: skip

_UNITS = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_NUMBERS = {word: n for words in (_UNITS, _ORDINALS) for n, word in enumerate(words, 1)}
for _n, _ten in enumerate(_TENS, 2):
    _NUMBERS |= {_ten: 10 * _n, f"{_ten[:-1]}ieth": 10 * _n}
    for _words in (_UNITS[:9], _ORDINALS[:9]):
        _NUMBERS |= {f"{_ten} {_word}": 10 * _n + _unit for _unit, _word in enumerate(_words, 1)}

_BY_WORD = _NUMBERS | {word.replace(" ", "-"): n for word, n in _NUMBERS.items()}

_ROMAN = r"(?=[ivxlc])c{0,3}(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
_WORD = "|".join(sorted(_NUMBERS, key=len, reverse=True)).replace(" ", r"[\s-]")
_KIND = "|".join(
    sorted(_PART_KINDS | _CHAPTER_KINDS | set(_ABBREVIATED) | _UNSURE_KINDS, key=len, reverse=True)
)
_TITLE = r"(?P<stop>\s*[.:—–-]+\s*|\s+|$)(?P<rest>.*)"
_NUMBERED = re.compile(
    rf"(?P<kind>{_KIND})\.?\s*(?:(?:no|nr)\.|#)?\s*(?P<numeral>\d{{1,3}}|{_ROMAN}|(?:the\s+)?(?:{_WORD}|last))\b{_TITLE}",
    re.IGNORECASE,
)
_NUMBER_FIRST = re.compile(
    rf"(?:the\s+)?(?P<numeral>\d{{1,3}}(?=st|nd|rd|th|\.)|{_ROMAN}(?=\.)|{_WORD})(?:st|nd|rd|th|\.)?\s+(?P<kind>{_KIND})"
    r"(?P<stop>\s*[.:—–-]+\s*|$)(?P<rest>.*)",
    re.IGNORECASE,
)
_BARE = re.compile(
    rf"(?P<numeral>\d{{1,3}}|{_ROMAN.upper()})(?P<rest>\.?|[.:]\s+[\"“‘'(]?[A-Z].*|\s*[.:]?\s*(?:--|[—–]|\s-)\s*[A-Z].*)"
)
_BARE_WORD = re.compile(
    rf"(?P<numeral>{_WORD.upper()}|{_WORD.title()})(?P<rest>\.?|[.:]\s+[\"“‘'(]?[A-Z].*)".replace(
        r"\S", r"\s"
    )
)
_NAMED_TITLE = re.compile(
    rf"(?:the\s+)?({'|'.join(_NAMED)})(?:\s*[.:—–-]+\s*[\"“‘'(]?[A-Z0-9].*)?[. ]*", re.IGNORECASE
)
_CJK = re.compile(
    r"第\s*(?P<numeral>[〇零一二三四五六七八九十百\d]+)\s*(?P<kind>[章回節节話话幕卷部編编篇])(?:[\s:：、].*)?"
)
_CJK_DIGITS = "零一二三四五六七八九"
_MAX_LETTERS = 100
_ASCII = str.maketrans("ıİſ", "iis")  # what matches these letters where case is ignored
# What is no story wherever it stands.
_APPARATUS = re.compile(
    r"(?:table of contents|list of (?:illustrations|plates|maps|figures|tables))|title[ -]?page|"
    r"half[ -]?title(?:[ -]?page)?|frontispiece|(?:un)?copyright(?: page| notice)?|imprint|colophon|"
    r"(?:author.s |editor.s |translator.s |transcriber.s |publisher.s )?notes|transcriber.s note|(?:foot|end)notes|"
    r"bibliography|errata|about the (?:author|publisher|type).*|(?:advance )?praise for .*|landmarks|"
    r"(?:reading group|reader.s) guide|questions for discussion|discussion questions|"
    r"(?:the )?(?:full )?project gutenberg.*licen[sc]e.*",
    re.IGNORECASE,
)
# What is no story before the first chapter and after the last.
_FRONT_MATTER = re.compile(
    r"(?:the\s+)?contents|illustrations|plates|maps|figures|tables|cover(?: page)?|"
    r"dedication|epigraph|acknowledge?ments?|(?:author.s |editor.s |translator.s |publisher.s )?"
    r"(?:preface|foreword|introduction|introductory note|note)|afterword|index|glossary|appendix|advertisements?|"
    r"also by .*|also available(?:\s*[:.…].*|\s+(?:as|by|from|in|now|on)\b.*)?|"
    r"newsletter.*|(?:cast of |list of )?characters|dramatis person(?:ae|æ)|(?:an )?(?:excerpt|extract) from .*|"
    r"(?:sneak )?preview.*|questions|permissions|credits",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"(?:(?:[Oo]ther )?(?:[Bb]ooks|[Ww]orks|[Tt]itles) )?(?:by|BY|By)\s+(?!(?i:the|an?|my|his|her|our|their)\b)"
    r"[A-Z][\w.’'-]*(?:\s+[A-Z][\w.’'-]*)+"
)
_END = re.compile(r"the end|finis|fin|ende", re.IGNORECASE)
_MARKS_AROUND = " \t*~_=#•·|+<>—–-"
_SPACED_OUT = re.compile(r"(?<!\S)\w(?: \w){3,}(?!\S)")
_LETTERS_APART = re.compile(r"(?<!\S)\w(?: \w)+(?!\S)")
_CLOSE_NUMERAL = re.compile(rf"({_KIND})(\d{{1,3}}|{_ROMAN})", re.IGNORECASE)


def title_of(line: str) -> str:
    """A line as a title: without the marks set around it (``~ 1 ~``, ``[1]``, ``# One``), letters set apart joined."""
    core = line
    if _SPACED_OUT.search(line):
        core = _LETTERS_APART.sub(lambda match: match[0].replace(" ", ""), line)
    core = " ".join(core.strip(_MARKS_AROUND).split())
    if core[:1] + core[-1:] in ("[]", "()", "{}"):
        core = core[1:-1].strip()
    if match := _CLOSE_NUMERAL.fullmatch(core):
        core = f"{match[1]} {match[2]}"
    return core


def heading(line: str) -> Heading | None:
    """A line of text read as a heading, by its form alone; None where it has not the form of one."""
    if len(line) > _MAX_LETTERS:
        return None
    is_marked, line = (core := title_of(line)) != line, core
    if match := _NAMED_TITLE.fullmatch(line):
        return Heading(match[1].lower(), None)
    if match := _NUMBERED.fullmatch(line) or _NUMBER_FIRST.fullmatch(line):
        rest, stop, kind = match["rest"], match["stop"].strip(), match["kind"].lower()
        # "Part two of it was sad." is no heading.
        if rest and not stop and (not re.match(r"[\"“‘'(]?[A-Z0-9]", rest) or rest[-1] in ".,;"):
            return None
        kind = _ABBREVIATED.get(kind, kind)
        return Heading(kind, _number(match["numeral"]), kind, kind not in _UNSURE_KINDS)
    if match := _BARE.fullmatch(line) or _BARE_WORD.fullmatch(line):
        numeral, rest = match["numeral"], match["rest"].strip(". ")
        if rest[:1] in "-—–" and rest and not is_title_like(rest):
            return None
        script = "digits" if numeral.isdigit() else "words" if numeral.lower() in _BY_WORD else "roman"
        is_sure = not is_marked and (script == "roman" and is_title_like(rest) if rest else script != "words")
        return Heading("", _number(numeral), script, is_sure)
    if match := _CJK.fullmatch(line):
        kind = "part" if match["kind"] in "卷部編编篇" else "chapter"
        return Heading(kind, _cjk_number(match["numeral"]), kind)
    return None


def is_sure_heading(line: str) -> bool:
    """Whether a line is a heading wherever it stands: "Chapter 1" is, "One." may be speech."""
    form = heading(line)
    return form is not None and form.is_sure


def is_lone_kind(line: str) -> bool:
    """Whether a line is a heading's first word alone, its numeral on the next: "CHAPTER"."""
    return title_of(line).strip(".").lower() in _PART_KINDS | _CHAPTER_KINDS


def is_title_like(line: str) -> bool:
    """Whether a line is in capitals, or most of its longer words begin with one, as titles' words do."""
    words = re.findall(r"[^\W\d_]+", line)
    words = [word for word in words if len(word) >= 4] or words
    return line.isupper() or sum(word[0].isupper() for word in words) >= 0.7 * len(words)


def is_apparatus(title: str) -> bool:
    """Whether a title names what is no story wherever it stands: a title page, a list of plates, notes, ..."""
    return bool(_APPARATUS.fullmatch(title.strip(" .:*[]")))


def is_front_matter(title: str) -> bool:
    """Whether a title names front or back matter: contents, dedication, preface, index, ..."""
    title = title.strip(" .:*[]")
    return bool(_APPARATUS.fullmatch(title) or _FRONT_MATTER.fullmatch(title) or _BYLINE.fullmatch(title))


def is_end(text: str) -> bool:
    """Whether a paragraph only marks the end of the book: "THE END", "Finis"."""
    return bool(_END.fullmatch(text.strip(" .*—–-")))


def _number(numeral: str) -> int | None:
    numeral = re.sub(r"^the\s+", "", numeral.translate(_ASCII).lower())
    if numeral.isdigit():
        return int(numeral)
    if numeral == "last":
        return None
    if number := _BY_WORD.get(numeral):
        return number
    values = [{"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}[letter] for letter in numeral]
    return sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))


def _cjk_number(numeral: str) -> int:
    if numeral.isdecimal():
        return int(numeral)
    total, digit = 0, None
    for character in numeral.replace("〇", "零"):
        if character in "十百":
            total += (1 if digit is None else digit) * (10 if character == "十" else 100)
            digit = None
        else:
            digit = _CJK_DIGITS.index(character) if character in _CJK_DIGITS else int(character)
    return total + (digit or 0)


_GUTENBERG_START = re.compile(r"\*\*\*\s*START OF TH(?:E|IS) PROJECT GUTENBERG", re.IGNORECASE)
_GUTENBERG_END = re.compile(r"(?:\*\*\*\s*)?END OF (?:TH(?:E|IS) )?PROJECT GUTENBERG", re.IGNORECASE)


def gutenberg_body(texts: Sequence[str]) -> tuple[int, int]:
    """First and one after the last of `texts` (lines or paragraphs) that are not Project Gutenberg's own."""
    start = next((i + 1 for i, text in enumerate(texts) if _GUTENBERG_START.search(text)), 0)
    end = next((i for i in range(start, len(texts)) if _GUTENBERG_END.match(texts[i])), len(texts))
    return start, end
