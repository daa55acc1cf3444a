"""The outline that a book's headings make, for books whose table of contents is absent or says too little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from bookscore.ingest.book.chapters.headings import Heading, heading, is_apparatus, is_front_matter
from bookscore.ingest.book.formats.xhtml import Block


@dataclass(frozen=True)
class Entry:
    """Something that begins at a place in the book, and what it is made of.

    Attributes
    ----------
    label : str
    place : int
        Number of the block it begins at.
    path : str
        Of the document it is in.
    children : list of Entry
    """

    label: str
    place: int
    path: str
    children: list[Entry] = field(default_factory=list)


def outline(blocks: Sequence[Block], paths: Sequence[str]) -> list[Entry]:
    """Entries for the headings, nested by their levels; a part holds the chapters at its own level too.

    Parameters
    ----------
    blocks : sequence of Block
    paths : sequence of str
        Of each block's document.

    Returns
    -------
    list of Entry
        Without the book's title, where that stands over all others.
    """
    roots: list[Entry] = []
    above: list[tuple[tuple[int, bool], Entry]] = []  # the entries that are open, by their rank
    told: set[Heading] = set()
    for place, label in _titles(blocks).items():
        entry, rank = Entry(label, place, paths[place]), _rank(label, blocks[place].level)
        # Front matter holds no chapters, but "Chapter 1" anew below "Notes" is a heading of the notes.
        form = heading(label)
        if form and form.is_part:
            told.clear()
        while above and (above[-1][0] >= rank or is_front_matter(above[-1][1].label)):
            if above[-1][0] < rank and form in told and is_apparatus(above[-1][1].label):
                break
            above.pop()
        if form:
            told.add(form)
        (above[-1][1].children if above else roots).append(entry)
        above.append((rank, entry))
    if len(roots) == 1 and roots[0].children and not heading(roots[0].label):
        return roots[0].children
    return roots


def _rank(label: str, level: int) -> tuple[int, bool]:
    """The lower the higher in the outline."""
    form = heading(label)
    stands_beside_parts = form is not None and (form.is_part or form.number is None)
    return level, not (stands_beside_parts or is_front_matter(label))


def _titles(blocks: Sequence[Block]) -> dict[int, str]:
    """Titles by the place of their first heading: "Chapter I" and the heading right below it are one.

    A part's heading and the one below it are one only where there is no text below that, for else it
    is a chapter's.
    """
    places = [i for i, block in enumerate(blocks) if block.level]
    titles: dict[int, str] = {}
    first, last = 0, -1  # of the headings that are one title
    for place, following in pairwise([*places, len(blocks)]):
        text = blocks[place].text
        form = heading(titles[first]) if place == last + 1 and titles else None
        is_rest = (
            form is not None
            and heading(text) is None
            and not is_front_matter(text)
            and (not form.is_part or following == place + 1)
        )
        if is_rest:
            titles[first] = f"{titles[first].rstrip('.:')}: {text}"
        else:
            titles[place] = text
            first = place
        last = place
    return titles
