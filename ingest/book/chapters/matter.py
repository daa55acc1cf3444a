"""Titles that look like front matter, but stand over story."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bookscore.ingest.book.chapters.headings import is_apparatus, is_front_matter
from bookscore.ingest.book.prose import count_words

MIN_WORDS_OF_STORY = 50
_MIN_WORDS_OF_PROSE = 25
_WHOLE = re.compile(r"[.!?…。！？][\"'”’)」』]*$")


def count_prose_words(texts: Iterable[str]) -> int:
    """Words in texts that read like prose: a list of contents or of pictures has none."""
    return sum(n for text in texts if (n := count_words(text)) >= _MIN_WORDS_OF_PROSE and _WHOLE.search(text))


def inside_story(
    titles: Sequence[Sequence[str]], are_story: Sequence[bool], n_prose_words: Sequence[int]
) -> list[int]:
    """Numbers of the titles that look like front matter and are chapters' all the same.

    "Introduction" before the first chapter is no story, and "An Excerpt from the Next Book" after the last is none;
    between two chapters, or in a part of the book, such a title is a chapter's where there is prose below it. A list of
    plates, a title page or notes are none wherever they stand.

    Parameters
    ----------
    titles : sequence of sequence of str
        In reading order, each after the titles of the parts that it is in.
    are_story : sequence of bool
        What each is by its title and place in the contents.
    n_prose_words : sequence of int
        See `count_prose_words`.
    """
    told = [i for i, is_story in enumerate(are_story) if is_story and n_prose_words[i] >= MIN_WORDS_OF_STORY]
    return [
        i
        for i, (*parts, title) in enumerate(titles)
        if not are_story[i]
        and told
        and (told[0] < i or parts)
        and i < told[-1]
        and n_prose_words[i] >= MIN_WORDS_OF_STORY
        and is_front_matter(title)
        and not is_apparatus(title)
        and not any(map(is_front_matter, parts))
    ]
