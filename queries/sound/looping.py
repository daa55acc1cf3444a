"""Sound of a piece that goes round without an audible seam."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from bookscore.queries.sound import music_files
from bookscore.queries.sound.sound_file import Codec, SoundFile
from bookscore.queries.woven import Segment

if TYPE_CHECKING:
    import numpy as np

SEAM_S = 0.2
"""Of loop points, which were chosen to fit."""
RAW_SEAM_S = 3.5
"""Of raw ends; never more than a quarter of the piece."""
LEAST_FILE_S = 20.0


def loop_span(segment: Segment) -> tuple[float, float, float]:
    """Where a segment's piece begins, goes back to and goes back from, in seconds of its track.

    A piece without loop points, or with some beyond ``music_files.LONGEST_S``, goes round at its raw ends.
    """
    start_s, last_s = segment.start_s, segment.start_s + music_files.LONGEST_S
    if segment.loop_start_s is not None and segment.loop_end_s is not None and segment.loop_end_s <= last_s:
        return start_s, segment.loop_start_s, segment.loop_end_s
    end_s = min(segment.end_s, last_s)
    return start_s, start_s + min(RAW_SEAM_S, (end_s - start_s) / 4), end_s


class Loop:
    """A piece without end: from its start to the loop's end, then round and round.

    Parameters
    ----------
    sound : numpy.ndarray
        From the piece's start to the loop's end: float32, shape (2, n).
    back : int
        Sample to which the loop goes back. What comes just before the end goes over, linearly (equal power
        would swell where a sound overlaps with itself), into what comes just before this sample.
    seam : int
        Length of that cross-fade in samples.

    Attributes
    ----------
    round : numpy.ndarray
        One turn, shape (2, m): it can follow itself at once.
    """

    def __init__(self, sound: np.ndarray, back: int, seam: int) -> None:
        import numpy as np

        n = sound.shape[1]
        back = min(back, n - 1)
        seam = min(seam, back, n - back)
        rise = (np.arange(seam, dtype=np.float32) + 0.5) / max(seam, 1)
        crossed = sound[:, n - seam :] * (1 - rise) + sound[:, back - seam : back] * rise
        self.intro = np.concatenate((sound[:, : n - seam], crossed), axis=1)
        self.round = self.intro[:, back:]

    @classmethod
    def of(cls, segment: Segment, rate_hz: int) -> Loop:
        """The loop of a segment's piece at its reading level.

        Parameters
        ----------
        segment : Segment
        rate_hz : int
            Samples a second of the loop.

        Raises
        ------
        BookscoreError
            Its track cannot be read.
        """
        start_s, back_s, end_s = loop_span(segment)
        [sound] = music_files.cut(Path(segment.track_path), [segment.in_file(start_s, end_s)], rate_hz)
        seam_s = SEAM_S if back_s == segment.loop_start_s else back_s - start_s
        return cls(at_level(sound, segment), round((back_s - start_s) * rate_hz), round(seam_s * rate_hz))

    def sound(self, first: int, n: int) -> np.ndarray:
        """Samples `first` to ``first + n`` of the endless piece, shape (2, n).

        Parameters
        ----------
        first : int
            Number of the first sample, counted from the piece's start.
        n : int
            How many samples.
        """
        import numpy as np

        once = self.intro[:, first : first + n]
        places = np.arange(first + once.shape[1], first + n) - self.intro.shape[1]
        return np.concatenate((once, self.round[:, places % self.round.shape[1]]), axis=1)

    def file(self, rate_hz: int, frame: int) -> np.ndarray:
        """The loop as a file that any player may repeat, of a multiple of `frame` samples.

        Codecs that know no other lengths would put silence into the seam, so the sound is stretched to the
        nearest multiple: by a hundredth of a semitone at most, since a short loop is taken several times.

        Parameters
        ----------
        rate_hz : int
            Samples a second of the loop.
        frame : int
            Samples of the codec's frame; 1 where any length will do.
        """
        import numpy as np
        from scipy.signal import resample

        n = self.round.shape[1]
        if frame == 1:
            return self.round
        turns = np.tile(self.round, max(1, -int(-LEAST_FILE_S * rate_hz // n)))
        n_frames = max(1, round(turns.shape[1] / frame))
        # Resampling by Fourier transform takes the sound as periodic, as it is.
        return resample(turns, n_frames * frame, axis=1).astype(np.float32)


def write(file: BytesIO, segment: Segment, codec: Codec) -> None:
    """Write a segment's piece as a file that any player may repeat without an audible seam.

    Parameters
    ----------
    file : BytesIO
        Where the encoded sound goes.
    segment : Segment
    codec : Codec

    Raises
    ------
    BookscoreError
        Its track cannot be read.
    """
    turn = Loop.of(segment, codec.rate_hz).file(codec.rate_hz, codec.frame)
    around = turn[:, -codec.context :], turn[:, : codec.context]
    with SoundFile(file, codec, before=around[0], after=around[1]) as encoded:
        encoded.write(turn)


def at_level(sound: np.ndarray, segment: Segment) -> np.ndarray:
    """`sound` at the reading level.

    Parameters
    ----------
    sound : numpy.ndarray
        Samples of any shape, full scale at 1.
    segment : Segment
        Has the piece's gain in dB.
    """
    return sound * 10 ** (segment.gain_db / 20)
