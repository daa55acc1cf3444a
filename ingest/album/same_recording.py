"""Whether two tracks are one recording in two files, told by their sound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.media.sound import RECOGNISER_HZ, stream, to_int16

if TYPE_CHECKING:
    import numpy as np

MOST_APART_S = 0.5
"""Difference in length, and in where the same moment lies: encoders put up to a tenth of a second before the music."""
EXCERPT_S = 10.0
PLACES = (0.2, 0.5, 0.8)
WHOLE_S = 40.0  # shorter tracks are compared whole
LEAST_CORRELATION = 0.9
"""Codecs leave above .95 below 2 kHz; another take, or the song without its voice, is mostly below .8."""
SILENCE_RMS = 1e-3


class Excerpts:
    """Parts of a track's sound, for comparison.

    Parameters
    ----------
    path : Path
    start_s, end_s : float
        The track in its file; None: to the file's end.
    """

    def __init__(self, path: Path, start_s: float, end_s: float | None) -> None:
        import numpy as np

        blocks = [np.zeros(0, "<i2")]
        try:
            blocks += [to_int16(b) for b in stream(path, RECOGNISER_HZ, start_s=start_s, end_s=end_s)]
        except BookscoreError:  # what cannot be decoded is told where the track is measured
            blocks = blocks[:1]
        sound = np.concatenate(blocks)
        self.length_s = len(sound) / RECOGNISER_HZ
        if self.length_s <= WHOLE_S:
            self.parts = [sound]
        else:
            size = round((EXCERPT_S + 2 * MOST_APART_S) * RECOGNISER_HZ)
            self.parts = [
                sound[(at := round(place * (len(sound) - size))) : at + size].copy() for place in PLACES
            ]

    def is_same(self, other: Excerpts) -> bool:
        """Whether all parts that are not silent agree with those of the other, and some do."""
        if abs(self.length_s - other.length_s) > MOST_APART_S:
            return False
        pairs = [_correlation(one, two) for one, two in zip(self.parts, other.parts, strict=False)]
        told = [found for found in pairs if found is not None]
        return bool(told) and len(self.parts) == len(other.parts) and min(told) >= LEAST_CORRELATION


def _correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    """The greatest correlation of two sounds at any shift up to `MOST_APART_S`; None where both are silent."""
    import numpy as np
    from scipy.signal import correlate

    reach = min(round(MOST_APART_S * RECOGNISER_HZ), len(one) // 4)
    inner, outer = (sound.astype(float) / 32767 for sound in (one[reach : len(one) - reach], other))
    if not len(inner) or len(outer) < len(inner):
        return None
    norm = float(np.linalg.norm(inner))
    if max(norm / np.sqrt(len(inner)), float(np.sqrt(np.mean(outer**2)))) < SILENCE_RMS:
        return None
    energy = np.concatenate(([0.0], np.cumsum(outer**2)))
    local = np.sqrt(np.maximum(energy[len(inner) :] - energy[: -len(inner)], 1e-9))
    return float((np.abs(correlate(outer, inner, "valid")) / (local * max(norm, 1e-9))).max())
