"""How alike a shot is to the shots before it: the paper's measure, and one fitted to the film itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

LONGEST_SHOTS = 100
NEAR_SHOTS = 3
FAR_SHOTS = 50
FAR_LAGS = 64
# Before a film tells otherwise: the offset, and what each distance weighs; how surely, as a variance.
OFFSET, WEIGHT, VARIANCE = 4.0, 6.0, 4.0


def paper_similarity(histograms: np.ndarray) -> np.ndarray:
    """The paper's similarity (METHOD section 4): of the mean Euclidean distance of colour histograms.

    Parameters
    ----------
    histograms : numpy.ndarray
        Shape (n, 216), each adding up to 1.

    Returns
    -------
    numpy.ndarray
        Shape (n, at most 100): at row j, column k - 1 the similarity of shot j to the k shots before it, 0
        to 1; 0 where fewer precede.
    """
    return _similarity(2.8316, 13.7814 * _lagged(histograms))


def fitted_similarity(features: Sequence[np.ndarray]) -> np.ndarray:
    """A similarity whose scale is the film's own.

    How far apart the pictures of one scene are differs from film to film: a dark film's shots all lie near
    each other. So a logistic regression learns, without marks, to tell shots that are near in time from
    shots that are far: its odds say how much likelier a distance is within a scene than across the film.
    A short film tells little; its weights stay near what made films have.

    Parameters
    ----------
    features : sequence of numpy.ndarray
        Shape (n, d) each: ways to see the n shots, e.g. square roots of colour histograms, unit vectors.

    Returns
    -------
    numpy.ndarray
        As `paper_similarity`'s.
    """
    n = len(features[0])
    far_from = min(FAR_SHOTS, n)
    near, far = (
        np.concatenate([_apart(features, lag) for lag in lags] or [np.zeros((0, len(features)))])
        for lags in (
            range(1, min(NEAR_SHOTS, n - 1) + 1),
            np.unique(np.linspace(far_from, n - 1, FAR_LAGS).astype(int)) if n > far_from else (),
        )
    )
    weights = [WEIGHT / len(features)] * len(features)
    fitted = np.array([OFFSET, *weights])
    if len(far):
        fitted = _regression(near, far, n / 2, fitted)
    distance = np.sum([w * _lagged(feature) for w, feature in zip(fitted[1:], features, strict=True)], axis=0)
    return _similarity(fitted[0], distance)


def _apart(features: Sequence[np.ndarray], lag: int) -> np.ndarray:
    """Distances of shots that are `lag` apart, a column a feature."""
    return np.stack([np.linalg.norm(f[lag:] - f[:-lag], axis=1) for f in features], axis=1)


def _lagged(vectors: np.ndarray) -> np.ndarray:
    """Column k - 1: the distance of shot j and the one k before it; 0 where there is none."""
    n = len(vectors)
    longest = min(n, LONGEST_SHOTS)
    distance = np.zeros((n, longest))
    for lag in range(1, min(longest, n - 1) + 1):
        distance[lag:, lag - 1] = _apart([vectors], lag)[:, 0]
    return distance


def _similarity(offset: float, distance: np.ndarray) -> np.ndarray:
    mean = distance.cumsum(axis=1) / np.arange(1, distance.shape[1] + 1)
    return expit(offset - mean) * np.tri(len(mean), mean.shape[1], k=-1)


def _regression(near: np.ndarray, far: np.ndarray, evidence: float, prior: np.ndarray) -> np.ndarray:
    """Offset and weights that tell near from far pairs best, each side counting `evidence` pairs in all.

    No weight is negative: what looks farther apart is never likelier of one scene.
    """
    signs = np.concatenate([np.ones(len(near)), -np.ones(len(far))])
    count = np.concatenate([np.full(len(side), evidence / len(side)) for side in (near, far)])
    inputs = np.pad(-np.concatenate([near, far]), ((0, 0), (1, 0)), constant_values=1) * signs[:, None]

    def loss(coefficients: np.ndarray) -> tuple[float, np.ndarray]:
        score, off = inputs @ coefficients, coefficients - prior
        return (
            count @ np.logaddexp(0, -score) + off @ off / (2 * VARIANCE),
            -(count * expit(-score)) @ inputs + off / VARIANCE,
        )

    bounds = [(None, None), *[(0, None)] * near.shape[1]]
    return minimize(loss, prior, jac=True, method="L-BFGS-B", bounds=bounds).x
