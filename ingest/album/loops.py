"""Where a music segment can go round: the place near its end that best runs on into one near its start."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

FADE_S = 0.2
HOP_S, SPECTRUM_S = 0.016, 0.128
CONTEXT_S = 2.0  # of the music before and after the seam that is to match
STRIDE = 4  # every which frame of the context is looked at
REGION_S = 90.0  # at either end of a longer segment
LEAST_S, LEAST_SHARE = 15.0, 0.5
SHORTNESS = 0.1  # what a loop of no length would cost, on the scale of the match
ROUGHNESS = 0.1  # what twice the usual spectral flux at the seam costs
BESIDE_S = 0.25
N_REFINED = 24
APART_S = 0.1
ALIGNED_S = (
    0.5  # of the waves before and after the seam: long enough to hold an onset, which a held note lacks
)
SHIFT_S = 0.03  # the most that alignment of the waves moves a place
CLEAR_PULSE = 0.1


@dataclass(frozen=True)
class Loop:
    """How a segment is played without end: to `end_s`, then from `start_s`, over and over.

    Attributes
    ----------
    start_s, end_s : float
        Places in the track. The `FADE_S` before them both lie in the segment and are cross-faded linearly:
        what is heard just before `end_s` goes over into what comes just before `start_s`.
    seam : float
        How well the two places fit: 0 not at all, 1 as if the music ran on.
    tempo_bpm : float or None
        None where the segment has no clear pulse.
    """

    start_s: float
    end_s: float
    seam: float
    tempo_bpm: float | None


def find_loop(sound: np.ndarray, rate_hz: int, start_s: float, end_s: float) -> Loop:
    """The loop of a music segment whose seam is least audible.

    From each beat near the segment's start, a moment between two onsets is taken; the chroma and MFCC of the
    seconds around it are compared with those around each place near the end, and the best matches are aligned
    by the correlation of their waves.

    Parameters
    ----------
    sound : numpy.ndarray
        The whole track: mono, float32, shape (n,).
    rate_hz : int
    start_s, end_s : float
        The segment.
    """
    import numpy as np

    length_s = end_s - start_s
    fade_s = min(FADE_S, length_s / 4)
    if not sound[round(start_s * rate_hz) : round(end_s * rate_hz)].any():
        return Loop(start_s + fade_s, end_s, 1.0, None)
    region_s = min(length_s, REGION_S)
    head = _Region.of(sound, rate_hz, start_s, start_s + region_s)
    tail = head if region_s == length_s else _Region.of(sound, rate_hz, end_s - region_s, end_s)
    beats, tempo_bpm = head.beats()
    places = head.stillest(beats, fade_s)
    least_s = max(LEAST_SHARE * length_s, min(LEAST_S, 0.8 * length_s))
    starts_s, ends_s = head.times_s[places], tail.times_s[::2]
    places = places[(starts_s >= start_s + fade_s) & (starts_s <= end_s - least_s)]
    ends = 2 * np.flatnonzero(ends_s >= start_s + fade_s + least_s)
    starts_s, ends_s = head.times_s[places], tail.times_s[ends]
    loop_s = ends_s - starts_s[:, None]
    if not (loop_s >= least_s).any():
        return Loop(start_s + fade_s, end_s, 0.0, tempo_bpm)
    scale = _scale(head.frames, tail.frames)
    match = head.contexts(places, scale) @ tail.contexts(ends, scale).T
    worth = np.where(loop_s >= least_s, match - SHORTNESS * (1 - loop_s / length_s), -np.inf)
    usual = np.median([_flux(joined(sound, rate_hz, t, t, fade_s), rate_hz) for t in starts_s[:N_REFINED]])
    found = []
    for _ in range(N_REFINED):
        first, last = np.unravel_index(worth.argmax(), worth.shape)
        if worth[first, last] == -np.inf:
            break
        loop_start_s = float(starts_s[first])
        place_s, alike = _aligned(sound, rate_hz, loop_start_s, float(ends_s[last]))
        loop_end_s = min(place_s, end_s)
        flux = _flux(joined(sound, rate_hz, loop_start_s, loop_end_s, fade_s), rate_hz)
        rough = min(max(flux / max(usual, 1e-9) - 1, 0), 2)
        seam = float(match[first, last] + alike) / 2
        short = 1 - (loop_end_s - loop_start_s) / length_s
        found.append((seam - SHORTNESS * short - ROUGHNESS * rough, loop_start_s, loop_end_s, seam))
        worth[first, np.abs(ends_s - ends_s[last]) < APART_S] = -np.inf
    _, loop_start_s, loop_end_s, seam = max(found)
    return Loop(loop_start_s, loop_end_s, min(max(seam, 0.0), 1.0), tempo_bpm)


def joined(sound: np.ndarray, rate_hz: int, start_s: float, end_s: float, fade_s: float) -> np.ndarray:
    """The cross-fade of a loop as it is heard, with `BESIDE_S` before and after it.

    Parameters
    ----------
    sound : numpy.ndarray
        The track, mono, shape (n,).
    rate_hz : int
    start_s, end_s : float
        Of the loop in the track.
    fade_s : float
        Length of the cross-fade.

    Returns
    -------
    numpy.ndarray
        Mono float32.
    """
    import numpy as np

    fade, beside = round(fade_s * rate_hz), round(BESIDE_S * rate_hz)
    start, end = round(start_s * rate_hz), round(end_s * rate_hz)
    before = sound[max(end - fade - beside, 0) : end]
    after = sound[start - fade : start + beside]
    rise = np.linspace(0, 1, fade, dtype=np.float32)
    return np.concatenate((before[:-fade], (1 - rise) * before[-fade:] + rise * after[:fade], after[fade:]))


@dataclass(frozen=True)
class _Region:
    """Features of a stretch of the track, with `CONTEXT_S` more on either side (silence outside the track)."""

    times_s: np.ndarray  # of the frames inside the stretch
    frames: np.ndarray  # shape (n + 2 * margin, 25)
    onset: np.ndarray  # strength, shape (n,)
    margin: int

    @classmethod
    def of(cls, sound: np.ndarray, rate_hz: int, start_s: float, end_s: float) -> _Region:
        import librosa
        import numpy as np

        hop, size = round(HOP_S * rate_hz), round(SPECTRUM_S * rate_hz)
        margin = STRIDE * round(CONTEXT_S / HOP_S / STRIDE)
        first = round(start_s * rate_hz) - margin * hop - size // 2
        n = int((end_s - start_s) * rate_hz / hop) + 1
        last = first + (n + 2 * margin - 1) * hop + size
        inside = sound[max(first, 0) : max(last, 0)]
        padded = np.pad(inside, (max(-first, 0), max(last - max(first, 0) - len(inside), 0)))
        power = np.abs(librosa.stft(padded, n_fft=size, hop_length=hop, center=False)) ** 2
        mel = librosa.power_to_db(
            librosa.feature.melspectrogram(S=power, sr=rate_hz, n_fft=size, n_mels=40), ref=1.0, amin=1e-7
        )
        chroma = librosa.feature.chroma_stft(S=power, sr=rate_hz, n_fft=size, tuning=0.0, norm=None)
        chroma = np.sqrt(chroma)
        mfcc = librosa.feature.mfcc(S=mel, n_mfcc=13)
        return cls(
            round(start_s * rate_hz) / rate_hz + np.arange(n) * hop / rate_hz,
            np.concatenate([chroma, mfcc]).T,
            librosa.onset.onset_strength(S=mel, sr=rate_hz)[margin : margin + n],
            margin,
        )

    def beats(self) -> tuple[np.ndarray, float | None]:
        """Frames of the beats and the tempo; frames half a second apart where there is no clear pulse."""
        import librosa
        import numpy as np

        regular = np.arange(0, len(self.times_s), round(0.5 / HOP_S))
        if self.pulse() < CLEAR_PULSE:
            return regular, None
        tempo, beats = librosa.beat.beat_track(
            onset_envelope=self.onset, sr=round(1 / HOP_S) * 64, hop_length=64, trim=False
        )
        return (beats, float(np.atleast_1d(tempo)[0])) if len(beats) else (regular, None)

    def stillest(self, beats: np.ndarray, fade_s: float) -> np.ndarray:
        """The frame between each two beats before which least begins, so that a fade cuts into no onset."""
        import numpy as np
        from scipy.ndimage import maximum_filter1d

        size = round((fade_s + SPECTRUM_S) / HOP_S)
        shift = round(SPECTRUM_S / 2 / HOP_S)  # spectra that reach past the frame hold what begins there
        loudest = maximum_filter1d(self.onset, size, origin=(size - 1) // 2 - shift)
        edges = np.unique(np.concatenate(([0], beats, [len(loudest)])))
        return np.array([a + loudest[a:b].argmin() for a, b in pairwise(edges)], dtype=int)

    def pulse(self) -> float:
        """How far the onsets repeat at the beat: autocorrelation of their strength, 0..1."""
        import librosa

        curve = self.onset - self.onset.mean()
        lags = slice(round(0.25 / HOP_S), round(1.5 / HOP_S))
        if len(curve) < 2 * lags.stop or not curve.any():
            return 0.0
        correlation = librosa.autocorrelate(curve, max_size=lags.stop)
        return float(correlation[lags].max() / correlation[0])

    def contexts(self, at: np.ndarray, scale: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        """What is round each frame of `at`, as rows of length 1; the nearest weighs most."""
        import numpy as np

        mean, spread = scale
        offsets = np.arange(0, 2 * self.margin + 1, STRIDE)
        weight = np.sqrt(1 - 0.9 * np.abs(offsets / self.margin - 1))
        rows = ((self.frames[at[:, None] + offsets] - mean) / spread) * weight[:, None]
        rows = rows.reshape(len(at), -1).astype(np.float32)
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)


def _scale(head: np.ndarray, tail: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and spread of the features, with which chroma and MFCC weigh the same."""
    import numpy as np

    both = np.concatenate((head, tail))
    mean = both.mean(axis=0)
    variance = both.var(axis=0)
    spread = np.concatenate([np.full(12, variance[:12].sum()), np.full(13, variance[12:].sum())])
    return mean, np.sqrt(np.maximum(spread, 1e-12))


def _flux(piece: np.ndarray, rate_hz: int) -> float:
    """The greatest rise of a piece's compressed spectrum from frame to frame."""
    import librosa
    import numpy as np

    size = round(SPECTRUM_S * rate_hz)
    spectra = np.abs(librosa.stft(piece, n_fft=size, hop_length=size // 4, center=False)) / size
    return float(np.maximum(np.diff(np.log1p(100 * spectra)), 0).mean(axis=0).max(initial=0))


def _aligned(sound: np.ndarray, rate_hz: int, start_s: float, end_s: float) -> tuple[float, float]:
    """The place near `end_s` whose wave is most like that at `start_s`, and how alike they are, 0..1."""
    import numpy as np
    from scipy.signal import correlate

    reach, shift = round(ALIGNED_S * rate_hz), round(SHIFT_S * rate_hz)
    start, end = round(start_s * rate_hz), round(end_s * rate_hz)
    wanted = sound[max(start - reach, 0) : start + reach]
    before = start - max(start - reach, 0)
    first = end - before - shift
    field = sound[max(first, 0) : first + len(wanted) + 2 * shift]
    if first < 0 or len(field) < len(wanted) or not wanted.any():
        return end_s, 0.0
    product = correlate(field, wanted, "valid")
    energy = np.concatenate(([0.0], np.cumsum(np.square(field, dtype=float))))
    energy = energy[len(wanted) :] - energy[: -len(wanted)]
    alike = product / np.sqrt(np.maximum(energy * np.square(wanted, dtype=float).sum(), 1e-12))
    best = int(alike.argmax())
    place = float(best)
    if 0 < best < len(alike) - 1:
        left, middle, right = alike[best - 1 : best + 2]
        bend = left - 2 * middle + right
        place += 0.5 * float(left - right) / float(bend) if bend < 0 else 0.0
    return start_s + (first + before + place - start) / rate_hz, max(float(alike[best]), 0.0)
