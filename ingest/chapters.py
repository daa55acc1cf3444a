"""Where the chapters of an EPUB begin and end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from ingest.headings import gutenberg_body, heading, is_front_matter
from ingest.prose import Chapter
from ingest.xhtml import Block, Document

# Fewer words than this are a title page or a motto, not a chapter's text.
_MIN_WORDS_OF_PART = 100
# Fewer words than this before the first chapter of the contents are a title page, not a story.
_MIN_WORDS_UNLISTED = 300
# Entries mostly shorter than this are poems or sections; music is chosen for the book they stand in.
_MIN_WORDS_LISTED = 300


@dataclass(frozen=True)
class TocEntry:
    """A line of the table of contents; `path` is None where it links to nothing."""

    label: str
    path: str | None
    fragment: str
    children: list[TocEntry]


@dataclass(frozen=True)
class _Start:
    """A place in the stream of blocks at which something begins."""

    title: str
    is_story: bool
    is_listed: bool = True


class _Stream:
    """All blocks of the book in reading order, and places in it."""

    def __init__(self, documents: Mapping[str, Document], left_out: set[str]) -> None:
        self.blocks: list[Block] = []
        self.documents = documents
        self.first: dict[str, int] = {}
        hidden: set[int] = set()
        for path, document in documents.items():
            self.first[path] = len(self.blocks)
            if path in left_out:
                hidden.update(range(len(self.blocks), len(self.blocks) + len(document.blocks)))
            self.blocks += document.blocks
        start, end = gutenberg_body([b.text for b in self.blocks])
        self.is_story = [
            b.is_story and start <= i < end and i not in hidden for i, b in enumerate(self.blocks)
        ]

    def place(self, entry: TocEntry) -> int | None:
        """Number of the block that an entry points to; of its first child's where it links to nothing."""
        if entry.path is None:
            return next((p for p in map(self.place, entry.children) if p is not None), None)
        if entry.path not in self.first:
            return None
        return self.first[entry.path] + self.documents[entry.path].anchors.get(entry.fragment, 0)

    def n_words(self, start: int, end: int) -> int:
        """Words of the story, without headings."""
        return sum(
            b.n_words
            for b, kept in zip(self.blocks[start:end], self.is_story[start:end], strict=True)
            if kept and not b.is_heading
        )


def chapters(
    documents: Mapping[str, Document], toc: list[TocEntry], left_out: set[str], title: str
) -> list[Chapter]:
    """The chapters of a book.

    The contents say where chapters begin, and so does a document that opens with a numbered heading;
    without contents, headings do. Entries that only hold others are parts: their labels go before their
    chapters' titles. Entries below one that has text of its own in the same document are its sections.

    Parameters
    ----------
    documents : mapping of str to Document
        By path, in reading order.
    toc : list of TocEntry
    left_out : set of str
        Paths of documents that are front or back matter, unless the contents list a chapter there.
    title : str
        The book's.

    Returns
    -------
    list of Chapter
        In reading order; empty where there is no text.
    """
    left_out = left_out - {e.path for e in _all(toc) if heading(e.label)}
    stream = _Stream(documents, left_out if left_out < documents.keys() else set())
    starts = dict(_listed(stream, toc, title, ""))
    is_listed = bool(starts)
    openings = set(stream.first.values())
    for i, block in enumerate(stream.blocks):
        is_numbered = heading(block.text) is not None
        opens_file = i in openings and is_numbered
        is_chapter = block.is_heading and (is_numbered or i in openings) and not is_listed
        if i not in starts and (opens_file or is_chapter):
            starts[i] = _Start(block.text, not is_front_matter(block.text), is_listed)
    starts.setdefault(0, _Start("", True, is_listed=False))
    starts = _without_sections(stream, starts)
    places = sorted(starts)
    found = []
    for place, end in zip(places, [*places[1:], len(stream.blocks)], strict=True):
        chapter = _chapter(stream, starts[place], place, end, title)
        if chapter:
            found.append(chapter)
    return found


def _all(entries: list[TocEntry]) -> Iterator[TocEntry]:
    for entry in entries:
        yield entry
        yield from _all(entry.children)


def _listed(
    stream: _Stream, entries: list[TocEntry], book_title: str, prefix: str
) -> Iterator[tuple[int, _Start]]:
    """Places of the entries and of those below them; where two share a place the lower one is last."""
    for entry in entries:
        place = stream.place(entry)
        below = [p for p in map(stream.place, entry.children) if p is not None]
        if place is None:
            yield from _listed(stream, entry.children, book_title, prefix)
            continue
        own_words = stream.n_words(place, min(below)) if below else None
        has_text = own_words is None or own_words >= _MIN_WORDS_OF_PART
        yield place, _Start(prefix + entry.label, has_text and not is_front_matter(entry.label))
        is_same_file = all(child.path == entry.path for child in entry.children)
        if below and not (has_text and is_same_file):
            is_title = _words(entry.label) == _words(book_title)
            yield from _listed(
                stream, entry.children, book_title, prefix if is_title else f"{prefix}{entry.label} / "
            )


def _without_sections(stream: _Stream, starts: dict[int, _Start]) -> dict[int, _Start]:
    """Leave only numbered headings where the contents are a flat list of many short pieces under them."""
    places = sorted(starts)
    words = [stream.n_words(a, b) for a, b in zip(places, [*places[1:], len(stream.blocks)], strict=True)]
    numbered = {p: s for p, s in starts.items() if heading(s.title) or not s.is_story or not s.is_listed}
    n_numbered = sum(bool(heading(s.title)) for s in numbered.values())
    if n_numbered >= 2 and len(numbered) < len(starts) and median(words) < _MIN_WORDS_LISTED:
        return numbered
    return starts


def _chapter(stream: _Stream, start: _Start, place: int, end: int, book_title: str) -> Chapter | None:
    """The chapter between two places; None for what is no story."""
    blocks = [b for b, kept in zip(stream.blocks[place:end], stream.is_story[place:end], strict=True) if kept]
    if not start.is_story or not blocks:
        return None
    n_opening = next((i for i, b in enumerate(blocks) if not _is_title(b, start.title)), len(blocks))
    body = blocks[n_opening:]
    n_words = sum(b.n_words for b in body if not b.is_heading)
    is_title_page = not start.title or _words(start.title) == _words(book_title)
    if not n_words or (
        is_title_page and n_words < _MIN_WORDS_UNLISTED and n_words < stream.n_words(0, len(stream.blocks))
    ):
        return None
    heard = " ".join(b.text for b in blocks[:n_opening])
    return Chapter(start.title or heard or book_title, [b.text for b in body])


def _is_title(block: Block, title: str) -> bool:
    """Whether a block at a chapter's beginning is (a part of) its title."""
    return block.is_heading or bool(heading(block.text)) or f" {_words(block.text)} " in f" {_words(title)} "


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
