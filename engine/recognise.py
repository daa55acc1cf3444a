"""Where in an album the music of a film comes from: whitened cross-correlation (METHOD 7c)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import numpy as np

WHITENING = 0.3  # power to which magnitudes are raised: 1 leaves them, 0 makes all alike
STFT_S = 0.128
SILENCE = 1e-4  # full scale is 1
FFT_SIZE = 2**17


def blocks_to_array(frame: pl.DataFrame) -> np.ndarray:
    """Blocks of int16 sound (``pcm``, in order) as one float32 array in -1..1."""
    import numpy as np

    return np.frombuffer(b"".join(frame["pcm"]), "<i2").astype(np.float32) / 32768


def whiten(sound: np.ndarray, rate_hz: int) -> np.ndarray:
    from scipy.signal import istft, stft
    import numpy as np

    n = round(STFT_S * rate_hz)
    out = np.zeros(len(sound), np.float32)
    _, _, Z = stft(sound, nperseg=n, noverlap=n - n // 2)
    mag = np.abs(Z)
    Z *= np.maximum(mag, 1e-9) ** (WHITENING - 1)
    _, y = istft(Z, nperseg=n, noverlap=n - n // 2)
    return y[: len(sound)].astype(np.float32)
