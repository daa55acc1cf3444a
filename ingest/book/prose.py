"""Books as chapters of clean paragraphs, and paragraphs as sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import regex

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
class LeftOut:
    """Text of a book that is in no chapter, or something else of it that could not be had.

    Attributes
    ----------
    place : str
        The document it is in: a path inside an EPUB, else the file's name.
    label : str
        Its heading or its line of the contents; may be empty.
    n_words : int
        0 where nothing can be counted: a document that is absent, bytes that are no text.
    reason : str
        What it is: notes, contents, licence, ...; or what is wrong.
    """

    place: str
    label: str
    n_words: int
    reason: str


@dataclass(frozen=True)
class Book:
    """A book as it is read from a file of any format: every word is in a chapter or in `left_out`."""

    title: str
    author: str | None
    language: str | None  # as the file gives it, e.g. en-GB
    chapters: list[Chapter]
    left_out: list[LeftOut] = field(default_factory=list)


def odd_places(place: str, n_odd: int, encoding: str) -> list[LeftOut]:
    """What is to be told of places that are not valid in a document's encoding; nothing where there are none.

    Parameters
    ----------
    place : str
        The document.
    n_odd : int
    encoding : str
    """
    reason = f"{n_odd} {'place is' if n_odd == 1 else 'places are'} not valid {encoding}: read as Windows-1252 or replaced"
    return [LeftOut(place, "", 0, reason)] if n_odd else []


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


# Scripts that set no spaces between words. In Chinese and Japanese every character may be a word by itself; in those
# of South-East Asia only a dictionary could tell, and words are some four letters and signs long.
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_SOUTH_EAST_ASIAN = regex.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]+")
_LETTERS_OF_A_WORD = 4
_WORD_BOUNDARY = regex.compile(r"(?V1w)\b")


def count_words(text: str) -> int:
    """Number of words: of whitespace-separated tokens that contain a letter or a digit.

    Tokens in scripts without spaces between words are parted at the default word boundaries of Unicode (UAX #29): a
    Chinese character, a Hiragana or a run of Katakana is a word. Thai, Lao, Khmer and Burmese, whose boundaries it
    leaves to dictionaries, have a word for every four characters begun.
    """
    tokens = [token for token in text.split() if any(map(str.isalnum, token))]
    if not _UNSPACED.search(text):
        return len(tokens)
    return sum(_n_unspaced(token) if _UNSPACED.search(token) else 1 for token in tokens)


def _n_unspaced(token: str) -> int:
    n_words = 0
    for run in _SOUTH_EAST_ASIAN.findall(token):
        n_words -= -len(run) // _LETTERS_OF_A_WORD
    others = _SOUTH_EAST_ASIAN.sub(" ", token)
    return n_words + sum(any(map(str.isalnum, word)) for word in _WORD_BOUNDARY.split(others))


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
