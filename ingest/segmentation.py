"""Chapters into segments that each get one piece of music: TW-FINCH over paragraph vectors."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

Run = tuple[int, int]
"""First paragraph and the one after the last, counted from 0."""

_MIN_SHARE = 0.3  # of the wanted length: shorter music would change before it is heard
_MAX_SHARE = 2.0
# Joins begin at a partition this many times finer than wanted: of 120 texts joined from known pieces the
# mean P_k fell from .25 (1) to .22 (2), .20 (3) and .19 (4); even lengths have .34.
_RUNS_PER_SEGMENT = 4
_ROWS_AT_ONCE = 1024


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


def segment_runs(vectors: np.ndarray, n_words: np.ndarray, segment_words: int) -> list[Run]:
    """Contiguous segments of a chapter with a mean length near `segment_words`.

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
        runs = [piece for run in runs for piece in _split(run, finer, n_words, _MAX_SHARE * segment_words)]
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
                i for i in range(len(gaps)) if words[i] + words[i + 1] <= _MAX_SHARE * segment_words
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
