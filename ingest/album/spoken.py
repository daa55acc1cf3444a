"""Whether a track is speech instead of music: a chapter of an audiobook, a commentary."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bookscore.ingest.media.sound import stream
from bookscore.ingest.media.speech import FRAME, RATE_HZ, THRESHOLD, scores

if TYPE_CHECKING:
    import numpy as np

EXCERPT_S = 20.0
PLACES = (0.2, 0.5, 0.8)
SPOKEN = 0.8
"""Share of what is not silent; reading aloud has .88 and more of it, orchestral music .05 at most."""
HELD = 0.5
"""Share of the sound in which a partial holds its pitch for `HELD_S`: speech has a third at most, music nearly all."""
SUNG = 0.2
"""Share in which the voice keeps within a semitone for `SUNG_S`, vibrato aside: speech has a tenth at most."""
HELD_S, SUNG_S, VIBRATO_S = 0.6, 0.3, 0.18
LOWEST_HZ, HIGHEST_HZ = 150.0, 2000.0
SIZE, HOP = 2048, 512
VOICE_HOP = 256
LOUD = 0.05  # of the loud parts' level: what is softer is silence


def spoken_share(path: Path, start_s: float, end_s: float) -> float:
    """Share of speech in a track that is not silent; 0 where it is music too, so that no song counts as speech.

    Three excerpts are heard. Silero's detector takes some singing for speech, and speech over music too: a track
    with held tones, be they of instruments or of a voice, is music.

    Parameters
    ----------
    path : Path
    start_s, end_s : float
        The track in its file.
    """
    import numpy as np

    length_s = end_s - start_s
    places = [start_s + place * (length_s - EXCERPT_S) for place in PLACES]
    if length_s <= len(PLACES) * EXCERPT_S:
        spans = [(start_s, end_s)]
    else:
        spans = [(at, at + EXCERPT_S) for at in places]
    shares = []
    for at, until in spans:
        blocks = [*stream(path, RATE_HZ, start_s=at, end_s=until, roughly=True)]
        sound = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
        if len(sound) < SIZE:
            return 0.0
        if held_share(sound) > HELD:
            return 0.0
        is_loud = _is_loud(sound, FRAME)
        is_speech = scores(sound)[: len(is_loud)] >= THRESHOLD
        shares.append(float(is_speech[is_loud].mean()) if is_loud.any() else 0.0)
        if shares[-1] < SPOKEN or sung_share(sound) > SUNG:
            return 0.0
    return min(shares)


def held_share(sound: np.ndarray) -> float:
    """Share of what is not silent in which a strong partial keeps its pitch, to a quarter tone, for `HELD_S`.

    Parameters
    ----------
    sound : numpy.ndarray
        Mono, shape (n,), at Silero's rate.
    """
    import numpy as np
    from scipy.fft import rfft, rfftfreq
    from scipy.signal.windows import hann

    window = hann(SIZE, sym=False).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(sound, SIZE)[::HOP]
    magnitude = np.abs(rfft(frames * window, axis=1)) + 1e-9
    hz = rfftfreq(SIZE, 1 / RATE_HZ)
    low, high = np.searchsorted(hz, [LOWEST_HZ, HIGHEST_HZ])
    below, inner, above = (magnitude[:, low + step : high + step] for step in (-1, 0, 1))
    is_peak = (inner > below) & (inner >= above) & (inner > 0.1 * inner.max(axis=1, keepdims=True))
    frame, place = np.nonzero(is_peak)
    left, middle, right = (np.log(part[frame, place]) for part in (below, inner, above))
    shift = (left - right) / (2 * (left - 2 * middle + right) - 1e-9)  # of the parabola's top
    quarter = np.rint(24 * np.log2((place + low + shift) * RATE_HZ / SIZE / 55)).astype(int)
    tones = np.zeros((len(frames), quarter.max(initial=0) + 2), bool)
    tones[frame, quarter] = tones[frame, quarter + 1] = True
    n = round(HELD_S * RATE_HZ / HOP)
    if len(frames) < n:
        return 0.0
    count = np.cumsum(np.vstack((np.zeros((1, tones.shape[1]), int), tones)), axis=0)
    begins = (count[n:] - count[:-n] >= n - 1).any(axis=1)  # a frame may miss
    return _share(begins, n, _is_loud(sound[: len(frames) * HOP], HOP))


def sung_share(sound: np.ndarray) -> float:
    """Share of what is not silent in which the fundamental, vibrato smoothed, keeps within a semitone for `SUNG_S`.

    Parameters
    ----------
    sound : numpy.ndarray
        Mono, shape (n,), at Silero's rate.
    """
    import librosa
    import numpy as np

    hz = librosa.yin(sound, fmin=80, fmax=800, sr=RATE_HZ, frame_length=1024, hop_length=VOICE_HOP)
    pitch = 12 * np.log2(hz / 55)
    width = round(VIBRATO_S * RATE_HZ / VOICE_HOP) | 1
    smooth = np.convolve(np.pad(pitch, width // 2, mode="edge"), np.ones(width) / width, "valid")
    leap = np.abs(np.diff(pitch, prepend=pitch[0]))
    n = round(SUNG_S * RATE_HZ / VOICE_HOP)
    if len(pitch) < n:
        return 0.0
    spans, leaps = (np.lib.stride_tricks.sliding_window_view(curve, n) for curve in (smooth, leap))
    begins = (np.ptp(spans, axis=1) < 1) & (leaps.max(axis=1) < 1)
    return _share(begins, n, _is_loud(sound, VOICE_HOP))


def _share(begins: np.ndarray, n: int, is_loud: np.ndarray) -> float:
    """Share of the loud frames that lie in a run of `n` frames that begins where `begins` says."""
    import numpy as np

    inside = np.convolve(begins, np.ones(n), "full")[: len(is_loud)] > 0.5
    return float(inside[is_loud[: len(inside)]].mean()) if is_loud[: len(inside)].any() else 0.0


def _is_loud(sound: np.ndarray, hop: int) -> np.ndarray:
    """For each `hop` samples whether they are not silence beside the rest."""
    import numpy as np

    pieces = sound[: len(sound) // hop * hop].reshape(-1, hop)
    level = np.sqrt(np.square(pieces).mean(axis=1))
    return (level > LOUD * np.quantile(level, 0.95)) & (level > 1e-4) if len(level) else np.zeros(0, bool)
