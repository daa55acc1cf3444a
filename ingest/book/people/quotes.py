"""Direct speech: which marks a book puts around it, and where it lies."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from enum import Enum

from bookscore.ingest.book.prose import Span


class Mark(Enum):
    """What a quotation mark does; a weak close may be an apostrophe: the girls’ room."""

    OPEN = 1
    CLOSE = 2
    WEAK_CLOSE = 3


Marks = Iterator[tuple[int, Mark]]

_DASH = "—–-―"
_BEFORE_OPEN = "([{ \n"
_ELISION = re.compile(
    r"(?:t(?:is|was|were|will|would|won|ween|il|ill)|em|im|er|ere|n|cause|bout|round|gainst|tain)\b", re.I
)
_SPEECH_DASH = re.compile(r"(?:[—―–]|--)\s*(?=\S)")
_ASIDE = re.compile(r"\s[—―–](?=\w)")
_ASIDE_END = re.compile(r"[—―–][.,;:]?\s*")
_BACKTICK = re.compile(r"(?<![\w`])`(?=[^\s`])")
_TWO_COMMAS = re.compile(r"(?<![^\s(—–-]),,(?=\w)")
_COMMA_LIKE = re.compile(r"(?<=\w)‚|‚(?=\s|$)")  # the low mark where a comma was meant
_MAX_PARAGRAPHS_INSIDE = 12  # verse or a letter inside one speech; beyond that a mark was forgotten


def _opens(text: str, at: int) -> bool:
    """Whether a mark that looks the same on both sides stands before what it encloses."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if not after or after.isspace():
        return False
    if before and before in _DASH:
        return after.isalnum()
    return not before or before in _BEFORE_OPEN or before in ":\"'“‘"


def _double(text: str) -> Marks:
    for match in re.finditer('[“”„‟"]', text):
        at, mark = match.start(), match[0]
        if mark in "“‟" or mark == "„":
            yield at, Mark.OPEN
        else:  # ” opens in Swedish and Finnish
            yield at, Mark.OPEN if _opens(text, at) else Mark.CLOSE


def _single(text: str) -> Marks:
    for match in re.finditer("[‘’'‚‛]", text):
        at, mark = match.start(), match[0]
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        if mark in "‘‚‛" or (mark == "'" and _opens(text, at)):
            # ’Tis opens a paragraph as speech more often than as narration.
            if not before or not _ELISION.match(text, at + 1):
                yield at, Mark.OPEN
        elif not after.isalnum() and before:
            yield at, Mark.WEAK_CLOSE if before.isalnum() or before.isspace() else Mark.CLOSE


def _pair(opening: str, closing: str) -> Callable[[str], Marks]:
    def marks(text: str) -> Marks:
        for match in re.finditer(f"[{opening}{closing}]", text):
            yield match.start(), Mark.OPEN if match[0] == opening else Mark.CLOSE

    return marks


def _typeset(paragraphs: Sequence[str], style: str = "") -> list[str]:
    """The paragraphs with the marks of old texts and of German as those that English is set with, letter for letter.

    A backtick or two open speech that apostrophes close; two commas are a low mark; where low marks open,
    the marks that open in English close.
    """
    is_typed = any("``" in text or _TWO_COMMAS.search(text) for text in paragraphs)
    typeset = []
    for text in paragraphs:
        if style == "single" and "``" in text and not _BACKTICK.search(text):  # an old text that uses both
            text = text.replace("``", " ‘").replace("''", "’ ")
        elif is_typed:
            text = _TWO_COMMAS.sub(" „", text).replace("``", " “").replace("''", "” ")
        text = _BACKTICK.sub("‘", text).replace("´", "'")
        typeset.append(_COMMA_LIKE.sub(",", text))
    for low, high, closing in ("„“”", "‚‘’"):
        n_low, n_high = (sum(text.count(mark) for text in typeset) for mark in (low, high))
        if n_low and 2 * n_low >= n_high:
            typeset = [text.replace(high, closing) for text in typeset]
    return typeset


_ENCLOSING: dict[str, Callable[[str], Marks]] = {
    "double": _double,
    "«»": _pair("«", "»"),
    "»«": _pair("»", "«"),
    "‹›": _pair("‹", "›"),
    "›‹": _pair("›", "‹"),
    "「」": _pair("「", "」"),
    "single": _single,
}


_EITHER_WAY = ("«»", "»«", "‹›", "›‹")


def quote_style(paragraphs: Sequence[str]) -> str:
    """The marks that most paragraphs with speech begin it with.

    Returns
    -------
    str
        ``double``, ``single``, ``«»``, ``»«``, ``‹›``, ``›‹``, ``「」`` or ``dash``.
    """
    counts: Counter[str] = Counter()
    for text in _typeset(paragraphs):
        if _SPEECH_DASH.match(text):
            counts["dash"] += 1
            continue
        openings = {style: _first_opening(text, style) for style in _ENCLOSING}
        at, style = min((at, style) for style, at in openings.items())
        if at < len(text):
            counts[style] += 1
    return max((*_ENCLOSING, "dash"), key=lambda style: counts[style])


def _first_opening(text: str, style: str) -> int:
    """Place of the first opening mark; the text's length where there is none."""
    marks = list(_ENCLOSING[style](text))
    if style in _EITHER_WAY:  # the first of the two that comes tells which way they point
        marks = marks[:1]
    return next((at for at, mark in marks if mark is Mark.OPEN), len(text))


def quote_spans(paragraphs: Sequence[str], style: str) -> list[list[Span]]:
    """Where direct speech lies in each paragraph, without its marks.

    A speech over several paragraphs is one span in each. By custom each of them opens anew; where the
    next mark after an open paragraph closes (a poem recited, say), all up to it is speech too; and so is
    verse before the next that opens.

    Parameters
    ----------
    paragraphs : sequence of str
        A chapter's, in order.
    style : str
        See `quote_style`.

    Returns
    -------
    list of list of (int, int)
        One list a paragraph.
    """
    if style == "dash":
        return [_dash_spans(text) for text in paragraphs]
    paragraphs = _typeset(paragraphs, style)
    marks = [_settled(list(_ENCLOSING[style](text))) for text in paragraphs]
    spans: list[list[Span]] = [[] for _ in paragraphs]
    for i, text in enumerate(paragraphs):
        start: int | None = None
        for at, mark in marks[i]:
            if start is not None:
                spans[i].append((start, at))
            start = at + 1 if mark is Mark.OPEN else None
        if start is not None:
            spans[i].append((start, len(text)))
            next_marked = _next_marked(marks, i)
            is_closed = marks[next_marked][0][1] is Mark.CLOSE if next_marked > i else False
            inside = range(i + 1, next_marked)
            if is_closed or all("\n" in paragraphs[j] for j in inside):
                for j in inside:
                    spans[j].append((0, len(paragraphs[j])))
            if is_closed:
                spans[next_marked].append((0, marks[next_marked][0][0]))
    return [
        [(a, b) for a, b in found if any(map(str.isalnum, text[a:b]))]
        for text, found in zip(paragraphs, spans, strict=True)
    ]


def _settled(marks: list[tuple[int, Mark]]) -> list[tuple[int, Mark]]:
    """Marks without the apostrophes: a weak close is one where a sure close follows before the next opening."""
    settled: list[tuple[int, Mark]] = []
    following: Mark | None = None
    for at, mark in reversed(marks):
        if mark is Mark.WEAK_CLOSE:
            if following is not Mark.CLOSE:
                settled.append((at, Mark.CLOSE))
                following = Mark.CLOSE
        else:
            settled.append((at, mark))
            following = mark
    return settled[::-1]


def _next_marked(marks: list[list[tuple[int, Mark]]], i: int) -> int:
    """The next paragraph after `i`, which a speech is open in, that has a mark; `i` where none is near."""
    return next((j for j in range(i + 1, min(i + 1 + _MAX_PARAGRAPHS_INSIDE, len(marks))) if marks[j]), i)


def _dash_spans(text: str) -> list[Span]:
    """—Speech —said he—. More speech.: a dash set close before a word begins what is not spoken."""
    opening = _SPEECH_DASH.match(text)
    if not opening:
        return []
    spans, at = [], opening.end()
    while at < len(text):
        aside = _ASIDE.search(text, at)
        spans.append((at, aside.start() if aside else len(text)))
        resumed = _ASIDE_END.search(text, aside.end()) if aside else None
        if not resumed:
            break
        at = resumed.end()
    return spans
