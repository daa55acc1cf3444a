"""Shots into scenes by dynamic programming (StoryGraphs, CVPR 2014; METHOD section 4), and cues into
scenes where a film has no picture."""

from __future__ import annotations

import numpy as np

LONGEST_SHOTS = 100
THREAD_REACH = 24
THREAD_DISTANCE = 0.05
LEAST_GAIN = 0.8


def similarity(distance: np.ndarray) -> np.ndarray:
    """Similarity of a shot to a scene, from the mean Euclidean distance of their histograms."""
    return 1 / (1 + np.exp(13.7814 * distance - 2.8316))


def threads(histograms: np.ndarray) -> np.ndarray:
    """Which shots are of one thread: the same view, seen again within 24 shots.

    The paper matches SIFT points of last and first frames; nearly equal colours stand for that here.

    Parameters
    ----------
    histograms : numpy.ndarray
        Shape (n, 216).

    Returns
    -------
    numpy.ndarray
        Shape (n,): the number of each shot's thread.
    """
    thread = np.arange(len(histograms))
    for j in range(len(histograms)):
        near = np.arange(max(0, j - THREAD_REACH), j)
        alike = near[np.linalg.norm(histograms[near] - histograms[j], axis=1) < THREAD_DISTANCE]
        for i in alike:  # closed transitively
            thread[thread == thread[j]] = thread[i]
    return thread


def scene_starts(histograms: np.ndarray, held: np.ndarray, n_scenes: int = 0) -> list[int]:
    """First shots of the scenes.

    Parameters
    ----------
    histograms : numpy.ndarray
        Shape (n, 216), one a shot.
    held : numpy.ndarray
        Shape (n,), true where a cue is being spoken over the cut before the shot: no scene begins there.
    n_scenes : int
        How many; 0 for as many as gain at least 0.8 each, at most a fifth of the shots.

    Returns
    -------
    list of int
        Indices from 0, the first 0.
    """
    n = len(histograms)
    most = n_scenes or max(1, n // 5)
    same, new = _gains(histograms, held)
    longest = same.shape[1] - 1
    decay = 1 - 0.5 * (np.arange(longest + 2) / LONGEST_SHOTS) ** 2
    # best[j, l]: most gained with shot j as the l-th shot of the i-th scene, for the present i.
    best = np.full((n, longest + 1), -np.inf)
    best[0, 1] = 0
    for j in range(1, n):
        best[j, 2:] = best[j - 1, 1:-1] + decay[1:longest] * same[j, 2:]
    totals, choices = [best[-1].max()], []
    ends = [int(best[-1].argmax())]
    for _ in range(1, most):
        after = np.full((n, longest + 1), -np.inf)
        came_from = np.zeros(n, dtype=int)
        for j in range(1, n):
            # A scene of l shots ended before j: the longer it was, the likelier that a new one begins.
            opened = best[j - 1, 1:] + decay[LONGEST_SHOTS + 1 - np.arange(1, longest + 1)] * new[j]
            came_from[j] = opened.argmax() + 1
            after[j, 1] = opened.max()
            after[j, 2:] = after[j - 1, 1:-1] + decay[1:longest] * same[j, 2:]
        choices.append(came_from)
        best = after
        totals.append(best[-1].max())
        ends.append(int(best[-1].argmax()))
        if not n_scenes and totals[-1] - totals[-2] < LEAST_GAIN:
            totals.pop()
            break
    count = len(totals)
    starts, end, length = [], n - 1, ends[count - 1]
    for i in range(count - 1, 0, -1):
        start = end - length + 1
        starts.append(start)
        end, length = start - 1, int(choices[i - 1][start])
    return [0, *reversed(starts)]


def _gains(histograms: np.ndarray, held: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gain of shot j as the l-th shot of its scene, shape (n, longest + 1), and as a scene's first, (n,)."""
    n = len(histograms)
    longest = min(n, LONGEST_SHOTS)
    thread = threads(histograms)
    same = np.zeros((n, longest + 1))
    new = np.zeros(n)
    for j in range(1, n):
        earlier = np.arange(j - 1, max(-1, j - longest), -1)
        distance = np.linalg.norm(histograms[earlier] - histograms[j], axis=1)
        mean = np.cumsum(distance) / np.arange(1, len(earlier) + 1)
        linked = np.cumsum(thread[earlier] == thread[j])
        same[j, 2 : 2 + len(earlier)] = similarity(mean) + linked
        # Against the shots just before it, as many as a scene of five shots would have.
        recent = min(len(earlier), 4)
        crosses = np.isin(thread[earlier[:THREAD_REACH]], thread[j : j + THREAD_REACH]).any()
        new[j] = 0 if held[j] else max(0.0, 1 - similarity(mean[recent - 1]) - float(crosses))
    return same, new


def scenes_of_cues(
    starts_s: np.ndarray,
    ends_s: np.ndarray,
    duration_s: float,
    gap_s: float,
    shortest_s: float,
    longest_s: float,
) -> list[float]:
    """Starts of scenes where only cues are known: at pauses of at least `gap_s`, no scene shorter than
    `shortest_s`; one longer than `longest_s` is cut at its longest pause."""
    pauses = [(float(starts_s[i] - ends_s[:i].max()), float(starts_s[i])) for i in range(1, len(starts_s))]
    found = [0.0]
    for pause_s, at_s in pauses:
        if pause_s >= gap_s and at_s - found[-1] >= shortest_s and duration_s - at_s >= shortest_s:
            found.append(at_s)
    whole: list[float] = []
    for start_s, end_s in zip(found, [*found[1:], duration_s], strict=True):
        whole += _cut_long(start_s, end_s, pauses, shortest_s, longest_s)
    return whole


def _cut_long(
    start_s: float, end_s: float, pauses: list[tuple[float, float]], shortest_s: float, longest_s: float
) -> list[float]:
    inside = [
        (pause_s, at_s) for pause_s, at_s in pauses if start_s + shortest_s <= at_s <= end_s - shortest_s
    ]
    if end_s - start_s <= longest_s or not inside:
        return [start_s]
    _, at_s = max(inside)
    return [
        *_cut_long(start_s, at_s, pauses, shortest_s, longest_s),
        *_cut_long(at_s, end_s, pauses, shortest_s, longest_s),
    ]
