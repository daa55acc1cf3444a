"""Painted initials: the first letter, or word, of a text that is set apart from the rest of it.

They are pictures with an alternative text, letters in a block of their own, letters hidden from or shown to a screen
reader only, beside the rest of the word or beside the whole word again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from bookscore.ingest.book.prose import clean

LETTER = re.compile(r"[“‘„«\"'—]{0,2}[^\W\d_]")
_LETTER_OF_PICTURE = re.compile(
    r"(?:(?:an?|the|ornat\w+|decorat\w+|illuminat\w+|illustrat\w+|ornament\w+|large|drop(?:ped)?|fancy|historiated)\s+)*"
    r"(?:initial|letter|capital|cap|drop[- ]?cap)s?(?:\s+letter)?[\s:“\"'‘]*(?P<letter>[^\W\d_])[\"”’'.]?",
    re.IGNORECASE,
)
_WORD_OF_PICTURE = re.compile(r"[^\W\d_]{2,12}[,]?")
_CLASSES = re.compile(
    r"drop|initial|versal|lettrine|first-?_?letter|illuminat|(?:big|large|raised|start)-?(?:cap|letter)", re.I
)
_STYLES = re.compile(r"float\s*:\s*left|font-size\s*:\s*(?:[2-9]|\d{2,}|1[5-9]\d|x{0,2}-?large)", re.I)
_MAX_CHARACTERS = 2_000_000
_WORDS_OF_ONE_LETTER = "aio"
_NUMERALS = "IVXLCDM"


@dataclass
class Initial:
    """A letter or word that waits for the text after it.

    Attributes
    ----------
    text : str
    is_painted : bool
        Whether it is a picture or hidden, so that the text may show it again.
    is_marked : bool
        Whether anything but its place says that it is an initial.
    is_apart, is_spaced : bool
        Whether the text after it is in another block; whether there is a space between.
    n_anchors : int
        Anchors of the document up to it: those of later elements lead past it where it stands alone.
    """

    text: str
    is_painted: bool
    is_marked: bool = True
    is_apart: bool = False
    is_spaced: bool = False
    n_anchors: int = 0


class Words:
    """How often a document has a word, and a pair of words of which the first is a single letter."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = texts

    @cached_property
    def _counts(self) -> Counter[str]:
        words = re.findall(r"[^\W\d_]+", " ".join(self.texts)[:_MAX_CHARACTERS].lower())
        return Counter(words) + Counter(f"{a} {b}" for a, b in pairwise(words) if a in _WORDS_OF_ONE_LETTER)

    def are_two(self, letter: str, rest: str) -> bool:
        """Whether a letter and what follows it are two words, as in "A long".

        Parameters
        ----------
        letter, rest : str
        """
        letter, rest = letter.lower(), rest.lower()
        return (
            letter in _WORDS_OF_ONE_LETTER and self._counts[f"{letter} {rest}"] > self._counts[letter + rest]
        )


def is_marked(classes: str, style: str) -> bool:
    """Whether an element's classes or style say that it is an initial.

    Parameters
    ----------
    classes, style : str
        The attributes' values.
    """
    return bool(_CLASSES.search(classes) or _STYLES.search(style))


def letter_of(text: str) -> str | None:
    """The letter that an element's text is; None where it is more or less."""
    text = clean(text)
    return text if LETTER.fullmatch(text) else None


def drawn(*labels: str) -> str | None:
    """The letter or word that a picture shows, by the first of its labels that tells; None where it shows none."""
    for text in map(clean, labels):
        if LETTER.fullmatch(text):
            return text
        if match := _LETTER_OF_PICTURE.fullmatch(text):
            return match["letter"].upper()
        if _WORD_OF_PICTURE.fullmatch(text):
            return text
    return None


def before(initial: Initial, text: str, words: Words) -> str | None:
    """What of an initial to set before the text after it: nothing where the text has it; None where it is no initial.

    Parameters
    ----------
    initial : Initial
    text : str
        What follows it.
    words : Words
        Of the document.
    """
    quotes, first = re.match(r"([“‘„«\"'—]*)([^\W\d_]*)", text).groups()  # type: ignore[union-attr]
    own_quotes, own = initial.text[: -len(initial.text.lstrip("“‘„«\"'—"))], initial.text.lstrip("“‘„«\"'—")
    if len(own) > 1:
        return _before_word(own, first, initial.is_spaced)
    if not first or quotes:
        is_copy = first[:1] == own and initial.is_marked
        return "" if is_copy else None if initial.is_apart else initial.text
    if not initial.is_marked:
        is_rest = first[0].islower() or (first.isupper() and own not in _NUMERALS)
        if not (own.isupper() and len(first) > 1 and is_rest):
            return None
    elif first[0] == own and own.isupper():
        return own_quotes  # "The" beside its "T"
    elif initial.is_painted and not first[0].islower() and (len(first) == 1 or not first.isupper()):
        return ""
    if (initial.is_spaced or initial.is_apart) and words.are_two(own, first):
        return f"{initial.text} "
    return initial.text


def _before_word(word: str, first: str, is_spaced: bool) -> str:
    if first.casefold() == word.casefold():
        return ""
    if first and word[1:].casefold() == first.casefold() and not is_spaced:
        return word[0]
    return f"{word} " if first[:1].islower() else ""
