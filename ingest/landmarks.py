"""Landmarks of a sound: pairs of spectral peaks (Wang 2003; METHOD section 7a)."""

from __future__ import annotations

import numpy as np
import polars as pl

RATE_HZ = 11025
N_FFT = 512
HOP = 256
FAN_OUT = 3
MAX_BINS_APART = 31
FRAMES_APART = (2, 63)
PEAKS_PER_S = 20


def landmarks(sound: np.ndarray, start_s: float = 0.0) -> pl.DataFrame:
    """Landmarks of a stretch of sound.

    Parameters
    ----------
    sound : numpy.ndarray
        Mono float32 at 11 025 Hz.
    start_s : float
        Time of its first sample.

    Returns
    -------
    polars.DataFrame
        time_s of the first peak (a multiple of 256/11025 s after `start_s`) and hash: bin of the first peak
        (8 bits), bins to the second plus 32 (6 bits), frames to the second (6 bits).
    """
    from scipy.ndimage import maximum_filter
    from scipy.signal import stft

    schema = {"time_s": pl.Float32, "hash": pl.Int32}
    if len(sound) < N_FFT:
        return pl.DataFrame(schema=schema)
    spectrum = np.abs(stft(sound, nperseg=N_FFT, noverlap=N_FFT - HOP, boundary=None, padded=False)[2])[:256]
    level = np.log(np.maximum(spectrum, spectrum.max() / 1e6 + 1e-12))
    level -= level.mean(axis=1, keepdims=True)  # steady bands make no landmarks
    # A peak is the loudest of its neighbourhood of about 0.35 s by 430 Hz.
    peak = (level == maximum_filter(level, size=(21, 15))) & (level > 0)
    bins, frames = np.nonzero(peak)
    strongest = np.argsort(-level[bins, frames], kind="stable")[: int(PEAKS_PER_S * len(sound) / RATE_HZ) + 1]
    order = strongest[np.lexsort((bins[strongest], frames[strongest]))]
    bins, frames = bins[order], frames[order]
    found = []
    for i in range(len(bins)):
        stop = np.searchsorted(frames, frames[i] + FRAMES_APART[1], side="right")
        later = np.arange(np.searchsorted(frames, frames[i] + FRAMES_APART[0]), stop)
        later = later[np.abs(bins[later] - bins[i]) <= MAX_BINS_APART][:FAN_OUT]
        hashes = (bins[i] << 12) | ((bins[later] - bins[i] + 32) << 6) | (frames[later] - frames[i])
        found += [(start_s + frames[i] * HOP / RATE_HZ, int(value)) for value in hashes]
    return pl.DataFrame(found, schema=schema, orient="row")
