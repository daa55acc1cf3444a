"""Division of a book into chapters, by its table of contents and its headings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
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
from bookscore.ingest.book.prose import Chapter, LeftOut, Paragraph

# Fewer words than this are a title page or a motto, not a chapter's text.
_MIN_WORDS_OF_PART = 100
# Fewer words than this before the first chapter of the contents are a title page, not a story.
_MIN_WORDS_UNLISTED = 300
# Entries mostly shorter than this are poems or sections; music is chosen for the book they stand in.
_MIN_WORDS_LISTED = 300

MATTER = "front and back matter"
_BELOW = " / "  # between a part's title and its chapter's


@dataclass(frozen=True)
class TocEntry:
    """A line of the table of contents; `path` is None where it links to nothing."""

    label: str
    path: str | None
    fragment: str
    children: list[TocEntry]


@dataclass(frozen=True)
class Division:
    """A book's chapters in reading order, and all of its text that is in none of them."""

    chapters: list[Chapter]
    left_out: list[LeftOut]


@dataclass(frozen=True)
class _Start:
    """A place in the stream of blocks at which something begins.

    Attributes
    ----------
    title : str
    kind : str
        story; part: what holds the entries that follow, its few words the opening of the first; title page;
        matter: front or back matter.
    is_listed : bool
        In the table of contents.
    """

    title: str
    kind: str
    is_listed: bool = True

    @property
    def is_story(self) -> bool:
        return self.kind == "story"

    @property
    def label(self) -> str:
        """The title without the parts it is in."""
        return self.title.rpartition(_BELOW)[2]


class _Stream:
    """All blocks of the book in reading order, and places in it."""

    def __init__(self, documents: Mapping[str, Document], left_out: set[str], *, trusts_marks: bool) -> None:
        self.blocks: list[Block] = []
        self.paths: list[str] = []  # of each block's document
        self.documents = documents
        self.first: dict[str, int] = {}
        for path, document in documents.items():
            self.first[path] = len(self.blocks)
            self.blocks += document.blocks
            self.paths += [path] * len(document.blocks)
        start, end = gutenberg_body([b.text for b in self.blocks])
        # Why a block is no story; empty where it is.
        self.marks = [
            "licence"
            if not start <= i < end
            else MATTER
            if trusts_marks and (path in left_out or not block.is_story)
            else ""
            for i, (block, path) in enumerate(zip(self.blocks, self.paths, strict=True))
        ]
        self._count()

    def _count(self) -> None:
        counted = zip(self.blocks, self.is_story, strict=True)
        words = (b.n_words if kept and not b.level else 0 for b, kept in counted)
        self._words_before = list(accumulate(words, initial=0))

    @property
    def is_story(self) -> list[bool]:
        """Of each block, whether nothing marks it as something else."""
        return [not mark for mark in self.marks]

    def unmark(self, start: int, end: int) -> None:
        """Take a chapter for story that is marked as front or back matter from its first word to its last."""
        if start < end and all(mark == MATTER for mark in self.marks[start:end]):
            self.marks[start:end] = [""] * (end - start)
            self._count()

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

    def spans(self, places: Iterable[int]) -> list[tuple[int, int]]:
        """Each place with that where the next begins."""
        return list(pairwise([*sorted(places), len(self.blocks)]))

    def n_words(self, start: int, end: int) -> int:
        """Words of the story, without headings."""
        return self._words_before[max(start, end)] - self._words_before[start]


def chapters(
    documents: Mapping[str, Document], toc: list[TocEntry], left_out: set[str], title: str
) -> Division:
    """The chapters of a book, and what is in none of them.

    The contents say where chapters begin, and so does a document that opens with a numbered heading;
    where the contents are absent or name less than half of the numbered headings, headings do. Entries that
    only hold others are parts: their labels go before their chapters' titles, their few words before the first
    chapter's. Entries below one that has text of its own in the same document are its sections. Where all text is
    marked as front or back matter, the marks are wrong.

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
    Division
        Without chapters where there is no text.
    """
    divided = _divided(documents, toc, left_out, title, trusts_marks=True)
    if not divided.chapters:
        again = _divided(documents, toc, left_out, title, trusts_marks=False)
        divided = again if again.chapters else divided
    beside = [
        LeftOut(path, "", n_words, reason)
        for path, document in documents.items()
        for reason, n_words in document.left_out.items()
    ]
    return Division(divided.chapters, divided.left_out + beside)


def outside(documents: Mapping[str, Document]) -> list[LeftOut]:
    """Documents that are not in the reading order, as text that is left out."""
    words = {
        path: sum(b.n_words for b in d.blocks) + sum(d.left_out.values()) for path, d in documents.items()
    }
    return [
        LeftOut(path, "", n_words, "outside the reading order") for path, n_words in words.items() if n_words
    ]


def _divided(
    documents: Mapping[str, Document],
    toc: list[TocEntry],
    left_out: set[str],
    title: str,
    *,
    trusts_marks: bool,
) -> Division:
    left_out = left_out - {e.path for e in _all(toc) if heading(e.label)}
    read = {path: document for path, document in documents.items() if path not in left_out} or documents
    documents = {**documents, **with_unmarked_headings(read, sum(1 for _ in _all(toc)))}
    stream = _Stream(documents, left_out if left_out < documents.keys() else set(), trusts_marks=trusts_marks)
    listed = dict(_starts(stream, stream.entries(toc), title))
    for place, end in stream.spans(listed):
        if listed[place].kind != MATTER and heading(listed[place].label):
            stream.unmark(place, end)
    starts = dict(_starts(stream, stream.entries(toc), title))
    if _tells_too_little(stream, starts):
        starts = dict(_starts(stream, stream.outline(), title))
    is_listed = bool(starts)
    for i in stream.first.values():
        if i < len(stream.blocks) and i not in starts:
            block = stream.blocks[i]
            is_matter = is_front_matter(block.text)
            if is_sure_heading(block.text) or (block.level and is_matter):
                starts[i] = _Start(block.text, MATTER if is_matter else "story", is_listed)
    starts.setdefault(0, _Start("", "story", is_listed=False))
    return _gathered(stream, _without_sections(stream, _with_story_inside(stream, starts)), title)


def _all(entries: list[TocEntry]) -> Iterator[TocEntry]:
    """The entries and those below, but for those of front and back matter."""
    for entry in entries:
        if not is_front_matter(entry.label):
            yield entry
            yield from _all(entry.children)


def _starts(
    stream: _Stream, entries: list[Entry], book_title: str, prefix: str = "", *, in_matter: bool = False
) -> Iterator[tuple[int, _Start]]:
    """Places of the entries and of those below them; where two share a place the lower one is last."""
    ends = [*(entry.place for entry in entries[1:]), len(stream.blocks)]
    for entry, end in zip(entries, ends, strict=False):
        below = [child.place for child in entry.children]
        own_words = stream.n_words(entry.place, min(below)) if below else None
        has_text = own_words is None or own_words >= _MIN_WORDS_OF_PART
        is_title = _words(entry.label) == _words(book_title)
        # What holds most of the book is no front matter, whatever it is called.
        is_most = bool(below) and 2 * stream.n_words(entry.place, end) > stream.n_words(0, len(stream.blocks))
        is_matter = in_matter or (is_front_matter(entry.label) and not is_most)
        kind = MATTER if is_matter else "story" if has_text else "title page" if is_title else "part"
        yield entry.place, _Start(prefix + entry.label, MATTER if is_front_matter(entry.label) else kind)
        if below and not (has_text and _has_sections(entry)):
            lower = prefix if is_title else f"{prefix}{entry.label}{_BELOW}"
            yield from _starts(stream, entry.children, book_title, lower, in_matter=is_matter)


def _has_sections(entry: Entry) -> bool:
    """Whether what is below an entry with text of its own are sections of that text, no chapters."""
    form = heading(entry.label)
    numbers = [below.number for child in entry.children if (below := heading(child.label))]
    holds_chapters = (form is not None and form.is_part) or (form is None and 1 in numbers)
    return not holds_chapters and all(child.path == entry.path for child in entry.children)


def _tells_too_little(stream: _Stream, starts: Mapping[int, _Start]) -> bool:
    """Whether the contents name less than half the chapters that headings do."""
    n_listed = sum(start.is_story for start in starts.values())
    # "Chapter 1" below "Notes" is a heading of the notes.
    matter = [
        range(a, b) for a, b in stream.spans(starts) if starts[a].kind == MATTER and _BELOW in starts[a].title
    ]
    forms = [
        form
        for i, (block, kept) in enumerate(zip(stream.blocks, stream.is_story, strict=True))
        if kept
        and block.level
        and (form := heading(block.text))
        and not any(i in places for places in matter)
    ]
    n_worded = sum(bool(form.kind) and not form.is_part for form in forms)
    return not starts or n_worded >= max(3, 2 * n_listed) or (n_listed < 3 <= len(forms))


def _with_story_inside(stream: _Stream, starts: dict[int, _Start]) -> dict[int, _Start]:
    """The starts, with those for story that only their titles make front matter."""
    places, is_story = sorted(starts), stream.is_story
    n_prose_words = [
        count_prose_words(b.text for b, kept in zip(stream.blocks[a:z], is_story[a:z], strict=True) if kept)
        for a, z in stream.spans(places)
    ]
    found = inside_story(
        [starts[place].title.split(_BELOW) for place in places],
        [starts[place].is_story for place in places],
        n_prose_words,
    )
    return starts | {places[i]: replace(starts[places[i]], kind="story") for i in found}


def _without_sections(stream: _Stream, starts: dict[int, _Start]) -> dict[int, _Start]:
    """Leave only numbered headings where the contents are a flat list of many short pieces under them."""
    places = sorted(starts)
    words = [stream.n_words(a, b) for a, b in stream.spans(places)]
    is_numbered = {place: heading(start.label) is not None for place, start in starts.items()}
    kept = {
        p: s
        for p, s in starts.items()
        if is_numbered[p] or not s.is_story or not s.is_listed or p == places[0]
    }
    is_short = median([n for n in words if n] or [0]) < _MIN_WORDS_LISTED
    if not (sum(is_numbered.values()) >= 2 and len(kept) < len(starts) and is_short):
        return starts
    # What held only pieces that are no chapters is a chapter with their text.
    following = dict(pairwise(places))
    return {
        place: replace(start, kind="story")
        if start.kind == "part" and following.get(place, place) not in kept
        else start
        for place, start in kept.items()
    }


def _gathered(stream: _Stream, starts: Mapping[int, _Start], book_title: str) -> Division:
    """The text between the places, as chapters or as left out."""
    found: list[Chapter] = []
    left: dict[tuple[str, str, str], int] = defaultdict(int)
    carried: list[Block] = []  # words of a part, for its first chapter
    headings: list[tuple[int, str]] = []  # at the beginnings of chapters, and the label of each

    def leave(i: int, reason: str, label: str) -> None:
        left[stream.paths[i], label, reason] += stream.blocks[i].n_words

    for place, end in stream.spans(starts):
        start = starts[place]
        kept = []
        for i in range(place, end):
            if reason := stream.marks[i] or (MATTER if start.kind == MATTER else ""):
                leave(i, reason, start.label)
            else:
                kept.append(i)
        n_opening = next(
            (n for n, i in enumerate(kept) if not _is_title(stream.blocks[i], start.title)), len(kept)
        )
        opening, body = kept[:n_opening], kept[n_opening:]
        while body and is_end(stream.blocks[body[-1]].text):
            leave(body.pop(), "end mark", start.label)
        n_words = sum(stream.blocks[i].n_words for i in body if not stream.blocks[i].level)
        is_title_page = not start.title or _words(start.title) == _words(book_title)
        heard = " ".join(stream.blocks[i].text for i in opening)
        title = start.title or heard or book_title
        if start.kind == "part" and body:
            carried += [stream.blocks[i] for i in body]
        elif (
            start.kind == "title page"
            or not n_words
            or (
                is_title_page
                and n_words < _MIN_WORDS_UNLISTED
                and n_words < stream.n_words(0, len(stream.blocks))
            )
        ):
            for i in body:
                leave(i, "title page" if is_title_page else "headings", start.label)
        else:
            text = [*carried, *(stream.blocks[i] for i in body)]
            carried = []
            found.append(Chapter(title, [Paragraph(b.text, b.markup) for b in text]))
        headings += [(i, start.label) for i in opening]
    if carried:
        found.append(Chapter(book_title, [Paragraph(b.text, b.markup) for b in carried]))
    named = " | ".join(f" {_words(chapter.title)} " for chapter in [*found, Chapter(book_title, [])])
    for i, label in headings:
        if f" {_words(stream.blocks[i].text)} " not in named:
            leave(i, "headings", label)
    left_out = [LeftOut(path, label, n, reason) for (path, label, reason), n in left.items()]
    return Division(found, left_out)


def _is_title(block: Block, title: str) -> bool:
    """Whether a block at a chapter's beginning is (a part of) its title."""
    return (
        bool(block.level) or is_sure_heading(block.text) or f" {_words(block.text)} " in f" {_words(title)} "
    )


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
