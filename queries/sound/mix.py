"""A soundtrack as one stream of sound, for a reader of a given speed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from bookscore.queries.sound.looping import Loop
from bookscore.queries.woven import Segment

if TYPE_CHECKING:
    import numpy as np

WORDS_PER_MIN = 250.0
FADE_S = 4.0
BLOCK_S = 10.0
HELD_LOOPS = 4
"""Decoded pieces that are kept for when they come again; 85 MB each at most."""


@dataclass(frozen=True)
class Stretch:
    """Segments on end that share a piece: it runs on through them.

    Attributes
    ----------
    segments : list of Segment
    borders_s : list of float
        Where each segment begins in the whole book's reading time, and where the last one ends.
    """

    segments: list[Segment]
    borders_s: list[float]


def stretches(segments: Iterable[Segment], words_per_min: float) -> list[Stretch]:
    """The segments in reading order, joined where the music stays.

    Parameters
    ----------
    segments : iterable of Segment
    words_per_min : float
        How fast the user reads.
    """
    found, n_words = [], 0
    for _, same in groupby(segments, key=lambda s: s.piece):
        inside = list(same)
        borders_s = [n_words * 60 / words_per_min]
        for segment in inside:
            n_words += segment.n_words
            borders_s.append(n_words * 60 / words_per_min)
        found.append(Stretch(inside, borders_s))
    return found


def mixed(book: list[Stretch], rate_hz: int, fade_s: float = FADE_S) -> Iterator[np.ndarray]:
    """The whole soundtrack, block by block.

    A piece is looped for as long as its segments are read. At a change the next piece fades in while the one
    before it fades out, at equal power; a stretch shorter than the fade shortens it, so that no more than
    two pieces ever sound.

    Parameters
    ----------
    book : list of Stretch
    rate_hz : int
    fade_s : float
        Of the changes, the beginning and the end.

    Yields
    ------
    numpy.ndarray
        float32, shape (2, n), `BLOCK_S` long at most.

    Raises
    ------
    BookscoreError
        A track cannot be read.
    """
    import numpy as np

    loops = held(book, rate_hz)
    lengths = [round(s.borders_s[-1] * rate_hz) - round(s.borders_s[0] * rate_hz) for s in book]
    fades = [min(round(fade_s * rate_hz), n) for n in lengths]
    tail = np.zeros((2, 0), np.float32)
    for number, stretch in enumerate(book):
        n, is_last = lengths[number], number + 1 == len(book)
        fall = fades[number] if is_last else fades[number + 1]
        position = 0
        overlap: list[np.ndarray] = []
        for block in faded(
            loops(stretch.segments[0].piece), n if is_last else n + fall, fades[number], fall, rate_hz
        ):
            shared = min(tail.shape[1], block.shape[1])
            block[:, :shared] += tail[:, :shared]
            tail = tail[:, shared:]
            inside = min(block.shape[1], n - position)
            position += inside
            if inside:
                yield block[:, :inside]
            if inside < block.shape[1]:
                overlap.append(block[:, inside:])
        tail = np.concatenate([tail, *overlap], axis=1)


def held(book: list[Stretch], rate_hz: int) -> Callable[[tuple[int, int]], Loop]:
    """Gives the loop of a piece; the last few stay decoded.

    Parameters
    ----------
    book : list of Stretch
        The whole soundtrack.
    rate_hz : int
        Samples a second of the loops.
    """
    pieces = {stretch.segments[0].piece: stretch.segments[0] for stretch in book}
    return lru_cache(HELD_LOOPS)(lambda piece: Loop.of(pieces[piece], rate_hz))


def faded(loop: Loop, n: int, rise: int, fall: int, rate_hz: int, first: int = 0) -> Iterator[np.ndarray]:
    """`n` samples of a loop from sample `first`, in blocks; the first `rise` fade in, the last `fall` out.

    Parameters
    ----------
    loop : Loop
    n : int
        Length in samples.
    rise, fall : int
        Lengths of the fades in samples; 0 for none.
    rate_hz : int
        Samples a second of the loop.
    first : int
        Number of the first sample in the loop.
    """
    import numpy as np

    block = round(BLOCK_S * rate_hz)
    for start in range(0, n, block):
        sound = loop.sound(first + start, min(block, n - start))
        at = np.arange(start, start + sound.shape[1], dtype=np.float32) + 0.5
        if rise and start < rise:
            sound = sound * np.sin(np.pi / 2 * np.minimum(at / rise, 1))
        if fall and start + sound.shape[1] > n - fall:
            sound = sound * np.cos(np.pi / 2 * np.maximum(at - (n - fall), 0) / fall)
        yield sound.astype(np.float32)
