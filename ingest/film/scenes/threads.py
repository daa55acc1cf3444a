"""Threads: shots that show the same view again (StoryGraphs, CVPR 2014; METHOD section 4)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

REACH = 24
SAME_VIEW = 0.9
CELLS = (16, 9)
DARK, LIT_SHARE = 20, 0.05


def views(pictures: Iterable[np.ndarray]) -> np.ndarray:
    """What each picture shows, coarsely, to tell the same camera position again.

    The paper matches SIFT points, which are found again in any view of the same set: on made films most of
    the links are wrong. Cells of colour find a third of the repeated views, nearly all of them right, in a
    thousandth of the time (benchmarks/scenes.py).

    Parameters
    ----------
    pictures : iterable of numpy.ndarray
        RGB uint8, (height, width, 3) each.

    Returns
    -------
    numpy.ndarray
        Shape (n, 432): colours of 16 x 9 cells less the picture's mean colour, of length 1. Cells that are
        dark in nearly all pictures, as letterbox is, do not count.
    """
    import cv2

    seen = [cv2.resize(picture, CELLS, interpolation=cv2.INTER_AREA).reshape(-1, 3) for picture in pictures]
    if not seen:
        return np.zeros((0, 3 * CELLS[0] * CELLS[1]))
    cells = np.array(seen, float)
    lit = (cells.max(axis=2) > DARK).mean(axis=0) > LIT_SHARE
    cells = cells[:, lit] - cells[:, lit].mean(axis=1, keepdims=True) if lit.any() else np.zeros_like(cells)
    flat = cells.reshape(len(cells), -1)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-9)


def find_threads(first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shots whose first frame shows what a shot up to 24 before it ended with are of one thread.

    Parameters
    ----------
    first, last : numpy.ndarray
        Shape (n, d): `views` of the shots' first and last frames.

    Returns
    -------
    numpy.ndarray
        Shape (n,): the thread of each shot; one that shows its view alone has its own.
    numpy.ndarray
        Shape (n,): whether a thread goes over the cut before the shot.
    """
    n = len(first)
    pairs = [
        (later, later - lag)
        for lag in range(1, min(REACH, n - 1) + 1)
        for later in lag + np.flatnonzero(np.einsum("nd,nd->n", first[lag:], last[:-lag]) >= SAME_VIEW)
    ]
    later, earlier = np.array(pairs, int).reshape(-1, 2).T
    _, thread = connected_components(coo_array((np.ones(len(later)), (later, earlier)), shape=(n, n)), False)
    links = np.bincount(earlier + 1, minlength=n + 1) - np.bincount(later + 1, minlength=n + 1)
    return thread, links[:n].cumsum() > 0
