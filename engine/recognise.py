"""Where in an album the music of a film comes from: whitened cross-correlation (METHOD 7c).

Speech and effects drown music in a few bands at a time. Whitening gives all bands nearly the same weight,
so that a window of the film still correlates with its recording where neither ear nor fingerprint can
tell it. Only the very recording is found, at the speed at which it plays in the film.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import numpy as np

WHITENING = 0.3  # the power to which magnitudes are raised: 0 makes all alike, 1 leaves them
WHITENING_WINDOW_S = 0.128
CHUNK_FRAMES = 4096  # of the spectrogram at a time, to bound memory
FFT_SIZE = 2**18  # the fastest a result: longer ones leave the processor's cache
BATCH = 4
SILENCE_RMS = 1e-4  # -80 dB below full scale
LEAST_ENERGY = 0.05  # of a track's loudest place; quieter places are not raised to score like music

_COLUMNS = {
    "window_no": pl.Int32, "start_s": pl.Float64, "end_s": pl.Float64, "track_no": pl.Int32,
    "offset_s": pl.Float64, "score": pl.Float64,
}  # fmt: skip


def blocks_to_array(frame: pl.DataFrame) -> np.ndarray:
    """Rows of track_sound or film_sound, in block order, as one float32 array in -1..1."""
    import numpy as np

    return np.frombuffer(b"".join(frame["pcm"]), "<i2").astype(np.float32) / 32767


def recognise(
    film: np.ndarray,
    tracks: Mapping[int, np.ndarray],
    rate_hz: int,
    *,
    window_s: float = 10.0,
    hop_s: float = 5.0,
    progress: Callable[[int, int], None] | None = None,
) -> pl.DataFrame:
    """The best place in an album for each window of a film's sound.

    Parameters
    ----------
    film : numpy.ndarray
        Mono float32 at `rate_hz`.
    tracks : Mapping[int, numpy.ndarray]
        Sound of the album's tracks by number, likewise.
    rate_hz : int
    window_s, hop_s : float
    progress : callable
        Told the number of windows done and of all windows.

    Returns
    -------
    polars.DataFrame
        window_no (1..), start_s, end_s; track_no and offset_s, the place in the track at start_s (before
        the track's start or after its end where the window holds only its beginning or end), NULL for a
        silent window; score, the correlation of the whitened sounds, 0..1. Every other window has a best
        place: what is not music of the album is told by its score.
    """
    import numpy as np

    size, hop = round(window_s * rate_hz), round(hop_s * rate_hz)
    album = _Album.of(tracks, rate_hz, size)
    whitened = whiten(film, rate_hz)
    starts = range(0, max(len(film) - size, 0) + hop, hop) if len(film) else range(0)
    rows = []
    for no, start in enumerate(starts, 1):
        end = min(start + size, len(film))
        rms = np.sqrt(np.mean(np.square(film[start:end])))
        place = album.search(whitened[start:end]) if rms >= SILENCE_RMS else None
        track_no, offset, score = place or (None, None, 0.0)
        offset_s = None if offset is None else offset / rate_hz
        rows.append((no, start / rate_hz, end / rate_hz, track_no, offset_s, score))
        if progress:
            progress(no, len(starts))
    return pl.DataFrame(rows, schema=_COLUMNS, orient="row")


def whiten(sound: np.ndarray, rate_hz: int) -> np.ndarray:
    """The sound with its short-time spectra's magnitudes raised to `WHITENING` and their phases kept."""
    import numpy as np
    from scipy.fft import irfft, rfft
    from scipy.signal.windows import hann

    hop = round(WHITENING_WINDOW_S * rate_hz / 2)
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


@dataclass(frozen=True)
class _Album:
    """The tracks on one line, each after a window of silence, cut into overlapping blocks.

    Attributes
    ----------
    track_nos, first : numpy.ndarray
        Numbers of the tracks, and where each begins on the line.
    size : int
        Samples in a window.
    spectra : numpy.ndarray
        Shape (blocks, FFT_SIZE / 2 + 1).
    weight : numpy.ndarray
        One over the energy's root of the window at each place, shape (blocks, places in a block).
    """

    track_nos: np.ndarray
    first: np.ndarray
    size: int
    spectra: np.ndarray
    weight: np.ndarray

    @classmethod
    def of(cls, tracks: Mapping[int, np.ndarray], rate_hz: int, size: int) -> _Album:
        import numpy as np
        from scipy.fft import rfft

        sounds = [whiten(sound, rate_hz) for sound in tracks.values()]
        fft_size = max(FFT_SIZE, 4 * size)
        n_places = fft_size - size
        ends = np.cumsum([len(sound) + size for sound in sounds], dtype=int)
        n_blocks = -(-int(ends[-1]) // n_places) if len(ends) else 0
        line = np.zeros(n_blocks * n_places + size, np.float32)
        weight = np.zeros(n_blocks * n_places, np.float32)
        first = np.array([end - len(sound) for end, sound in zip(ends, sounds, strict=True)], dtype=int)
        for begin, sound in zip(first, sounds, strict=True):
            line[begin : begin + len(sound)] = sound
            places = slice(begin - size, begin + len(sound))
            weight[places] = _weights(sound, size)
        spectra = np.empty((n_blocks, fft_size // 2 + 1), np.complex64)
        for block in range(n_blocks):
            spectra[block] = rfft(line[block * n_places :][:fft_size], fft_size)
        return cls(
            np.array(list(tracks), dtype=int), first, size, spectra, weight.reshape(n_blocks, n_places)
        )

    def search(self, window: np.ndarray) -> tuple[int, int, float] | None:
        """Track, place of the window's start in it, and score; None where the album is silent."""
        import numpy as np
        from scipy.fft import irfft, rfft

        fft_size, n_places = 2 * (self.spectra.shape[1] - 1), self.weight.shape[1]
        wanted = np.conj(rfft(window / max(float(np.linalg.norm(window)), 1e-12), fft_size))
        best, at = 0.0, None
        for block in range(0, len(self.spectra), BATCH):
            batch = slice(block, block + BATCH)
            score = irfft(self.spectra[batch] * wanted, axis=1, overwrite_x=True, workers=2)[:, :n_places]
            score *= self.weight[batch]
            np.abs(score, out=score)  # a film's mix may have the music upside down
            highest = int(score.argmax())
            if score.flat[highest] > best:
                best, at = float(score.flat[highest]), block * n_places + highest
        if at is None:
            return None
        track = int(np.searchsorted(self.first - self.size, at, "right")) - 1
        return int(self.track_nos[track]), at - int(self.first[track]), min(best, 1.0)


def _weights(sound: np.ndarray, size: int) -> np.ndarray:
    """One over the root of the energy under a window at each place from `size` before the sound to its end."""
    import numpy as np

    energy = np.zeros(len(sound) + 2 * size + 1)
    energy[size + 1 : size + 1 + len(sound)] = np.square(sound, dtype=float)
    energy = np.cumsum(energy)
    energy[size + len(sound) + 1 :] = energy[size + len(sound)]
    root = np.sqrt(np.maximum(energy[size:] - energy[:-size], 0))[: len(sound) + size]
    greatest = root.max(initial=0)
    return 1 / np.maximum(root, LEAST_ENERGY * greatest) if greatest > 0 else np.zeros_like(root)
