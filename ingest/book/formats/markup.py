"""Runs of text and the emphasis around them, set as clean paragraphs: plain text, and the same as XHTML."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby, takewhile

from bookscore.ingest.book.prose import Paragraph, clean, without_invisible

Run = tuple[str, tuple[str, ...]]
"""A text, and the elements around it, the outermost first."""

ELEMENTS = {
    "em": "em", "i": "em", "cite": "em", "dfn": "em", "var": "em", "strong": "strong", "b": "strong",
    "small": "small", "sub": "sub", "sup": "sup",
}  # fmt: skip
"""What each element of a book is set as; all others only lend their text."""

ENDS_SENTENCE = re.compile(r"[.!?…:;。！？—–-][\"'”’»」』)\]*]*$|」$|』$")
_MAX_LETTERS_OF_VERSE = 100
_MIN_LINES_OF_CHAPTER = 40


def paragraphs(runs: Iterable[Run]) -> list[Paragraph]:
    """Paragraphs of `runs`: one, or one a stanza where empty lines part them.

    Parameters
    ----------
    runs : iterable of Run
        ``\\n`` in their texts ends a line, any other white space is a space.

    Returns
    -------
    list of Paragraph
        Their markup has no elements but `ELEMENTS`'s and ``<br/>``, which stands inside none of them.
    """
    return [
        Paragraph(
            "\n".join("".join(text for text, _ in line) for line in stanza), "<br/>".join(map(_xhtml, stanza))
        )
        for has_text, stanza in ((key, list(lines)) for key, lines in groupby(_lines(runs), key=bool))
        if has_text
    ]


def is_prose(lines: Sequence[str]) -> bool:
    """Whether lines set with breaks are paragraphs: most end a sentence, and they are longer or more than verse has."""
    n_ended = sum(bool(ENDS_SENTENCE.search(line)) for line in lines)
    is_long = len(lines) >= _MIN_LINES_OF_CHAPTER or max(map(len, lines), default=0) > _MAX_LETTERS_OF_VERSE
    return len(lines) > 1 and is_long and n_ended >= 0.7 * len(lines)


def _lines(runs: Iterable[Run]) -> list[list[Run]]:
    """Clean lines, the empty ones among them."""
    lines: list[list[Run]] = [[]]
    for text, elements in runs:
        first, *others = text.split("\n")
        lines[-1].append((first, elements))
        lines += [[(other, elements)] for other in others]
    return [_clean_line(line) for line in lines]


def _clean_line(runs: Sequence[Run]) -> list[Run]:
    """As `clean`: the spaces between words stand in what both their neighbours stand in."""
    line: list[Run] = []
    is_spaced = False
    for raw, elements in runs:
        text = without_invisible(raw)
        if words := clean(text):
            if line and (is_spaced or text[0].isspace()):
                line.append((" ", _common(line[-1][1], elements)))
            line.append((words, elements))
            is_spaced = text[-1].isspace()
        else:
            is_spaced = is_spaced or bool(text)
    whole = "".join(text for text, _ in line)
    if not unicodedata.is_normalized("NFC", whole):  # an accent stands apart from its letter
        return [(clean(whole), ())]
    return line


def _xhtml(line: Iterable[Run]) -> str:
    parts: list[str] = []
    opened: tuple[str, ...] = ()
    for text, elements in [*line, ("", ())]:
        shared = _common(opened, elements)
        parts += [f"</{name}>" for name in reversed(opened[len(shared) :])]
        parts += [f"<{name}>" for name in elements[len(shared) :]]
        parts.append(escape(text, quote=False))
        opened = elements
    return "".join(parts)


def _common(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False))
    return tuple(name for name, _ in pairs)
