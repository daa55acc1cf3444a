"""Books as chapters of clean paragraphs, and paragraphs as sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from punkt import PunktSentenceTokenizer

Span = tuple[int, int]
"""First character and the one after the last, as in ``text[start:end]``."""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph as plain text and as it is set.

    Attributes
    ----------
    text : str
        Clean (see `clean`), with at least one word; ``\\n`` only between lines of verse.
    markup : str
        The same as XHTML (see `ingest.book.formats.markup`).
    """

    text: str
    markup: str


@dataclass(frozen=True)
class Chapter:
    """A chapter's title and its paragraphs."""

    title: str
    paragraphs: list[Paragraph]


@dataclass(frozen=True)
class Book:
    """A book as it is read from a file of any format."""

    title: str
    author: str | None
    language: str | None  # as the file gives it, e.g. en-GB
    chapters: list[Chapter]


# Soft hyphens and zero-width marks are for typesetting; they would part words that are one. Marks of direction
# make a text look like another. Controls and noncharacters are no text, and no XML may hold them.
_INVISIBLE = dict.fromkeys(
    [
        *map(
            ord,
            "\u00ad\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\ufffe\uffff",
        ),
        *range(9),
        *range(14, 28),
        *range(127, 133),
        *range(134, 160),
    ]
)


def without_invisible(text: str) -> str:
    """Composed characters without marks that cannot be seen."""
    return unicodedata.normalize("NFC", text.translate(_INVISIBLE))


def clean(text: str) -> str:
    """One line of plain text: composed characters, no invisible marks, single spaces."""
    return " ".join(without_invisible(text).split())


def count_words(text: str) -> int:
    """Number of whitespace-separated tokens that contain a letter or a digit."""
    return sum(any(map(str.isalnum, token)) for token in text.split())


_PUNKT_LANGUAGES = {
    "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "et": "estonian", "fi": "finnish", "fr": "french", "it": "italian", "ml": "malayalam", "nb": "norwegian",
    "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pl": "polish", "pt": "portuguese", "ru": "russian",
    "sl": "slovene", "sv": "swedish", "tr": "turkish",
}  # fmt: skip


@cache
def _tokenizer(language: str) -> PunktSentenceTokenizer:
    from punkt import tokenizer_for

    return tokenizer_for(language, prefixes=True)


# Punkt looks at the word after an abbreviation together with what follows that word, and so breaks
# "Mr. Hale.”" after "Mr."; titles never end a sentence, whatever follows.
_ENDS_IN_TITLE = re.compile(
    r"(?:^|[\s(“‘\"'—-])(?:Mr|Mrs|Ms|Dr|St|Rev|Capt|Col|Gen|Maj|Lt|Lieut|Sgt|Sergt|Prof|Hon|Messrs|Mme|Mlle|M)\.$"
)
_APOSTROPHE = re.compile(r"(?<=\w)’(?=\w)")
# Punkt takes what ends in initials (P.M., U.S., I.) to go on, whatever follows; a word that stands with a
# capital only where a sentence begins tells otherwise.
_AFTER_INITIAL = re.compile(r"(?<![\w'’])(?:\w\.)+[”’\"')]*\s+(?=[“‘\"'(]*([^\W\d_]+))")
_ENGLISH_STARTERS = {
    "a", "an", "and", "as", "at", "her", "his", "how", "my", "no", "on", "our", "she", "that", "their", "then", "to",
    "we", "what", "where", "who", "why", "with", "you", "your",
}  # fmt: skip
_CLOSING_MARKS = re.compile(r"(?:[”’»)\]](?!\w)|[\"'](?=[\s—–-]|$))+\s*")
_GOES_ON = re.compile(r"[\s—–…(-]*(\w)")


def _raw_spans(text: str, language: str) -> Iterator[Span]:
    tokenizer = _tokenizer(language)
    starters = tokenizer.params.sent_starters | (_ENGLISH_STARTERS if language == "english" else set())
    # A curly apostrophe makes an initial of the last letter of "didn’t." to Punkt.
    for start, end in tokenizer.span_tokenize(_APOSTROPHE.sub("'", text)):
        for match in _AFTER_INITIAL.finditer(text, start, end):
            if match[1].istitle() and match[1].lower() in starters:
                yield start, match.start() + len(match[0].rstrip())
                start = match.end()
        yield start, end


def sentence_spans(text: str, language: str | None = None) -> list[Span]:
    """Where the sentences of a paragraph lie (Punkt: Kiss & Strunk 2006).

    A closing quotation mark belongs to the sentence before it, and what goes on in lower case does not
    begin a sentence: “No!” cried Sara. is one.

    Parameters
    ----------
    text : str
        A clean paragraph.
    language : str, optional
        BCP 47 tag; English rules where it is absent or Punkt has no model of it.

    Returns
    -------
    list of (int, int)
    """
    spans: list[Span] = []
    for start, end in _raw_spans(text, _PUNKT_LANGUAGES.get((language or "en")[:2].lower(), "english")):
        if spans:
            first, last = spans[-1]
            if closing := _CLOSING_MARKS.match(text, start, end):
                start = closing.end()
                last = start - len(closing[0]) + len(closing[0].rstrip())
                spans[-1] = (first, last)
            goes_on = _GOES_ON.match(text, start, end)
            if (goes_on and goes_on[1].islower()) or _ENDS_IN_TITLE.search(text[first:last]):
                spans[-1] = (first, end)
                continue
        if start < end:
            spans.append((start, end))
    return spans
