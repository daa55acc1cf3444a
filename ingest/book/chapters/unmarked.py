"""Headings that a book sets as paragraphs: in bold, centred, as a picture, or with nothing but their words to tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import accumulate, pairwise
from statistics import median

from bookscore.ingest.book.chapters.headings import (
    Heading,
    heading,
    is_front_matter,
    is_sure_heading,
    is_title_like,
)
from bookscore.ingest.book.chapters.series import Candidate, chapter_headings
from bookscore.ingest.book.formats.xhtml import Block, Document

_LEVEL = 6  # below all that are marked as headings
_MAX_LETTERS = 60  # of a line of a title
_MAX_LINES = 3
_MIN_LISTED = 3  # contents of as many entries are followed where only numerals and titles tell otherwise
_MIN_WORDS_OF_TITLED = 200
_MAX_WORDS_UNTITLED = 300  # before the first title: its title page
_BROKEN_OFF = re.compile(r"[\w,]-?$")


def with_unmarked_headings(documents: Mapping[str, Document], n_listed: int) -> Mapping[str, Document]:
    """Documents whose chapters' headings are headings, though they are marked as paragraphs.

    Nothing changes where two chapters or more have a numbered heading that is marked as one.

    Parameters
    ----------
    documents : mapping of str to Document
        By path, in reading order.
    n_listed : int
        Entries of the table of contents.
    """
    blocks = [block for document in documents.values() for block in document.blocks]
    forms = [heading(block.text) if block.level and block.is_story else None for block in blocks]
    if sum(1 for form in forms if form and form.number and not form.is_part) >= 2:
        return documents
    words_before = list(accumulate((0 if b.level else b.n_words for b in blocks), initial=0))
    found = _numbered(blocks, words_before, n_listed < _MIN_LISTED)
    if not found and n_listed < _MIN_LISTED:
        found = _titled(blocks, words_before)
    if not found:
        return documents
    rest = {
        i + 1
        for i in found
        if i + 1 < len(blocks) and blocks[i + 1].is_set_apart and _is_title(blocks[i + 1])
    }
    matter = {i for i, b in enumerate(blocks) if b.is_set_apart and _is_title(b) and is_front_matter(b.text)}
    levels = dict.fromkeys(found | rest | matter, _LEVEL)
    made: dict[str, Document] = {}
    first = 0
    for path, document in documents.items():
        made[path] = replace(
            document,
            blocks=[
                _as_heading(block, levels[i]) if i in levels and not block.level else block
                for i, block in enumerate(document.blocks, first)
            ],
        )
        first += len(document.blocks)
    return made


def _numbered(blocks: list[Block], words_before: list[int], with_unsure: bool) -> set[int]:
    """Paragraphs that are the headings of at least two chapters."""
    forms = {
        i: form
        for i, block in enumerate(blocks)
        if block.is_story
        and not block.level
        and (form := _form(block))
        and (with_unsure or (form.kind and form.is_sure))
    }
    candidates = [
        Candidate(
            i,
            forms[i],
            words_before[following] - words_before[i + 1],
            i == 0 or i - 1 in forms or not _BROKEN_OFF.search(blocks[i - 1].text),
        )
        for i, following in pairwise([*forms, len(blocks)])
    ]
    # A line that nothing comes after is one of the contents.
    candidates = [c for c in candidates if c.n_words or c.form.is_part]
    kept = chapter_headings(candidates, words_before[next(iter(forms), 0)])
    chapters = [i for i in kept if forms[i].number and not forms[i].is_part]
    return kept if len(chapters) >= 2 else set()


def _form(block: Block) -> Heading | None:
    lines = block.text.split("\n")
    if len(lines) > _MAX_LINES or (len(lines) > 1 and max(map(len, lines)) > _MAX_LETTERS):
        return None
    return heading(" ".join(lines)) or heading(lines[0])


def _titled(blocks: list[Block], words_before: list[int]) -> set[int]:
    """Paragraphs set as titles, each over a text of some length, from the beginning of the book on."""
    n_marked = sum(1 for b in blocks if b.level and b.is_story and not is_front_matter(b.text))
    titles = [
        i
        for i, (block, below) in enumerate(pairwise([*blocks, None]))
        if block
        and block.is_set_apart
        and block.is_story
        and _is_title(block)
        and below
        and not below.is_set_apart
        and not is_front_matter(block.text)
    ]
    if n_marked > 1 or len(titles) < 3 or words_before[titles[0]] > _MAX_WORDS_UNTITLED:
        return set()
    n_words = [words_before[j] - words_before[i + 1] for i, j in pairwise([*titles, len(blocks)])]
    return set(titles) if median(n_words) >= _MIN_WORDS_OF_TITLED else set()


def _is_title(block: Block) -> bool:
    return (
        not block.level
        and len(block.text) <= _MAX_LETTERS
        and not is_sure_heading(block.text)
        and block.text[-1] not in ".,;:—–-"
        and is_title_like(block.text)
    )


def _as_heading(block: Block, level: int) -> Block:
    return replace(
        block,
        level=level,
        text=block.text.replace("\n", " "),
        markup=block.markup.replace("<br/>", " "),
    )
