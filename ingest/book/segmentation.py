"""Chapters into segments that each get one piece of music, by their paragraphs' vectors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

Run = tuple[int, int]
"""First paragraph and the one after the last, counted from 0."""

_MIN_SHARE = 0.3  # of the wanted length: shorter music would change before it is heard
_MAX_SHARE = 3.0
# A segment e times as long or short as wanted costs this many paragraphs' variance: best of .75 to 3 on texts
# joined from pieces of Alice and A Little Princess (docs/segmentation.md), and flat from 1 to 2.
_LENGTH_WEIGHT = 2.0
_CUE_WEIGHT = 1.0  # in the same unit; 2 and 3 do nearly as well on the marked scenes
_LEAST_VARIANCE = 1e-6  # paragraphs that all say the same are cut evenly

_OPENING_WORDS = 14
_SPEECH = tuple("\"'“‘«»„‚`‹›「")
_TIME = re.compile(
    r"""\b(?:
        (?:next|following|that|this|same|one|another|late\ in\ the|early\ in\ the|in\ the|by|towards?|at|until|after
          |before|for|two|three|four|five|six|ten|several|few|some|many|every|first|last)
        \ (?:\w+\ )?
        (?:dawn|morning|noon|afternoon|evening|night|midnight|minute|hour|day|week|month|year
          |spring|summer|autumn|winter|(?:mon|tues|wednes|thurs|fri|satur|sun)day)s?
        |meanwhile|meantime|presently|afterwards?|later|soon\ after|at\ last|at\ length|yesterday|tomorrow
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)

_JOINED_MAX_SHARE = 2.0
_RUNS_PER_SEGMENT = 4  # joins begin at a partition this many times finer than wanted
_ROWS_AT_ONCE = 1024


def time_cues(texts: Sequence[str]) -> np.ndarray:
    """Which texts open with a phrase of time ("The next morning"), as new scenes do; speech does not count.

    English only: in other languages hardly any does, and the vectors decide alone.

    Returns
    -------
    numpy.ndarray
        Of bool, shape (len(texts),).
    """
    openings = [" ".join(text.split()[:_OPENING_WORDS]) for text in texts]
    return np.array([not text.startswith(_SPEECH) and bool(_TIME.search(text)) for text in openings])


def segment_runs(
    vectors: np.ndarray,
    n_words: np.ndarray,
    segment_words: int,
    segmenter: str = "least-squares",
    cues: np.ndarray | None = None,
) -> list[Run]:
    """Contiguous segments of a chapter with a mean length near `segment_words`.

    None is shorter than 0.3 of the wanted length, unless the whole chapter is.

    Parameters
    ----------
    vectors : numpy.ndarray
        Sentence vectors of the chapter's paragraphs, shape (n, dim).
    n_words : numpy.ndarray
        Words of each paragraph, shape (n,).
    segment_words : int
        Wanted mean length in words.
    segmenter : str
        ``least-squares`` (see `least_squares_runs`) or ``tw-finch``, the paper's (see `tw_finch_runs`).
    cues : numpy.ndarray, optional
        Of bool, shape (n,): paragraphs at which a segment rather begins (see `time_cues`). The paper's
        segmenter takes no notice of them.

    Returns
    -------
    list of (int, int)
        At least one; together they cover the chapter.

    Raises
    ------
    ValueError
        No segmenter has that name.
    """
    if segmenter == "tw-finch":
        return tw_finch_runs(vectors, n_words, segment_words)
    if segmenter == "least-squares":
        return least_squares_runs(vectors, n_words, segment_words, cues)
    raise ValueError(f"no segmenter is called {segmenter!r}")


def least_squares_runs(
    vectors: np.ndarray, n_words: np.ndarray, segment_words: int, cues: np.ndarray | None = None
) -> list[Run]:
    """The segments whose paragraphs lie nearest to their segment's mean, found exactly.

    Dynamic programme over (number of segments, end of the last), as for change points in the mean
    (Auger & Lawrence 1989). A segment costs its paragraphs' squared distances from their mean, each
    weighted by the square root of its words, and ``ln(words / wanted)^2`` (a log-normal prior on lengths)
    times twice the chapter's variance, less once the variance where it begins at a cue.

    Parameters
    ----------
    vectors : numpy.ndarray
        Sentence vectors of the chapter's paragraphs, shape (n, dim).
    n_words : numpy.ndarray
        Words of each paragraph, shape (n,).
    segment_words : int
        Wanted mean length in words.
    cues : numpy.ndarray, optional
        Of bool, shape (n,): paragraphs at which a segment rather begins (see `time_cues`).

    Returns
    -------
    list of (int, int)
        At least one; together they cover the chapter.
    """
    words = np.concatenate([[0], np.cumsum(n_words)])
    n, n_wanted = len(vectors), max(1, round(int(words[-1]) / segment_words))
    if n_wanted == 1:
        return [(0, n)]
    # A paragraph of one line says less of what its segment is about than one of a page.
    weights = np.sqrt(n_words) / np.sqrt(n_words).mean()
    weight = np.concatenate([[0], np.cumsum(weights)])
    centred = vectors - np.average(vectors.astype(float), axis=0, weights=weights)
    total = np.concatenate([np.zeros((1, vectors.shape[1])), np.cumsum(centred * weights[:, None], axis=0)])
    squares = np.concatenate([[0], np.cumsum(weights * (centred**2).sum(axis=1))])
    variance = max(squares[-1] / n, _LEAST_VARIANCE)
    start_costs = np.zeros(n) if cues is None else -_CUE_WEIGHT * variance * cues

    least = np.full((n_wanted + 1, n + 1), np.inf)
    least[0, 0] = 0
    last_start = np.zeros(least.shape, dtype=np.int32)
    # Filling each segment up to the wanted length never takes more than this, so there is always a way.
    longest = _MAX_SHARE * segment_words + n_words.max()
    firsts = np.searchsorted(words, words - longest)
    ends = np.searchsorted(words, words - _MIN_SHARE * segment_words, side="right")
    for end in range(1, n + 1):
        starts = np.arange(firsts[end], ends[end])
        if not len(starts):
            continue
        summed = total[end] - total[starts]
        spread = squares[end] - squares[starts] - (summed**2).sum(axis=1) / (weight[end] - weight[starts])
        lengths = (words[end] - words[starts]) / segment_words
        costs = spread + _LENGTH_WEIGHT * variance * np.log(lengths) ** 2 + start_costs[starts]
        costs = least[:-1, starts] + costs
        best = costs.argmin(axis=1)
        least[1:, end] = costs[np.arange(n_wanted), best]
        last_start[1:, end] = starts[best]

    cuts = [n]
    for n_left in range(int(least[:, n].argmin()), 0, -1):
        cuts.append(int(last_start[n_left, cuts[-1]]))
    return list(pairwise(reversed(cuts)))


def tw_finch(vectors: np.ndarray) -> list[np.ndarray]:
    """The hierarchy of partitions of a sequence (Sarfraz et al., CVPR 2021; METHOD 1).

    Each round links every cluster to its nearest by ``cosine distance * |difference of mean times|``;
    what hangs together becomes one cluster. Clusters need not be contiguous.

    Parameters
    ----------
    vectors : numpy.ndarray
        Shape (n, dim), in order of time.

    Returns
    -------
    list of numpy.ndarray
        Cluster labels of shape (n,), the finest partition first; empty where n is 1.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(vectors)
    times = np.arange(n) / n
    labels = np.arange(n)
    partitions: list[np.ndarray] = []
    while (n_clusters := labels.max() + 1) > 1:
        nearest = _nearest(_means(vectors, labels), _means(times[:, None], labels)[:, 0])
        # Two that share a nearest hang together through it, so these links are FINCH's whole graph.
        links = coo_array(
            (np.ones(n_clusters), (np.arange(n_clusters), nearest)), shape=(n_clusters, n_clusters)
        )
        _, merged = connected_components(links, directed=False)
        labels = merged[labels]
        partitions.append(labels)
    return partitions


def _means(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    sums = np.zeros((labels.max() + 1, values.shape[1]))
    np.add.at(sums, labels, values)
    return sums / np.bincount(labels)[:, None]


def _nearest(means: np.ndarray, times: np.ndarray) -> np.ndarray:
    unit = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
    nearest = np.empty(len(unit), dtype=np.intp)
    for first in range(0, len(unit), _ROWS_AT_ONCE):
        rows = slice(first, first + _ROWS_AT_ONCE)
        # The floor keeps rounding from ranking equal texts: of those the nearer in time is chosen.
        cosine_distance = np.maximum(1 - unit[rows] @ unit.T, 1e-6)
        distance = cosine_distance * np.abs(times[rows, None] - times)
        distance[np.arange(len(distance)), np.arange(first, first + len(distance))] = np.inf
        nearest[rows] = distance.argmin(axis=1)
    return nearest


def tw_finch_runs(vectors: np.ndarray, n_words: np.ndarray, segment_words: int) -> list[Run]:
    """TW-FINCH made contiguous.

    The coarsest TW-FINCH partition whose runs have at most a quarter of the wanted length in the mean is
    taken; a run of more than twice the wanted length is replaced by its runs in finer partitions. Then
    neighbours are joined by Ward's criterion until none is shorter than 0.3 of the wanted length and
    there are no more than the chapter's length calls for.

    Parameters
    ----------
    vectors : numpy.ndarray
        Sentence vectors of the chapter's paragraphs, shape (n, dim).
    n_words : numpy.ndarray
        Words of each paragraph, shape (n,).
    segment_words : int
        Wanted mean length in words.

    Returns
    -------
    list of (int, int)
        At least one; together they cover the chapter.
    """
    n_wanted = max(1, round(int(n_words.sum()) / segment_words))
    partitions = [*map(_runs, reversed(tw_finch(vectors))), [(i, i + 1) for i in range(len(vectors))]]
    level = next(
        (i for i, runs in enumerate(partitions) if len(runs) >= _RUNS_PER_SEGMENT * n_wanted),
        len(partitions) - 1,
    )
    runs = partitions[level]
    for finer in partitions[level + 1 :]:
        runs = [
            piece for run in runs for piece in _split(run, finer, n_words, _JOINED_MAX_SHARE * segment_words)
        ]
    return _join(runs, vectors, n_words, n_wanted, segment_words)


def _runs(labels: np.ndarray) -> list[Run]:
    changes = np.flatnonzero(np.diff(labels)) + 1
    return list(pairwise([0, *changes.tolist(), len(labels)]))


def _split(run: Run, finer: list[Run], n_words: np.ndarray, max_words: float) -> list[Run]:
    start, end = run
    if n_words[start:end].sum() <= max_words:
        return [run]
    return [(max(a, start), min(b, end)) for a, b in finer if a < end and b > start]


def _join(
    runs: list[Run], vectors: np.ndarray, n_words: np.ndarray, n_wanted: int, segment_words: int
) -> list[Run]:
    runs = list(runs)
    words = [int(n_words[a:b].sum()) for a, b in runs]
    gaps = [_ward(left, right, vectors) for left, right in pairwise(runs)]
    while len(runs) > 1:
        shortest = min(range(len(runs)), key=words.__getitem__)
        if words[shortest] < _MIN_SHARE * segment_words:
            candidates = [i for i in (shortest - 1, shortest) if 0 <= i < len(gaps)]
        elif len(runs) > n_wanted:
            candidates = [
                i for i in range(len(gaps)) if words[i] + words[i + 1] <= _JOINED_MAX_SHARE * segment_words
            ]
        else:
            break
        if not candidates:
            break
        i = min(candidates, key=gaps.__getitem__)
        runs[i : i + 2] = [(runs[i][0], runs[i + 1][1])]
        words[i : i + 2] = [words[i] + words[i + 1]]
        del gaps[i]
        for j in (i - 1, i):
            if 0 <= j < len(gaps):
                gaps[j] = _ward(runs[j], runs[j + 1], vectors)
    return runs


def _ward(left: Run, right: Run, vectors: np.ndarray) -> float:
    """How much joining two runs adds to the squared distances from their means (Ward 1963)."""
    n_left, n_right = left[1] - left[0], right[1] - right[0]
    apart = vectors[slice(*left)].mean(axis=0) - vectors[slice(*right)].mean(axis=0)
    return float(apart @ apart) * n_left * n_right / (n_left + n_right)
