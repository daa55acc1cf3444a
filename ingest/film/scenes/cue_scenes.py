"""Scenes of a film of which only the cues are known: at pauses in the talk."""

from __future__ import annotations

import numpy as np


def scenes_of_cues(
    starts_s: np.ndarray,
    ends_s: np.ndarray,
    duration_s: float,
    gap_s: float,
    shortest_s: float,
    longest_s: float,
) -> list[float]:
    """Starts of scenes where only cues are known: at pauses of at least `gap_s`, no scene shorter than
    `shortest_s`; one longer than `longest_s` is cut at its longest pause.

    Parameters
    ----------
    starts_s, ends_s : numpy.ndarray
        Of the cues in order of time, shape (n,).
    duration_s : float
        Of the film.
    gap_s, shortest_s, longest_s : float

    Returns
    -------
    list of float
        In seconds, ascending; the first is 0.
    """
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
