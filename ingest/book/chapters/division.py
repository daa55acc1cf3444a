"""Division of a book into chapters, by its table of contents and its headings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate
from statistics import median

from bookscore.ingest.book.chapters.headings import (
    gutenberg_body,
    heading,
    is_end,
    is_front_matter,
    is_sure_heading,
)
from bookscore.ingest.book.chapters.matter import count_prose_words, inside_story
from bookscore.ingest.book.chapters.outline import Entry, outline
from bookscore.ingest.book.chapters.unmarked import with_unmarked_headings
from bookscore.ingest.book.formats.xhtml import Block, Document
from bookscore.ingest.book.prose import Chapter, Paragraph

# Fewer words than this are a title page or a motto, not a chapter's text.
_MIN_WORDS_OF_PART = 100
# Fewer words than this before the first chapter of the contents are a title page, not a story.
_MIN_WORDS_UNLISTED = 300
# Entries mostly shorter than this are poems or sections; music is chosen for the book they stand in.
_MIN_WORDS_LISTED = 300

_BELOW = " / "  # between a part's title and its chapter's


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

    @property
    def label(self) -> str:
        """The title without the parts it is in."""
        return self.title.rpartition(_BELOW)[2]


class _Stream:
    """All blocks of the book in reading order, and places in it."""

    def __init__(self, documents: Mapping[str, Document], left_out: set[str]) -> None:
        self.blocks: list[Block] = []
        self.paths: list[str] = []  # of each block's document
        self.documents = documents
        self.first: dict[str, int] = {}
        for path, document in documents.items():
            self.first[path] = len(self.blocks)
            self.blocks += document.blocks
            self.paths += [path] * len(document.blocks)
        start, end = gutenberg_body([b.text for b in self.blocks])
        self.is_story = [
            block.is_story and start <= i < end and path not in left_out
            for i, (block, path) in enumerate(zip(self.blocks, self.paths, strict=True))
        ]
        counted = zip(self.blocks, self.is_story, strict=True)
        words = (b.n_words if kept and not b.level else 0 for b, kept in counted)
        self._words_before = list(accumulate(words, initial=0))

    def entries(self, toc: list[TocEntry]) -> list[Entry]:
        """The contents' entries that are in the book; one that links to nothing begins where its first child does."""
        found = []
        for line in toc:
            below = self.entries(line.children)
            if line.path in self.first:
                place = self.first[line.path] + self.documents[line.path].anchors.get(line.fragment, 0)
                found.append(Entry(line.label, place, line.path, below))
            elif line.path is None and below:
                found.append(Entry(line.label, below[0].place, below[0].path, below))
            else:
                found += below
        return found

    def outline(self) -> list[Entry]:
        """Entries for the headings of the story."""
        shown = [
            block if kept else replace(block, level=0)
            for block, kept in zip(self.blocks, self.is_story, strict=True)
        ]
        return outline(shown, self.paths)

    def n_words(self, start: int, end: int) -> int:
        """Words of the story, without headings."""
        return self._words_before[max(start, end)] - self._words_before[start]


def chapters(
    documents: Mapping[str, Document], toc: list[TocEntry], left_out: set[str], title: str
) -> list[Chapter]:
    """The chapters of a book.

    The contents say where chapters begin, and so does a document that opens with a numbered heading;
    where the contents are absent or name less than half of the numbered headings, headings do. Entries that
    only hold others are parts: their labels go before their chapters' titles. Entries below one that has
    text of its own in the same document are its sections.

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
    read = {path: document for path, document in documents.items() if path not in left_out} or documents
    documents = {**documents, **with_unmarked_headings(read, sum(1 for _ in _all(toc)))}
    stream = _Stream(documents, left_out if left_out < documents.keys() else set())
    starts = dict(_starts(stream, stream.entries(toc), title, ""))
    if _tells_too_little(stream, starts):
        starts = dict(_starts(stream, stream.outline(), title, ""))
    is_listed = bool(starts)
    for i in stream.first.values():
        if i < len(stream.blocks) and i not in starts:
            block = stream.blocks[i]
            is_matter = is_front_matter(block.text)
            if is_sure_heading(block.text) or (block.level and is_matter):
                starts[i] = _Start(block.text, not is_matter, is_listed)
    starts.setdefault(0, _Start("", True, is_listed=False))
    starts = _without_sections(stream, _with_story_inside(stream, starts))
    places = sorted(starts)
    found = [
        _chapter(stream, starts[place], place, end, title)
        for place, end in zip(places, [*places[1:], len(stream.blocks)], strict=True)
    ]
    return [chapter for chapter in found if chapter]


def _all(entries: list[TocEntry]) -> Iterator[TocEntry]:
    for entry in entries:
        yield entry
        yield from _all(entry.children)


def _starts(
    stream: _Stream, entries: list[Entry], book_title: str, prefix: str
) -> Iterator[tuple[int, _Start]]:
    """Places of the entries and of those below them; where two share a place the lower one is last."""
    for entry in entries:
        below = [child.place for child in entry.children]
        own_words = stream.n_words(entry.place, min(below)) if below else None
        has_text = own_words is None or own_words >= _MIN_WORDS_OF_PART
        yield entry.place, _Start(prefix + entry.label, has_text and not is_front_matter(entry.label))
        if below and not (has_text and _has_sections(entry)):
            is_title = _words(entry.label) == _words(book_title)
            lower = prefix if is_title else f"{prefix}{entry.label}{_BELOW}"
            yield from _starts(stream, entry.children, book_title, lower)


def _has_sections(entry: Entry) -> bool:
    """Whether what is below an entry with text of its own are sections of that text, no chapters."""
    form = heading(entry.label)
    numbers = [below.number for child in entry.children if (below := heading(child.label))]
    holds_chapters = (form is not None and form.is_part) or (form is None and 1 in numbers)
    return not holds_chapters and all(child.path == entry.path for child in entry.children)


def _tells_too_little(stream: _Stream, starts: Mapping[int, _Start]) -> bool:
    """Whether the contents name less than half the chapters that headings do."""
    n_listed = sum(start.is_story for start in starts.values())
    forms = [
        form
        for block, kept in zip(stream.blocks, stream.is_story, strict=True)
        if kept and block.level and (form := heading(block.text))
    ]
    n_worded = sum(bool(form.kind) and not form.is_part for form in forms)
    return not starts or n_worded >= max(3, 2 * n_listed) or (n_listed < 3 <= len(forms))


def _with_story_inside(stream: _Stream, starts: dict[int, _Start]) -> dict[int, _Start]:
    """The starts, with those for story that only their titles make front matter."""
    places = sorted(starts)
    n_prose_words = [
        count_prose_words(
            b.text for b, kept in zip(stream.blocks[a:z], stream.is_story[a:z], strict=True) if kept
        )
        for a, z in zip(places, [*places[1:], len(stream.blocks)], strict=True)
    ]
    found = inside_story(
        [starts[place].title.split(_BELOW) for place in places],
        [starts[place].is_story for place in places],
        n_prose_words,
    )
    return starts | {places[i]: replace(starts[places[i]], is_story=True) for i in found}


def _without_sections(stream: _Stream, starts: dict[int, _Start]) -> dict[int, _Start]:
    """Leave only numbered headings where the contents are a flat list of many short pieces under them."""
    places = sorted(starts)
    words = [stream.n_words(a, b) for a, b in zip(places, [*places[1:], len(stream.blocks)], strict=True)]
    is_numbered = {place: heading(start.label) is not None for place, start in starts.items()}
    kept = {p: s for p, s in starts.items() if is_numbered[p] or not s.is_story or not s.is_listed}
    is_short = median([n for n in words if n] or [0]) < _MIN_WORDS_LISTED
    if sum(is_numbered.values()) >= 2 and len(kept) < len(starts) and is_short:
        return kept
    return starts


def _chapter(stream: _Stream, start: _Start, place: int, end: int, book_title: str) -> Chapter | None:
    """The chapter between two places; None for what is no story."""
    blocks = [b for b, kept in zip(stream.blocks[place:end], stream.is_story[place:end], strict=True) if kept]
    if not start.is_story or not blocks:
        return None
    n_opening = next((i for i, b in enumerate(blocks) if not _is_title(b, start.title)), len(blocks))
    body = blocks[n_opening:]
    while body and is_end(body[-1].text):
        body.pop()
    n_words = sum(b.n_words for b in body if not b.level)
    is_title_page = not start.title or _words(start.title) == _words(book_title)
    if not n_words or (
        is_title_page and n_words < _MIN_WORDS_UNLISTED and n_words < stream.n_words(0, len(stream.blocks))
    ):
        return None
    heard = " ".join(b.text for b in blocks[:n_opening])
    return Chapter(start.title or heard or book_title, [Paragraph(b.text, b.markup) for b in body])


def _is_title(block: Block, title: str) -> bool:
    """Whether a block at a chapter's beginning is (a part of) its title."""
    return (
        bool(block.level) or is_sure_heading(block.text) or f" {_words(block.text)} " in f" {_words(title)} "
    )


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
