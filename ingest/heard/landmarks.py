"""Landmarks of a sound (Wang 2003): pairs of spectral peaks, with the figures of audfprint (METHOD 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import numpy as np

RATE_HZ = 11025
FFT, HOP = 512, 256
FRAME_S = HOP / RATE_HZ
FAN_OUT = 3
MOST_BINS = 31
FRAMES = (2, 63)  # least and greatest distance of the two peaks
# A peak is the greatest of the 2 * REACH + 1 frames and bins around it. That gives some 45 landmarks a second
# in music, more than audfprint's 20: under speech of equal level it finds each 10 s window, not just most.
REACH_FRAMES, REACH_BINS = 10, 12
LEAST_AMPLITUDE = 1e-4  # of a full-scale sine: below it there is only noise


def landmarks(sound: np.ndarray, start_s: float = 0.0) -> pl.DataFrame:
    """Landmarks of a block of sound. The few pairs across the ends of blocks are not made.

    Parameters
    ----------
    sound : numpy.ndarray
        Mono, shape (n,), at `RATE_HZ`.
    start_s : float
        Time of its first sample.

    Returns
    -------
    polars.DataFrame
        time_s: of the first peak, `start_s` and a multiple of `FRAME_S`; hash: bin of the first peak
        (8 bits), bins to the second (6, two's complement), frames to the second (6). In order of time, hash.
    """
    import numpy as np

    frames, bins = _peaks(sound)
    found = [np.empty((2, 0), int)]
    # Each peak is paired with the first peaks after it that lie in its target zone.
    n_paired = np.zeros(len(frames), int)
    for step in range(1, len(frames)):
        gap, rise = frames[step:] - frames[:-step], bins[step:] - bins[:-step]
        if gap.min() > FRAMES[1]:
            break
        in_zone = (gap >= FRAMES[0]) & (gap <= FRAMES[1]) & (np.abs(rise) <= MOST_BINS)
        paired = np.flatnonzero(in_zone & (n_paired[:-step] < FAN_OUT))
        n_paired[paired] += 1
        hashes = bins[paired] << 12 | (rise[paired] & 0x3F) << 6 | gap[paired]
        found.append(np.stack([frames[paired], hashes]))
    at, hashes = np.concatenate(found, axis=1)
    order = np.lexsort((hashes, at))
    schema = {"time_s": pl.Float32, "hash": pl.Int32}
    return pl.DataFrame(
        {"time_s": start_s + at[order] * FRAME_S, "hash": hashes[order]}, schema_overrides=schema
    )


def _peaks(sound: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Frames and bins (0..255) of the spectral peaks, ordered by frame, then bin."""
    import numpy as np
    from scipy.fft import rfft
    from scipy.ndimage import maximum_filter
    from scipy.signal.windows import hann

    if len(sound) < FFT:
        return np.empty(0, int), np.empty(0, int)
    window = hann(FFT, sym=False).astype(np.float32)
    pieces = np.lib.stride_tricks.sliding_window_view(sound, FFT)[::HOP]
    amplitude = np.abs(rfft(pieces * window, axis=1))[:, :256] / (window.sum() / 2)
    greatest = maximum_filter(amplitude, size=(2 * REACH_FRAMES + 1, 2 * REACH_BINS + 1))
    frames, bins = np.nonzero((amplitude == greatest) & (amplitude >= LEAST_AMPLITUDE))
    return frames, bins
