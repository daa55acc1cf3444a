"""Landmarks of a sound (Wang 2003): pairs of spectral peaks, with the figures of audfprint (METHOD 7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
# A peak is the greatest of the 2 * REACH + 1 frames and bins around it: about 10 peaks a second in music.
REACH_FRAMES, REACH_BINS = 10, 12
LEAST_AMPLITUDE = 1e-4  # of a full-scale sine: below it there is only noise


def landmarks(blocks: Iterable[np.ndarray]) -> pl.DataFrame:
    """Landmarks of a sound that comes in blocks; how it is cut into blocks makes no difference.

    Parameters
    ----------
    blocks : iterable of numpy.ndarray
        Mono sound at `RATE_HZ`.

    Returns
    -------
    polars.DataFrame
        time_s, a multiple of `FRAME_S`, and hash: bin of the first peak (8 bits), bins to the second
        (6 bits, two's complement), frames to the second (6 bits). Ordered by time_s, hash.
    """
    import numpy as np

    frames, bins = np.concatenate([np.empty((2, 0), int), *_peaks(blocks)], axis=1)
    found = []
    # Each peak is paired with the first peaks after it that lie in its target zone.
    n_paired = np.zeros(len(frames), int)
    for step in range(1, len(frames)):
        gap, rise = frames[step:] - frames[:-step], bins[step:] - bins[:-step]
        if gap.min() > FRAMES[1]:
            break
        near = (gap >= FRAMES[0]) & (gap <= FRAMES[1]) & (np.abs(rise) <= MOST_BINS)
        first = np.flatnonzero(near & (n_paired[:-step] < FAN_OUT))
        n_paired[first] += 1
        hashes = (bins[first] << 12) | ((rise[first] & 0x3F) << 6) | gap[first]
        found.append(np.stack([frames[first], hashes]))
    at, hashes = np.concatenate([np.empty((2, 0), int), *found], axis=1)
    order = np.lexsort((hashes, at))
    schema = {"time_s": pl.Float32, "hash": pl.Int32}
    return pl.DataFrame({"time_s": at[order] * FRAME_S, "hash": hashes[order]}, schema_overrides=schema)


def _peaks(blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Frames and bins of the spectral peaks, shape (2, n), ordered by frame, then bin."""
    import numpy as np

    held, start, fresh = np.empty(0, np.float32), 0, 0
    # `start` is the frame at which `held` begins, `fresh` the first whose peaks are not told yet.
    for block in blocks:
        held = np.concatenate((held, block))
        end = start + (len(held) - FFT) // HOP + 1 - REACH_FRAMES
        if end > fresh:
            yield _peaks_between(held, start, fresh, end)
            fresh = end
            kept = max(fresh - REACH_FRAMES, start)
            held, start = held[(kept - start) * HOP :], kept
    if len(held) >= FFT:
        yield _peaks_between(held, start, fresh, start + (len(held) - FFT) // HOP + 1)


def _peaks_between(sound: np.ndarray, start: int, first: int, end: int) -> np.ndarray:
    """Peaks of the frames `first` to `end` of a sound whose first frame is `start`."""
    import numpy as np
    from scipy.fft import rfft
    from scipy.ndimage import maximum_filter
    from scipy.signal.windows import hann

    window = hann(FFT, sym=False).astype(np.float32)
    cut = np.lib.stride_tricks.sliding_window_view(sound, FFT)[::HOP]
    amplitude = np.abs(rfft(cut * window, axis=1))[:, :256] / (window.sum() / 2)
    greatest = maximum_filter(amplitude, size=(2 * REACH_FRAMES + 1, 2 * REACH_BINS + 1), mode="constant")
    frames, bins = np.nonzero((amplitude == greatest) & (amplitude >= LEAST_AMPLITUDE))
    told = (frames >= first - start) & (frames < end - start)
    return np.stack([frames[told] + start, bins[told]])
