"""Shots into scenes by dynamic programming (StoryGraphs, CVPR 2014; METHOD section 4)."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from bookscore.ingest.film.scenes.shot_similarity import LONGEST_SHOTS

PAPER_LEAST_GAIN = 0.8
PAPER_SHOTS_A_SCENE = 5
LEAST_GAIN = 0.4
SHOTS_A_SCENE = 3
EXPECTED_WEIGHT = 0.15
FORBIDDEN = -1e6  # finite: where more than 100 shots leave no other cut, a scene begins even there


def scene_starts(
    alike: np.ndarray,
    thread: np.ndarray,
    crossed: np.ndarray,
    held: np.ndarray,
    n_scenes: int = 0,
    expected: float = 0.0,
) -> list[int]:
    """First shots of the scenes.

    Parameters
    ----------
    alike : numpy.ndarray
        Shape (n, at most 100): how alike shot j is to the k shots before it (`ingest.film.scenes.shot_similarity`).
    thread, crossed : numpy.ndarray
        Shape (n,): the thread of each shot, and whether one goes over the cut before it (`ingest.film.scenes.threads`).
    held : numpy.ndarray
        Shape (n,): whether a sentence is being spoken over the cut before the shot: no scene begins there.
    n_scenes : int
        How many, if the film has so many shots and scenes of at most 100 shots allow so few; 0: by rule.
    expected : float
        How many scenes such a film has. The rule takes the number with the highest total, each scene
        costing 0.4 and numbers being as likely as Poisson's law says. 0: the paper's rule, as many as
        gain at least 0.8 each, at most a fifth of the shots.

    Returns
    -------
    list of int
        Indices from 0, the first 0.
    """
    n = len(alike)
    fewest = -(-n // LONGEST_SHOTS)
    shots_a_scene = SHOTS_A_SCENE if expected else PAPER_SHOTS_A_SCENE
    most = min(max(n_scenes or n // shots_a_scene, fewest), n)
    totals, lengths = _best_by_count(_gains(alike, thread, crossed, held), most)
    count = (n_scenes and most) or _count(totals, fewest, expected)
    starts, start = [], n
    for chosen in reversed(lengths[:count]):
        start -= int(chosen[start])
        starts.append(start)
    return starts[::-1]


def _count(totals: np.ndarray, fewest: int, expected: float) -> int:
    """The number of scenes by rule; `totals[i]` is the most that i + 1 scenes gain."""
    if not expected:
        gains = np.diff(totals[fewest - 1 :])
        return fewest + int(np.argmax(np.append(gains < PAPER_LEAST_GAIN, True)))
    count = np.arange(fewest, len(totals) + 1)
    likely = count - count * np.log(count / expected)
    cost = LEAST_GAIN * count - EXPECTED_WEIGHT * likely
    return fewest + int(np.argmax(totals[fewest - 1 :] - cost))


def _best_by_count(gains: np.ndarray, most: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """Most gained by 1, 2, ... scenes, and the length of the last one of so many that end before shot j."""
    n, longest = len(gains) - 1, gains.shape[1]
    # best[longest + j]: most gained when the scenes so far take the first j shots.
    best = np.full(longest + n + 1, -np.inf)
    best[longest] = 0.0
    totals, lengths = np.empty(most), []
    rows = np.arange(n + 1)
    for count in range(most):
        through = sliding_window_view(best, longest)[: n + 1, ::-1] + gains
        chosen = through.argmax(axis=1)
        best[longest:] = through[rows, chosen]
        lengths.append((chosen + 1).astype(np.uint8))
        totals[count] = best[-1]
    return totals, lengths


def _gains(alike: np.ndarray, thread: np.ndarray, crossed: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Gain of a scene of `l` shots that ends before shot `j`, and of the next one's beginning there.

    Row j of n + 1, column l - 1 of at most 100; -inf where fewer than l shots precede.
    """
    n, longest = alike.shape
    decay = 1 - 0.5 * (np.arange(LONGEST_SHOTS + 1) / LONGEST_SHOTS) ** 2
    linked = np.zeros((n, longest))
    for lag in range(1, longest + 1):
        linked[lag:, lag - 1] = thread[lag:] == thread[:-lag]

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
