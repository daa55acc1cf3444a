"""How cues fit the speech of the sound, and what moves them into place (in the manner of ffsubsync and alass)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import numpy as np

FRAME_S = 0.02
FURTHEST_S = 120.0
SLOW_S = 120.0  # talkative and silent parts of a film agree by chance: only what changes faster counts
PEAK_S = 10.0  # a right offset is felt this far around it
NTSC = 1001 / 1000
# Film at 24 frames/s, PAL at 25, and each slowed down for NTSC.
SPEEDS = (1.0, NTSC, 1 / NTSC, 25 / 24, 24 / 25, 25 / 24 * NTSC, 24 / 25 / NTSC)
# Agreement at the best offset, in standard deviations of that at others. In benchmarks/speech.py the film's
# own cues reach 38, and 14 where voices are 12 dB below the music; those of other films 4 at most.
CLEAR = 6.0
# Cues can be refused for want of agreement only where their share of the film and that of speech let them
# agree at least so well: not where there is hardly any speech, or hardly anything else.
LEAST_ATTAINABLE = 0.4
CLEAR_GAIN = 1.1
LEAST_SPANS = 100  # thirty cues and thirty stretches of speech can agree by chance as clearly


@dataclass(frozen=True)
class Fit:
    """The best correction found, film time = ``offset_s + speed * own time``, and how good it is.

    Attributes
    ----------
    offset_s, speed : float
    fit : float
        Correlation of cues and speech after the correction, -1..1.
    fit_unmoved : float
        Their correlation as they are.
    chance : float
        Standard deviation of the correlation at wrong offsets.
    attainable : float
        The correlation if the rarer of cues and speech lay wholly within the other.
    """

    offset_s: float
    speed: float
    fit: float
    fit_unmoved: float
    chance: float
    attainable: float

    @property
    def is_clear(self) -> bool:
        """Whether the cues belong to this sound beyond doubt."""
        return self.fit >= CLEAR * self.chance

    @property
    def gains(self) -> bool:
        """Whether the correction is clearly better than none."""
        return self.is_clear and self.fit >= CLEAR_GAIN * self.fit_unmoved

    def disagrees(self, least: float) -> bool:
        """Whether the cues are of another film: an agreement of `least` would be seen, and there is none."""
        is_measurable = self.attainable >= LEAST_ATTAINABLE and CLEAR * self.chance <= least
        return is_measurable and not self.is_clear


def measure(cues: pl.DataFrame, speech: pl.DataFrame, duration_s: float) -> Fit | None:
    """Find offset and speed at which cues and speech agree best.

    Both become series of 0 and 1 over the film, without what changes slowly; their correlation at every
    offset comes from one product of Fourier transforms per speed.

    Parameters
    ----------
    cues, speech : polars.DataFrame
        start_s, end_s of spoken cues, and of stretches of speech.
    duration_s : float

    Returns
    -------
    Fit or None
        None where there are too few cues or stretches of speech to tell.
    """
    import numpy as np
    from scipy import fft

    if min(len(cues), len(speech)) < LEAST_SPANS:
        return None
    reach, n = round(FURTHEST_S / FRAME_S), round(duration_s / FRAME_S)
    size = fft.next_fast_len(2 * n + reach, real=True)
    heard = _series(speech, 1.0, n)
    spectrum = fft.rfft(_fast(heard), size)
    around = max(reach, n // 4)
    offsets = np.arange(-around, around + 1)
    found = []
    for speed in SPEEDS:
        said = _series(cues, speed, n + reach)  # what lies after the end may belong before it
        norm = n * _fast(heard).std() * _fast(said[:n]).std()
        if not norm > 0:  # they fill the whole film
            return None
        agreement = fft.irfft(spectrum * np.conj(fft.rfft(_fast(said), size)), size)[offsets] / norm
        best = np.where(np.abs(offsets) <= reach, agreement, -1).argmax()
        found.append((agreement[best], speed, offsets[best] * FRAME_S, agreement))
    fit, speed, offset_s, agreement = max(found, key=lambda f: f[0])
    elsewhere = np.abs(offsets * FRAME_S - offset_s) > PEAK_S
    rarer, other = sorted([heard.mean(), _series(cues, 1.0, n).mean()])
    return Fit(
        round(float(offset_s), 3),
        speed,
        float(fit),
        float(found[0][3][around]),
        float(agreement[elsewhere].std()),
        float(np.sqrt(rarer * (1 - other) / (other * (1 - rarer)))),
    )


def _series(spans: pl.DataFrame, speed: float, n: int) -> np.ndarray:
    """1 where a span is, else 0, for `n` frames; shape (n,)."""
    import numpy as np

    starts, ends = (
        np.rint(spans[side].to_numpy() * speed / FRAME_S).astype(int).clip(0, n)
        for side in ("start_s", "end_s")
    )
    edges = np.zeros(n + 1)
    np.add.at(edges, starts, 1)
    np.add.at(edges, ends, -1)
    return (np.cumsum(edges)[:n] > 0).astype(float)


def _fast(series: np.ndarray) -> np.ndarray:
    """The series without what changes slowly."""
    from scipy.ndimage import uniform_filter1d

    return series - uniform_filter1d(series, round(SLOW_S / FRAME_S))
