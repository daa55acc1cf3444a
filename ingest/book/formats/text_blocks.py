"""Lines of plain text as blocks, and which of them are headings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate, pairwise
from statistics import median, quantiles

from bookscore.ingest.book.chapters.headings import (
    Heading,
    heading,
    is_apparatus,
    is_front_matter,
    is_lone_kind,
    is_title_like,
    title_of,
)
from bookscore.ingest.book.chapters.matter import MIN_WORDS_OF_STORY, count_prose_words
from bookscore.ingest.book.chapters.series import Candidate, chapter_headings
from bookscore.ingest.book.prose import clean, count_words

_MAX_WRAPPED_LENGTH = 100  # characters; longer lines are paragraphs, not lines of them
_MAX_SUBTITLE_LENGTH = 60
_MAX_LINES_OF_TITLE = 8
_MAX_WORDS_UNTITLED = 300  # before the first of them: a title page
_MIN_WORDS_OF_TITLED = 200  # of most stories that have nothing but a title in capitals
_BROKEN_OFF = re.compile(r"[\w,]-?$")


@dataclass
class Block:
    """Lines with no blank one between.

    Attributes
    ----------
    lines : list of str
    n_blank : int
        Blank lines above.
    form : Heading or None
        Where the lines are in the form of a heading.
    is_set_over : bool
        Whether they are a heading with text on the very next line.
    """

    lines: list[str]
    n_blank: int = 1
    form: Heading | None = None
    is_set_over: bool = False

    @property
    def text(self) -> str:
        """Its lines as one."""
        return clean(" ".join(self.lines))


def blocks_of(lines: list[str]) -> list[Block]:
    """Runs of lines between blank ones, a heading apart from its text; each line by itself where they are not wrapped."""
    full = [len(line) for line in lines if line.strip()]
    is_wrapped = not (len(full) > 1 and quantiles(full, n=10)[-1] > _MAX_WRAPPED_LENGTH)
    found: list[Block] = []
    n_blank, is_open = 1, False
    for line in lines:
        if not line.strip():
            n_blank, is_open = n_blank + 1, False
        elif is_open:
            found[-1].lines.append(line)
        else:
            found.append(Block([line], n_blank))
            n_blank, is_open = 0, is_wrapped
    joined: list[Block] = []
    for block in found:
        above = joined[-1] if joined else None
        is_numeral = len(block.lines) == 1 and (form := heading(block.text)) is not None and not form.kind
        if above and is_numeral and len(above.lines) == 1 and is_lone_kind(above.text):
            above.lines += block.lines
        else:
            joined.append(block)
    return [part for block in joined for part in _opened(block)]


def title_of_block(block: Block) -> str:
    """The title that the lines of a heading make."""
    return " ".join(title_of(line) for line in block.lines if re.search(r"\w", line))


def indent(line: str) -> int:
    """Spaces at a line's beginning."""
    return len(line) - len(line.lstrip())


def is_subtitle(block: Block) -> bool:
    """Whether a block could be the rest of the title above it."""
    line = clean(block.lines[0])
    return (
        len(block.lines) == 1
        and len(line) <= _MAX_SUBTITLE_LENGTH
        and line[-1] not in ".,;:!?…\"'”’—-"
        and line[0].isalnum()
    )


def headings_of(blocks: list[Block]) -> dict[int, Heading]:
    """Blocks that are headings, by number.

    Where no chapter is numbered, titles in capitals are, if they stand farther from the text than paragraphs do
    and long texts below them.
    """
    words_before = list(accumulate((count_words(block.text) for block in blocks), initial=0))
    formed = [i for i, block in enumerate(blocks) if block.form]
    candidates = [
        Candidate(
            i,
            form,
            words_before[following] - words_before[i + 1],
            i == 0 or bool(blocks[i - 1].form) or not _BROKEN_OFF.search(blocks[i - 1].text),
            blocks[i].is_set_over,
        )
        for i, following in pairwise([*formed, len(blocks)])
        if (form := blocks[i].form)
    ]
    kept = chapter_headings(candidates, words_before[formed[0]] if formed else 0)
    found = {i: form for i in formed if i in kept and (form := blocks[i].form)}
    if not any(form.number for form in found.values()):
        found |= dict.fromkeys(_titled(blocks, words_before), Heading("title", None))
    places = sorted(found)
    told = [
        i
        for i, following in pairwise([*places, len(blocks)])
        if count_prose_words(b.text for b in blocks[i + 1 : following])
    ]
    for i, block in enumerate(blocks):
        title = title_of_block(block)
        if len(block.lines) > 1 or not is_front_matter(title) or not (title.isupper() or title.istitle()):
            continue
        following = next((place for place in places if place > i), len(blocks))
        is_inside = (
            bool(told)
            and told[0] < i < told[-1]
            and count_prose_words(b.text for b in blocks[i + 1 : following]) >= MIN_WORDS_OF_STORY
        )
        if is_apparatus(title) or not is_inside:
            found[i] = Heading("matter", None)
    return found


def _opened(block: Block) -> list[Block]:
    """A block, or the heading that its first lines are and the text on the lines below."""
    lines = [line for line in block.lines if re.search(r"\w", line)]
    if not lines:
        return [block]
    n, form = 1, heading(lines[0])
    if form is None and len(lines) > 1 and is_lone_kind(lines[0]):
        n, form = 2, heading(f"{title_of(lines[0])} {title_of(lines[1])}")
    if form is None:
        return [block]
    is_title = is_title_like(title_of(lines[0]))
    while n < min(len(lines), _MAX_LINES_OF_TITLE) and is_title_like(lines[n]) and not heading(lines[n]):
        n += 1
    if len(lines) <= 3 and not any(
        heading(line) or len(clean(line)) > _MAX_SUBTITLE_LENGTH for line in lines[n:]
    ):
        n = len(lines)
    if n == len(lines):
        return [Block(lines, block.n_blank, form)]
    if not is_title:
        return [block]
    return [Block(lines[:n], block.n_blank, form, is_set_over=True), Block(lines[n:], 0)]


def _titled(blocks: list[Block], words_before: list[int]) -> list[int]:
    """Blocks in capitals that are the titles of unnumbered chapters; none where they are anything else."""
    gap = sorted(block.n_blank for block in blocks)[len(blocks) // 4] if blocks else 0
    titles = [
        i
        for i, (block, below) in enumerate(pairwise([*blocks, Block([""])]))
        if len(block.lines) == 1
        and (title := title_of_block(block)).isupper()
        and len(title) <= _MAX_SUBTITLE_LENGTH
        and title[-1] not in ".,;:"
        and max(block.n_blank, below.n_blank) > gap
    ]
    told = [
        (i, n) for i, j in pairwise([*titles, len(blocks)]) if (n := words_before[j] - words_before[i + 1])
    ]
    if (
        len(told) < 3
        or words_before[titles[0]] > _MAX_WORDS_UNTITLED
        or median(n for _, n in told) < _MIN_WORDS_OF_TITLED
    ):
        return []
    return titles
