"""Keystrength of music, and where it changes (paper 3.1): chroma, key profiles, self-similarity, novelty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

# Weight of each pitch class, counted from the tonic, in a major and in a minor key: Aarden (2003), Albrecht and
# Shanahan (2013), Faraldo et al. (2017; bgate), Gómez (2006), Krumhansl (1990), Sha'ath (2011).
PROFILES = {
    "aarden": (
        (17.7661, 0.145624, 14.9265, 0.160186, 19.8049, 11.3587, 0.291248, 22.062, 0.145624, 8.15494, 0.232998, 4.95122),
        (18.2648, 0.737619, 14.0499, 16.8599, 0.702494, 14.4362, 0.702494, 18.6161, 4.56621, 1.93186, 7.37619, 1.75623),
    ),
    "albrecht": (
        (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
        (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
    ),
    "bgate": (
        (1.00, 0.00, 0.42, 0.00, 0.53, 0.37, 0.00, 0.77, 0.00, 0.38, 0.21, 0.30),
        (1.00, 0.00, 0.36, 0.39, 0.00, 0.38, 0.00, 0.74, 0.27, 0.00, 0.42, 0.23),
    ),
    "gomez": (
        (1.56131, 0.83963, 1.19286, 0.75862, 1.41572, 1.03002, 0.87559, 1.53610, 0.84147, 1.21410, 0.72352, 1.13310),
        (1.62216, 0.80274, 1.15874, 1.38134, 0.97946, 1.04864, 0.85950, 1.54662, 1.05230, 1.01790, 1.12776, 0.98619),
    ),
    "krumhansl": (
        (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
        (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
    ),
    "shaath": (
        (6.6, 2.0, 3.5, 2.3, 4.6, 4.0, 2.5, 5.2, 2.4, 3.7, 2.3, 3.4),
        (6.5, 2.7, 3.5, 5.4, 2.6, 3.5, 2.5, 5.2, 4.0, 2.7, 4.3, 3.2),
    ),
}  # fmt: skip
LOWEST_HZ, HIGHEST_HZ = 100.0, 6400.0
C4_HZ = 261.6256
FRAME_S = 0.25
SPECTRUM_S = 0.512  # a semitone at 100 Hz is three of its bins
BATCH = 256  # spectra in memory at once
LEAST_PEAK = 2.5e-6  # 100 dB below a full-scale tone: what is softer is silence, not a key
# Of at most 2. Cadences in one key stay below 0.03, a change from major to the minor of the same tonic makes
# 0.2, most others 0.4 to 0.8. A curve below this is not scaled up to 1: a track in one key is not cut.
LEAST_CHANGE = 0.2


def windows(
    blocks: Iterable[np.ndarray], rate_hz: int, window_s: float, hop_s: float
) -> Iterator[tuple[float, np.ndarray]]:
    """Overlapping windows of a sound, each with the time of its middle in seconds.

    A sound shorter than a window is one window; what is left after the last whole window is left out.

    Parameters
    ----------
    blocks : iterable of numpy.ndarray
        The sound in order, mono.
    rate_hz : int
    window_s, hop_s : float
        Length of the windows, and from the start of one to the start of the next.

    Yields
    ------
    (float, numpy.ndarray)
        Time in seconds, and the window's samples.
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


def chroma_frames(blocks: Iterable[np.ndarray], rate_hz: int) -> np.ndarray:
    """Pitch classes every `FRAME_S`: the peaks of short spectra from `LOWEST_HZ` to `HIGHEST_HZ`, folded.

    Peaks only, for what lies between them is noise and leakage. Each frame is divided by the root of its
    sum, so that a few loud chords do not decide the key of all that is round them.

    Parameters
    ----------
    blocks : iterable of numpy.ndarray
        Mono sound; how it is cut into blocks makes no difference.
    rate_hz : int
        Above twice `HIGHEST_HZ`.

    Returns
    -------
    numpy.ndarray
        Shape (n, 12) from C; frame i has its middle at ``i * FRAME_S + SPECTRUM_S / 2`` seconds. A sound
        shorter than `SPECTRUM_S` has one frame.
    """
    import numpy as np

    size, hop = round(SPECTRUM_S * rate_hz), round(FRAME_S * rate_hz)
    held, found = np.empty(0, np.float32), []
    for block in blocks:
        held = np.concatenate((held, block))
        if len(held) >= size:
            slices = np.lib.stride_tricks.sliding_window_view(held, size)[::hop]
            found += [_peaks(slices[i : i + BATCH], rate_hz) for i in range(0, len(slices), BATCH)]
            held = held[len(slices) * hop :]
    if not found:
        found = [_peaks(np.pad(held, (0, size - len(held)))[None], rate_hz)]
    return np.concatenate(found)


def chroma_windows(frames: np.ndarray, times_s: np.ndarray, window_s: float) -> np.ndarray:
    """Chroma of the windows about `times_s`, each divided by its greatest value; all 0 for silence.

    Parameters
    ----------
    frames : numpy.ndarray
        Chroma frames of the whole sound, shape (n, 12).
    times_s : numpy.ndarray
        Middles of the windows, shape (m,).
    window_s : float

    Returns
    -------
    numpy.ndarray
        Shape (m, 12).
    """
    import numpy as np

    sums = np.concatenate((np.zeros((1, 12)), np.cumsum(frames, axis=0, dtype=float)))
    middles = SPECTRUM_S / 2 + FRAME_S * np.arange(len(frames))
    first = np.searchsorted(middles, np.asarray(times_s) - window_s / 2).clip(0, len(frames) - 1)
    last = np.searchsorted(middles, np.asarray(times_s) + window_s / 2).clip(first + 1, len(frames))
    energy = sums[last] - sums[first]
    return energy / np.maximum(energy.max(axis=1, keepdims=True), 1e-6)


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
    return _centred(chromas) @ _centred(keys).T


def novelty(frames: np.ndarray, kernel_frames: int, edge_frames: int) -> np.ndarray:
    """How much the key changes at each frame: a checkerboard kernel along the diagonal of self-similarity.

    The kernel (Foote 2000), tapered by ``exp(-4 (u² + v²))`` with u and v in -1..1, is an outer product,
    and so is the matrix of similarities: their correlation is half the squared distance of the tapered
    means of the unit vectors before and after the frame. It equals the mean similarity inside the two sides
    less that between them. Nearer to an end than half a kernel, both sides are cut to the shorter one,
    which also shrinks the kernel in a track that it does not fit.

    The similarity is the correlation of the frames' chroma, square roots taken so that soft notes count.
    Keystrength is linear in it and says the same, but of windows too long to tell the moment of a change.

    Parameters
    ----------
    frames : numpy.ndarray
        Chroma frames, shape (n, 12).
    kernel_frames : int
    edge_frames : int
        Frames at each end that are left at 0: too few are left beside them to be one side of a change.

    Returns
    -------
    numpy.ndarray
        Shape (n,), 0..1: 1 at the track's greatest change, unless all stay below `LEAST_CHANGE`.
    """
    import numpy as np

    unit, n = _centred(np.sqrt(frames.clip(0))), len(frames)
    half = max(kernel_frames // 2, 1)
    taper = np.exp(-4 * (np.arange(1, half + 1) / half) ** 2)
    curve = np.zeros(n)
    edge = max(edge_frames, 1)
    for frame in range(edge, n - edge):
        reach = min(half, frame, n - 1 - frame)
        weight = taper[:reach] / taper[:reach].sum()
        before = weight @ unit[frame - reach : frame][::-1]
        after = weight @ unit[frame + 1 : frame + 1 + reach]
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


def _peaks(slices: np.ndarray, rate_hz: int) -> np.ndarray:
    """Chroma frames of slices of sound, shape (n, samples) to (n, 12)."""
    import numpy as np
    from scipy.fft import rfft
    from scipy.signal.windows import hann

    size = slices.shape[1]
    magnitude = np.abs(rfft(slices * hann(size, sym=False).astype(np.float32), axis=1)) / size
    low, high, folded = _pitch_classes(size, rate_hz)
    middle = magnitude[:, low:high]
    is_peak = (middle > magnitude[:, low - 1 : high - 1]) & (middle >= magnitude[:, low + 1 : high + 1])
    frames = (middle * (is_peak & (middle > LEAST_PEAK))) @ folded
    return frames / np.sqrt(np.maximum(frames.sum(axis=1, keepdims=True), 1e-12))


@lru_cache(maxsize=2)
def _pitch_classes(size: int, rate_hz: int) -> tuple[int, int, np.ndarray]:
    """First and last bin of a spectrum's range, and the pitch class nearest to each as a row of 0 and 1."""
    import numpy as np

    hz = np.fft.rfftfreq(size, 1 / rate_hz)
    low, high = int(np.searchsorted(hz, LOWEST_HZ)), int(np.searchsorted(hz, HIGHEST_HZ, "right"))
    nearest = np.rint(12 * np.log2(hz[low:high] / C4_HZ)).astype(int) % 12
    return low, high, np.eye(12, dtype=np.float32)[nearest]


def _centred(rows: np.ndarray) -> np.ndarray:
    """Rows less their mean, of length 1, so that a product of two is their correlation; 0 where flat."""
    import numpy as np

    rows = rows - rows.mean(axis=1, keepdims=True)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
