"""How well segments meet known joins and marked scenes: P_k and WindowDiff of each way to cut.

Run: python benchmarks/segmentation.py (encodes about 600,000 words; needs the extra `test`).
Joined texts: ten pieces of 500 to 1500 words, each drawn from another chapter than the one before, of
several novels or of one; units are paragraphs. Scenes: texts with each scene's start marked by a reader;
units are sentences. The segmenters' settings were chosen on other texts, but for the weight of phrases of
time, which was compared on the scenes (see docs/segmentation.md).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import click
import numpy as np
from nltk.metrics.segmentation import pk, windowdiff
from nltk.tokenize.texttiling import TextTilingTokenizer
from scipy.sparse import coo_array
from spacy.lang.en.stop_words import STOP_WORDS

from bookscore.engine.models import Models, SentenceEncoder
from bookscore.ingest.book.formats import book_file
from bookscore.ingest.book.prose import count_words
from bookscore.ingest.book.segmentation import segment_runs, time_cues, tw_finch

DATA = Path(__file__).parents[2] / "shared" / "data"
NOVELS = ("a-farewell-to-arms", "frankenstein", "vanity-fair")
N_JOINED = 60
N_PIECES = 10
PIECE_WORDS = (500, 1500)


@dataclass(frozen=True)
class Text:
    """A text whose segments are known.

    Attributes
    ----------
    units : tuple of str
        Its paragraphs or sentences.
    vectors : numpy.ndarray
        Theirs, shape (n, dim).
    cuts : list of int
        Units that begin a segment, counted from 0; the first unit is not among them.
    """

    units: tuple[str, ...]
    vectors: np.ndarray
    cuts: list[int]

    @property
    def n_words(self) -> np.ndarray:
        return np.array([max(1, count_words(unit)) for unit in self.units])

    @property
    def segment_words(self) -> int:
        return round(int(self.n_words.sum()) / (len(self.cuts) + 1))


class Tiling(TextTilingTokenizer):
    """NLTK's TextTiling, its block comparison (same scores) by sparse sums: it takes minutes a novel else."""

    def _block_comparison(self, tokseqs: list, token_table: dict) -> list[float]:
        places = [
            (block, word, count)
            for word, entry in enumerate(token_table.values())
            for block, count in entry.ts_occurences
        ]
        blocks, words, counts = zip(*places, strict=True)
        table = coo_array((counts, (blocks, words)), shape=(len(tokseqs), len(token_table)), dtype=float)
        table = table.tocsr()
        n_gaps = len(tokseqs) - 1
        scores = []
        for gap in range(n_gaps):
            size = gap + 1 if gap < self.k - 1 else min(self.k, n_gaps - gap)
            left = table[gap - size + 1 : gap + 1].sum(axis=0)
            right = table[gap + 1 : gap + size + 1].sum(axis=0)
            norm = np.sqrt((left @ left) * (right @ right))
            scores.append(float(left @ right / norm) if norm else 0.0)
        return scores

    def _normalize_boundaries(self, text: str, boundaries: list, paragraph_breaks: list) -> list[int]:
        return []  # `unit_cuts` moves them to the nearest unit


TILING = Tiling(stopwords=STOP_WORDS, demo_mode=True)


@cache
def tiles(units: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """TextTiling's depth of each gap, and whether it cuts there."""
    *_, depths, boundaries = TILING.tokenize("\n\n".join(units))
    return np.array(depths), np.array(boundaries)


def unit_cuts(units: Sequence[str], gaps: Sequence[int]) -> list[int]:
    """Units whose start lies nearest to the gaps, which are counted in TextTiling's own words."""
    ends = np.cumsum([len(re.findall(r"\w+", re.sub(r"[^a-z\-' \n\t]", "", u.lower()))) for u in units])
    return sorted({int(np.abs(ends[:-1] - (gap + 1) * TILING.w).argmin()) + 1 for gap in gaps})


def text_tiling(text: Text) -> list[int]:
    return unit_cuts(text.units, np.flatnonzero(tiles(text.units)[1]).tolist())


def text_tiling_deepest(text: Text) -> list[int]:
    """As many as there are, by depth, as far apart as TextTiling wants them."""
    depths, _ = tiles(text.units)
    chosen: list[int] = []
    for gap in np.argsort(-depths, kind="stable").tolist():
        if (
            len(chosen) < len(text.cuts)
            and depths[gap] > 0
            and all(abs(gap - other) >= 4 for other in chosen)
        ):
            chosen.append(gap)
    return unit_cuts(text.units, chosen)


def equal_lengths(text: Text) -> list[int]:
    words = np.cumsum(text.n_words)
    n_segments = len(text.cuts) + 1
    wanted = words[-1] * np.arange(1, n_segments) / n_segments
    return sorted({int(np.abs(words[:-1] - place).argmin()) + 1 for place in wanted})


def third_partition(text: Text) -> list[int]:
    """The authors' code: the third partition (or the last there is), cut where the label changes."""
    partitions = tw_finch(text.vectors)
    return (np.flatnonzero(np.diff(partitions[min(2, len(partitions) - 1)])) + 1).tolist()


def segmented(text: Text, segmenter: str, with_cues: bool = False) -> list[int]:
    cues = time_cues(text.units) if with_cues else None
    runs = segment_runs(text.vectors, text.n_words, text.segment_words, segmenter, cues)
    return [first for first, _ in runs[1:]]


# TextTiling and the authors' rule find their own number of cuts. All others are told the true number, or
# the mean length that it makes.
WAYS: dict[str, Callable[[Text], list[int]]] = {
    "no cut at all": lambda text: [],
    "equal lengths": equal_lengths,
    "TextTiling": text_tiling,
    "TextTiling, deepest": text_tiling_deepest,
    "TW-FINCH, authors' rule": third_partition,
    "TW-FINCH, contiguous": partial(segmented, segmenter="tw-finch"),
    "least squares, no cues": partial(segmented, segmenter="least-squares"),
    "least squares": partial(segmented, segmenter="least-squares", with_cues=True),
}


def scores(text: Text, cuts: list[int]) -> tuple[float, float, float]:
    """P_k and WindowDiff, k half the mean true length in units, and how many of the true number are cut."""
    n = len(text.units)
    k = max(2, round(n / (len(text.cuts) + 1) / 2))
    true, found = ("".join("01"[i in set(places)] for i in range(1, n)) for places in (text.cuts, cuts))
    return pk(true, found, k=k), windowdiff(true, found, k=k), len(cuts) / len(text.cuts)


def scenes(path: Path, encoder: SentenceEncoder) -> Text:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [(mark, " ".join(sentence.split())) for mark, sentence in csv.reader(file)]
    units = tuple(sentence for _, sentence in rows)
    cuts = [i for i, (mark, _) in enumerate(rows) if mark == "1" and i]
    return Text(units, encoder.encode(units), cuts)


Chapters = list[tuple[list[str], np.ndarray]]


def novel(path: Path, encoder: SentenceEncoder, last_chapter: int | None = None) -> Chapters:
    """Each chapter's paragraphs and their vectors."""
    chapters = book_file.read(path).chapters[:last_chapter]
    texts = [[paragraph.text for paragraph in chapter.paragraphs] for chapter in chapters]
    return [(paragraphs, encoder.encode(paragraphs)) for paragraphs in texts]


def joined(novels: Sequence[Chapters], random: np.random.Generator) -> Text:
    units: list[str] = []
    vectors: list[np.ndarray] = []
    starts: list[int] = []
    drawn = None
    while len(starts) < N_PIECES:
        book = int(random.integers(len(novels)))
        chapter = int(random.integers(len(novels[book])))
        paragraphs, chapter_vectors = novels[book][chapter]
        n_words = int(random.integers(*PIECE_WORDS))
        words = np.cumsum([0, *map(count_words, paragraphs)])
        if words[-1] < n_words or (book, chapter) == drawn:
            continue
        first = int(random.integers(np.searchsorted(words, words[-1] - n_words, side="right")))
        end = int(np.searchsorted(words, words[first] + n_words))
        drawn = (book, chapter)
        starts.append(len(units))
        units += paragraphs[first:end]
        vectors.append(chapter_vectors[first:end])
    return Text(tuple(units), np.concatenate(vectors), starts[1:])


def report(title: str, texts: Sequence[Text]) -> None:
    click.echo(f"\n{title}\n{'':26}   P_k  WindowDiff  cuts/true")
    for name, way in WAYS.items():
        p_k, window_diff, share = np.mean([scores(text, way(text)) for text in texts], axis=0)
        click.echo(f"{name:26} {p_k:.3f}       {window_diff:.3f}      {share:5.2f}")


def main() -> None:
    encoder = Models("embedded").sentence
    novels = [novel(DATA / "books" / f"{name}.epub", encoder) for name in NOVELS]
    random = np.random.default_rng(2026)
    report("pieces of several novels", [joined(novels, random) for _ in range(N_JOINED)])
    report("pieces of one novel", [joined([novels[i % 3]], random) for i in range(N_JOINED)])
    paths = sorted((DATA / "scenes").glob("*.csv"))
    marked = [scenes(path, encoder) for path in paths]
    report("marked scenes, mean of the texts", marked)
    for path, text in zip(paths, marked, strict=True):
        report(f"marked scenes: {path.stem}, {len(text.cuts)} cuts", [text])


if __name__ == "__main__":
    main()
