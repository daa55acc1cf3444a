"""Keystrength of music, and where it changes (paper 3.1): chroma, key profiles, self-similarity, novelty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

# Weight of each pitch class, counted from the tonic, in a major and in a minor key.
PROFILES = {
    "gomez": (
        (1.56131, 0.83963, 1.19286, 0.75862, 1.41572, 1.03002, 0.87559, 1.53610, 0.84147, 1.21410, 0.72352, 1.13310),
        (1.62216, 0.80274, 1.15874, 1.38134, 0.97946, 1.04864, 0.85950, 1.54662, 1.05230, 1.01790, 1.12776, 0.98619),
    ),
    "krumhansl": (
        (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
        (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
    ),
}  # fmt: skip
LOWEST_HZ, HIGHEST_HZ = 100.0, 6400.0
C4_HZ = 261.6256
# Of at most 2. Music that keeps its key ripples up to about 0.15; a change of key makes 0.2 to 1.4. A curve
# below this is not scaled up to 1, so that a track in one key is not cut at its ripples.
LEAST_CHANGE = 0.9


def windows(
    blocks: Iterable[np.ndarray], rate_hz: int, window_s: float, hop_s: float
) -> Iterator[tuple[float, np.ndarray]]:
    """Overlapping windows of a sound, each with the time of its middle in seconds.

    A sound shorter than a window is one window; what is left after the last whole window is left out.
    """
    import numpy as np

    size, hop = round(window_s * rate_hz), round(hop_s * rate_hz)
    held, start = np.empty(0, np.float32), 0
    for block in blocks:
        held = np.concatenate((held, block))
        while len(held) >= size:
            yield (start + size / 2) / rate_hz, held[:size]
            held, start = held[hop:], start + hop
    if start == 0 and len(held):
        yield len(held) / 2 / rate_hz, held


def chroma(window: np.ndarray, rate_hz: int) -> np.ndarray:
    """Energy of the 12 pitch classes from C, divided by the greatest; all 0 for silence."""
    import numpy as np
    from scipy.fft import rfft
    from scipy.signal.windows import hann

    power = np.abs(rfft(window * hann(len(window), sym=False).astype(np.float32))) ** 2
    wanted, pitch_class = _pitch_classes(len(power), rate_hz)
    energy = np.bincount(pitch_class, weights=power[wanted], minlength=12)
    return energy / max(energy.max(), np.finfo(np.float32).tiny)


@lru_cache(maxsize=2)
def _pitch_classes(n_bins: int, rate_hz: int) -> tuple[slice, np.ndarray]:
    """The bins of a spectrum from `LOWEST_HZ` to `HIGHEST_HZ` and the pitch class nearest to each."""
    import numpy as np

    hz = np.linspace(0, rate_hz / 2, n_bins)
    wanted = slice(int(np.searchsorted(hz, LOWEST_HZ)), int(np.searchsorted(hz, HIGHEST_HZ, "right")))
    return wanted, np.rint(12 * np.log2(hz[wanted] / C4_HZ)).astype(int) % 12


def keystrength(chromas: np.ndarray, profile: str) -> np.ndarray:
    """Pearson correlation of chromas with the profiles of all keys (Gómez 2006; Krumhansl 1990).

    Parameters
    ----------
    chromas : numpy.ndarray
        Shape (n, 12).
    profile : str
        A name in `PROFILES`.

    Returns
    -------
    numpy.ndarray
        Shape (n, 24): C..B major, then c..b minor; -1..1, and 0 where a chroma is flat or silent.
    """
    import numpy as np

    keys = np.array([np.roll(mode, tonic) for mode in PROFILES[profile] for tonic in range(12)])
    return (
        _unit(chromas - chromas.mean(axis=1, keepdims=True))
        @ _unit(keys - keys.mean(axis=1, keepdims=True)).T
    )


def novelty(strength: np.ndarray, kernel_frames: int, edge_frames: int) -> np.ndarray:
    """How much the key changes at each frame: a checkerboard kernel along the diagonal of self-similarity.

    The kernel (Foote 2000), tapered by ``exp(-4 (u² + v²))`` with u and v in -1..1, is an outer product,
    and so is the matrix of cosine similarities: their correlation is half the squared distance of the
    tapered means of the unit vectors before and after the frame. It equals the mean similarity inside
    the two sides less that between them. Nearer to an end than half a kernel, both sides are cut to the
    shorter one, which also shrinks the kernel in a track that it does not fit.

    Parameters
    ----------
    strength : numpy.ndarray
        Keystrength, shape (n, 24).
    kernel_frames : int
    edge_frames : int
        Frames at each end that are left at 0: too few are left beside them to be one side of a change.

    Returns
    -------
    numpy.ndarray
        Shape (n,), 0..1: 1 at the track's greatest change, unless all stay below `LEAST_CHANGE`.
    """
    import numpy as np

    unit, n = _unit(strength), len(strength)
    half = max(kernel_frames // 2, 1)
    taper = np.exp(-4 * (np.arange(1, half + 1) / half) ** 2)[:, None]
    curve = np.zeros(n)
    edge = max(edge_frames, 1)
    for frame in range(edge, n - edge):
        reach = min(half, frame, n - 1 - frame)
        weight = taper[:reach] / taper[:reach].sum()
        before = (weight * unit[frame - reach : frame][::-1]).sum(axis=0)
        after = (weight * unit[frame + 1 : frame + 1 + reach]).sum(axis=0)
        curve[frame] = np.sum((before - after) ** 2) / 2
    return curve / max(curve.max(initial=0), LEAST_CHANGE)


def changes(curve: np.ndarray, threshold: float, contrast: float, apart_frames: float) -> np.ndarray:
    """Frames at which a new segment begins: the highest peaks of a novelty curve.

    Parameters
    ----------
    curve : numpy.ndarray
        Novelty, 0..1.
    threshold : float
        Least height of a peak.
    contrast : float
        Least height above the dip that parts it from a higher one.
    apart_frames : float
        Least distance of two peaks; the higher one stays.
    """
    from scipy.signal import find_peaks

    found, _ = find_peaks(curve, height=threshold, prominence=contrast, distance=max(apart_frames, 1))
    return found


def _unit(rows: np.ndarray) -> np.ndarray:
    import numpy as np

    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
