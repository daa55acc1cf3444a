"""Which lines of a text are its chapters' headings: those of sure form, and of the others those that count up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from bookscore.ingest.book.chapters.headings import Heading

_MIN_WORDS_UNSURE = 50  # fewer between most of them are the items of a list
_MIN_LENGTH_PAGES = 3
_MAX_WORDS_ABOVE = 300  # of a title page; numerals after more may count the stanzas of a song
_MAX_SHARE_BROKEN = 1 / 3  # of numerals that stand inside a sentence: more are the numbers of pages


@dataclass(frozen=True)
class Candidate:
    """A line that may be a heading.

    Attributes
    ----------
    place : int
        Its number among the text's blocks.
    form : Heading
    n_words : int
        From it to the next candidate.
    follows_sentence : bool
        Whether the text before it ends a sentence.
    is_set_over : bool
        Whether the text below begins on the very next line, as a paragraph's second line does.
    """

    place: int
    form: Heading
    n_words: int
    follows_sentence: bool = True
    is_set_over: bool = False


def chapter_headings(candidates: Sequence[Candidate], n_words_above: int) -> set[int]:
    """Places of the candidates that are headings.

    Headings of sure form ("Chapter 1") are. Of bare numerals and phrases ("1", "Day 1") one series at most is: one
    that counts up from 1, stands between sentences, and has text between. None is where two or more
    chapters are named so, for then the numerals number something smaller.

    Parameters
    ----------
    candidates : sequence of Candidate
        In reading order.
    n_words_above : int
        Before the first of them.
    """
    named = [c for c in candidates if c.form.kind and c.form.is_sure]
    numbers = {(c.form.series, c.form.number) for c in named}
    kept = {c.place for c in named if not c.is_set_over or _has_neighbour(c.form, numbers)}
    if sum(1 for c in named if c.place in kept and c.form.number and not c.form.is_part) >= 2:
        return kept
    series = [
        found
        for name in sorted({c.form.series for c in candidates if not (c.form.kind and c.form.is_sure)})
        if (found := _series(candidates, name))
        and _is_plausible(
            found, n_words_above + sum(c.n_words for c in candidates if c.place < found[0].place)
        )
    ]
    best = max(series, key=lambda found: median(c.n_words for c in found), default=[])
    return kept | {c.place for c in best}


def _has_neighbour(form: Heading, numbers: set[tuple[str, int | None]]) -> bool:
    return form.number is not None and any((form.series, form.number + step) in numbers for step in (-1, 1))


def _series(candidates: Sequence[Candidate], name: str) -> list[Candidate]:
    """Candidates of one kind that count up, from 1 anew or on through the parts; one number may be missing."""
    runs: list[list[Candidate]] = [[]]
    for candidate in candidates:
        if candidate.form.is_part and candidate.form.kind and candidate.form.series != name:
            runs.append([])
        elif candidate.form.series == name:
            runs[-1].append(candidate)
    found: list[Candidate] = []
    for run in runs:
        found += _counted(run, found[-1].form.number or 0 if found else 0)
    return found if len(found) > 1 else []


def _counted(run: Sequence[Candidate], last: int) -> Iterator[Candidate]:
    for i, candidate in enumerate(run):
        number = candidate.form.number or 0
        following = run[i + 1].form.number if i + 1 < len(run) else None
        if (number == 1 and following in (None, 2, 3)) or (last and last < number <= last + 2):
            last = number
            yield candidate


def _is_plausible(series: Sequence[Candidate], n_words_above: int) -> bool:
    n_broken = sum(not c.follows_sentence for c in series)
    if len(series) >= _MIN_LENGTH_PAGES and n_broken > _MAX_SHARE_BROKEN * len(series):
        return False
    is_sure = all(c.form.is_sure and not c.is_set_over for c in series) and n_words_above <= _MAX_WORDS_ABOVE
    # The last has all that follows, be it the item of a list.
    return is_sure or median(c.n_words for c in series[:-1]) >= _MIN_WORDS_UNSURE
