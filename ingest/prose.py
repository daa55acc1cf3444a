"""Books as chapters of clean paragraphs, and paragraphs as sentences."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from punkt import PunktSentenceTokenizer

Span = tuple[int, int]
"""First character and the one after the last, as in ``text[start:end]``."""


@dataclass(frozen=True)
class Chapter:
    """A chapter's title and its paragraphs, clean (see `clean`) and each with at least one word."""

    title: str
    paragraphs: list[str]


@dataclass(frozen=True)
class Book:
    """What a reader of a file format makes of the file."""

    title: str
    author: str | None
    language: str | None  # as the file gives it, e.g. en-GB
    chapters: list[Chapter]


# Soft hyphens and zero-width marks are for typesetting; they would part words that are one.
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200e\u200f\u2060\ufeff"))


def clean(text: str) -> str:
    """One line of plain text: composed characters, no invisible marks, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_INVISIBLE).split())


def clean_lines(text: str) -> str:
    """The lines of `text`, each clean, without the empty ones."""
    return "\n".join(line for line in map(clean, text.split("\n")) if line)


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
_CLOSING_MARKS = re.compile(r"(?:[”’»)\]](?!\w)|[\"'](?=[\s—–-]|$))+\s*")
_GOES_ON = re.compile(r"[\s—–…(-]*(\w)")


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
    tokenizer = _tokenizer(_PUNKT_LANGUAGES.get((language or "en")[:2].lower(), "english"))
    spans: list[Span] = []
    for start, end in tokenizer.span_tokenize(text):
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
