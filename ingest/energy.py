"""Loudness and onsets of music: what makes it stirring or calm."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

GATING_BLOCK_S = 0.4
SILENCE_DB = -120.0


def momentary_lufs(block: np.ndarray, rate_hz: int) -> list[float]:
    """K-weighted loudness of each 400 ms of a block of sound (ITU-R BS.1770-4), 100 ms apart.

    Parameters
    ----------
    block : numpy.ndarray
        Shape (n, channels). A block shorter than 400 ms has none.
    rate_hz : int

    Returns
    -------
    list of float
        In LUFS; ``-inf`` for silence.
    """
    import pyloudnorm

    if len(block) < GATING_BLOCK_S * rate_hz:
        return []
    meter = pyloudnorm.Meter(rate_hz, block_size=GATING_BLOCK_S)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the mean of no loud block, where all is silent
        meter.integrated_loudness(block)
    return meter.blockwise_loudness


def integrated_lufs(momentary: list[float]) -> float | None:
    """Loudness of a whole sound from its momentary loudness, gated twice (BS.1770-4); None for silence."""
    import numpy as np

    power = 10 ** (np.array(momentary) / 10)
    loud = power[power >= 10**-7.0]
    if not len(loud):
        return None
    return float(10 * np.log10(loud[loud > loud.mean() / 10].mean()))


def rms_db(window: np.ndarray) -> float:
    """Level of a window in dB below full scale; `SILENCE_DB` at the least."""
    import numpy as np

    return float(10 * np.log10(max(np.mean(np.square(window)), 10 ** (SILENCE_DB / 10))))


def onset_times(blocks: Iterable[np.ndarray], rate_hz: int) -> np.ndarray:
    """Times of note onsets in seconds: peaks of the spectral flux, which is made block by block.

    Parameters
    ----------
    blocks : iterable of numpy.ndarray
        Mono sound; a block's length is a multiple of 25 ms, except the last one's.
    rate_hz : int
    """
    import librosa
    import numpy as np

    hop = rate_hz // 40
    flux = [
        librosa.onset.onset_strength(y=block, sr=rate_hz, hop_length=hop)[: -(-len(block) // hop)]
        for block in blocks
    ]
    return librosa.onset.onset_detect(
        onset_envelope=np.concatenate(flux), sr=rate_hz, hop_length=hop, units="time"
    )
