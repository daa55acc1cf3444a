"""Shots into scenes by dynamic programming (StoryGraphs, CVPR 2014; METHOD section 4), and cues into
scenes where a film has no picture."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import expit

LONGEST_SHOTS = 100
THREAD_REACH = 24
THREAD_DISTANCE = 0.05
LEAST_GAIN = 0.8
FORBIDDEN = -1e6  # finite: where more than 100 shots leave no other cut, a scene begins even there


def similarity(distance: np.ndarray) -> np.ndarray:
    """Similarity of a shot to a scene, from the mean Euclidean distance of their histograms."""
    return expit(2.8316 - 13.7814 * distance)


def scene_starts(histograms: np.ndarray, held: np.ndarray, n_scenes: int = 0) -> list[int]:
    """First shots of the scenes.

    Parameters
    ----------
    histograms : numpy.ndarray
        Shape (n, 216), one a shot.
    held : numpy.ndarray
        Shape (n,), true where a cue is being spoken over the cut before the shot: no scene begins there.
    n_scenes : int
        How many, if the film has so many shots and scenes of at most 100 shots allow so few; 0 for as
        many as gain at least 0.8 each, at most a fifth of the shots.

    Returns
    -------
    list of int
        Indices from 0, the first 0.
    """
    n = len(histograms)
    fewest = -(-n // LONGEST_SHOTS)
    most = min(max(n_scenes or n // 5, fewest), n)
    gains = _gains(histograms, held)
    end, before = np.indices(gains.shape)
    earlier = np.maximum(end - before - 1, 0)
    # best[j]: most gained when the scenes so far take the first j shots.
    best = np.where(np.arange(n + 1) == 0, 0.0, -np.inf)
    choices, total = [], -np.inf
    for count in range(1, most + 1):
        through = best[earlier] + gains
        best = through.max(axis=1)
        if not n_scenes and count > fewest and best[n] - total < LEAST_GAIN:
            break
        choices.append(through.argmax(axis=1) + 1)
        total = best[n]
    starts, start = [], n
    for chosen in reversed(choices):
        start -= int(chosen[start])
        starts.append(start)
    return starts[::-1]


def _gains(histograms: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Gain of a scene of `l` shots that ends before shot `j`, and of the next one's beginning there.

    Row j of n + 1, column l - 1 of at most 100; -inf where fewer than l shots precede.
    """
    n = len(histograms)
    longest = min(n, LONGEST_SHOTS)
    decay = 1 - 0.5 * (np.arange(LONGEST_SHOTS + 1) / LONGEST_SHOTS) ** 2
    # Column k - 1: of shot j and the one k before it; added up, of shot j and the k before it.
    distance = np.full((n, longest), np.inf)
    for lag in range(1, longest + 1):
        distance[lag:, lag - 1] = np.linalg.norm(histograms[lag:] - histograms[:-lag], axis=1)
    thread, crossed = _threads(distance)
    linked = np.zeros((n, longest))
    for lag in range(1, longest + 1):
        linked[lag:, lag - 1] = thread[lag:] == thread[:-lag]
    alike = similarity(distance.cumsum(axis=1) / np.arange(1, longest + 1))

    # What shot j gains as the l-th of its scene, laid along the scene's shots and added up.
    first, place = np.indices((n, longest))
    shot = np.minimum(first + place, n - 1)
    same = (alike + linked.cumsum(axis=1))[shot[:, 1:], place[:, 1:] - 1]
    within = np.pad((decay[2 : longest + 1] * same).cumsum(axis=1), ((0, 0), (1, 0)))

    end, before = np.indices((n + 1, longest))
    length = before + 1
    gains = np.where(length <= end, within[np.maximum(end - length, 0), before], -np.inf)
    new = np.where(held[:, None], FORBIDDEN, np.maximum(0, 1 - alike - crossed[:, None]))
    gains[:-1] += decay[LONGEST_SHOTS + 1 - length[:-1]] * new  # after a long scene a new one is likelier
    return gains


def _threads(distance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The thread of each shot, and whether one goes over the cut before the shot, each of shape (n,).

    Shots are of one thread where they show the same view, again within 24 shots. The paper matches SIFT
    points of their frames; nearly equal colours stand for that here.
    """
    n = len(distance)
    later, lag = np.nonzero(distance[:, :THREAD_REACH] < THREAD_DISTANCE)
    earlier = later - lag - 1
    _, thread = connected_components(coo_array((np.ones(len(later)), (later, earlier)), shape=(n, n)), False)
    links = np.bincount(earlier + 1, minlength=n + 1) - np.bincount(later + 1, minlength=n + 1)
    return thread, links[:n].cumsum() > 0


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
    middle_s = (start_s + end_s) / 2
    # Captions that run without a pause are cut evenly.
    _, at_s = max(inside, key=lambda pause: (pause[0], -abs(pause[1] - middle_s)))
    return [
        *_cut_long(start_s, at_s, pauses, shortest_s, longest_s),
        *_cut_long(at_s, end_s, pauses, shortest_s, longest_s),
    ]
