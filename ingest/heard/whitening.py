"""Sound with all its bands at nearly the same level, so that it can be told under other sound (METHOD 7c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

WHITENING = 0.3  # the power to which magnitudes are raised: 0 makes all alike, 1 leaves them
WINDOW_S = 0.128
CHUNK_FRAMES = 4096  # of the spectrogram at a time, to bound memory


def whiten(sound: np.ndarray, rate_hz: int) -> np.ndarray:
    """The sound with its short-time spectra's magnitudes raised to `WHITENING` and their phases kept.

    Parameters
    ----------
    sound : numpy.ndarray
        Mono float32, shape (n,).
    rate_hz : int

    Returns
    -------
    numpy.ndarray
        Likewise.
    """
    import numpy as np
    from scipy.fft import irfft, rfft
    from scipy.signal.windows import hann

    hop = round(WINDOW_S * rate_hz / 2)
    root = np.sqrt(hann(2 * hop, sym=False)).astype(np.float32)  # squared, two of them add up to 1
    n_frames = -(-len(sound) // hop) + 1
    padded = np.zeros((n_frames + 1) * hop, np.float32)
    padded[hop : hop + len(sound)] = sound
    out = np.zeros_like(padded)
    frames = np.lib.stride_tricks.sliding_window_view(padded, 2 * hop)[::hop]
    for first in range(0, n_frames, CHUNK_FRAMES):
        spectra = rfft(frames[first : first + CHUNK_FRAMES] * root, axis=1)
        spectra *= np.maximum(np.abs(spectra), 1e-6) ** np.float32(WHITENING - 1)
        pieces = irfft(spectra, axis=1) * root
        at = first * hop
        out[at : at + len(pieces) * hop] += pieces[:, :hop].ravel()
        out[at + hop : at + hop + len(pieces) * hop] += pieces[:, hop:].ravel()
    return out[hop : hop + len(sound)]
