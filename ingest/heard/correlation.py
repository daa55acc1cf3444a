"""Where in an album the music of a film comes from: whitened cross-correlation (METHOD 7c).

Speech and effects drown music in a few bands at a time. Whitening gives all bands nearly the same weight,
so that a stretch of the film still correlates with its recording where neither ear nor fingerprint can
tell it. Only the very recording is found, at one of `SPEEDS`.

A window that correlates with a place in the album is a seed. It is extended both ways at its lag for as long
as film and recording agree (as BLAST does with sequences: Altschul et al. 1990), and what it explains is not
searched again. Of the places in a track that repeats itself, the one that explains most of the film is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, count, pairwise
from typing import TYPE_CHECKING

import polars as pl

from bookscore.ingest.heard.album_search import Album, Place
from bookscore.ingest.heard.whitening import whiten

if TYPE_CHECKING:
    import numpy as np

# Seconds of the album that pass in a second of the film: as recorded, PAL and back, pulldown and back.
SPEEDS = (Fraction(1), Fraction(25, 24), Fraction(24, 25), Fraction(1000, 1001), Fraction(1001, 1000))
PROBES = 24  # windows by which the speed is told
TOLD = 0.5  # squared share of a window that runs explain, over windows: enough to settle the speed
SEED_S, SEED_HOP_S = 20.0, 10.0
SHORTEST_S = 1.5  # sound that is not searched for itself
CELL_S = 0.1  # in which film and recording are compared at a lag
AGREEMENT = 0.05  # of a cell, above which it speaks for the recording: half the least that is heard as music
EVIDENCE = 4.0  # sum over cells of their correlation beyond `AGREEMENT`: unlike sounds reach 2
LEVEL_CELLS = 50  # by which the level at a run's end is told
PATIENCE = 2.5  # how much of it may be lost before a run is left: 5 s in which none of it is heard
TILE_S, MARGIN_S = 5.0, 2.5  # of the rows; each is scored together with what is next to it
SILENCE_RMS = 1e-4  # -80 dB below full scale

_COLUMNS = {
    "window_no": pl.Int32, "start_s": pl.Float64, "end_s": pl.Float64, "track_no": pl.Int32,
    "offset_s": pl.Float64, "score": pl.Float64, "speed": pl.Float64,
}  # fmt: skip


def blocks_to_array(frame: pl.DataFrame) -> np.ndarray:
    """Rows of track_sound or film_sound, in block order, as one float32 array in -1..1."""
    import numpy as np

    sound = np.frombuffer(b"".join(frame["pcm"]), "<i2").astype(np.float32)
    sound /= 32767
    return sound


def recognise(film: np.ndarray, tracks: Mapping[int, np.ndarray], rate_hz: int) -> pl.DataFrame:
    """What of an album plays in a film, and when.

    Parameters
    ----------
    film : numpy.ndarray
        Mono float32 at `rate_hz`.
    tracks : Mapping[int, numpy.ndarray]
        Sound of the album's tracks by number, likewise.
    rate_hz : int

    Returns
    -------
    polars.DataFrame
        The film in windows that do not overlap, of `TILE_S` at most: they end at its multiples and where
        music begins or ends, to `CELL_S`. window_no (1..), start_s, end_s; track_no and offset_s, the
        place in the track at start_s, NULL where nothing of the album is found; score, the correlation of
        the whitened sounds, 0..1: 0 in silence, and in other sound the highest anywhere in the album; speed,
        seconds of the album that pass in a second of the film.
    """
    from bookscore.engine.models.device import best_device

    device, _ = best_device()
    album = Album(
        {no: whiten(sound, rate_hz) for no, sound in tracks.items()},
        round(SEED_S * rate_hz),
        device if device.type == "cuda" else None,
    )
    heard = _Film(film, film_speed(film, album, rate_hz), album, rate_hz)
    return pl.DataFrame(list(heard.rows()), schema=_COLUMNS, orient="row")


def film_speed(film: np.ndarray, album: Album, rate_hz: int) -> Fraction:
    """The one of `SPEEDS` at which a sample of the film is in the album; 1 unless another explains more.

    At a slightly wrong speed a long tone still agrees, for a second or two: long runs tell, not many.

    Parameters
    ----------
    film : numpy.ndarray
        Sound of the film, mono, shape (n,).
    album : Album
    rate_hz : int
        Of both.

    Returns
    -------
    fractions.Fraction
        One of `SPEEDS`.
    """
    size = round(SEED_S * rate_hz)
    told = dict.fromkeys(SPEEDS, 0.0)
    for speed in SPEEDS:
        for at in range(0, len(film), max(size, len(film) // PROBES)):
            probe = _Film(film[at : at + size], speed, album, rate_hz)
            told[speed] += sum(((run.end - run.start) / size) ** 2 for run in probe.runs())
            if told[speed] >= TOLD:
                return speed
    return max(told, key=told.__getitem__)


@dataclass(frozen=True)
class _Run:
    """Samples `start` to `end` of a film in which a track plays, each `lag` samples later in the track."""

    start: int
    end: int
    track_no: int
    lag: int
    sign: int  # -1 where the film has the music upside down
    evidence: float


class _Film:
    """A film's sound on the album's clock: as many samples as pass in the album meanwhile."""

    def __init__(self, film: np.ndarray, speed: Fraction, album: Album, rate_hz: int) -> None:
        import numpy as np
        from scipy.signal import resample_poly

        if speed != 1 and len(film):
            film = resample_poly(film, speed.numerator, speed.denominator)
        self.speed, self.album, self.rate_hz = float(speed), album, rate_hz
        self.sound = whiten(film, rate_hz)
        self.cell = max(1, round(CELL_S * rate_hz))
        power = np.add.reduceat(np.square(film), np.arange(0, len(film), self.cell)) if len(film) else film
        self.loud = power >= SILENCE_RMS**2 * self.cell
        self.unexplained = np.zeros(len(power))  # highest correlation of what was searched for in vain

    def runs(self) -> Iterator[_Run]:
        """Where the album is heard, in order of time."""
        return self._runs(0, 0, len(self.sound))

    def _runs(self, floor: int, at: int, end: int) -> Iterator[_Run]:
        """Runs seeded from `at` on that lie between `floor` and `end`."""
        size, hop, least = (round(s * self.rate_hz) for s in (SEED_S, SEED_HOP_S, SHORTEST_S))
        while end - at >= least:
            run = self._seek(floor, at, min(at + size, end), end)
            if run is None:
                at += hop
                continue
            yield from self._runs(floor, at, run.start)
            yield run
            floor = at = run.end

    def _seek(self, floor: int, at: int, to: int, end: int) -> _Run | None:
        """The run that explains most of the sound from `at` to `to`."""
        cells = self._cells(at, to)
        if not self.loud[cells].any():
            return None
        places = self.album.search(self.sound[at:to])
        found = [run for place in places if (run := self._extend(place, floor, at, to, end))]
        if found:
            return max(found, key=lambda run: run.evidence)
        highest = max((abs(place.score) for place in places), default=0.0)
        self.unexplained[cells] = self.unexplained[cells].clip(min=highest)
        return None

    def _extend(self, place: Place, floor: int, at: int, to: int, end: int) -> _Run | None:
        """How far film and track agree at a lag, if they do anywhere from `at` to `to`."""
        import numpy as np

        track, lag, cell = self.album.tracks[place.track_no], place.sample - at, self.cell
        first, last = -(-max(floor, -lag) // cell), min(end, len(track) - lag) // cell
        begin, stop = max(at // cell, first), min(-(-to // cell), last)
        if begin >= stop:
            return None
        here = self.sound[first * cell : last * cell].reshape(-1, cell)
        there = track[first * cell + lag : last * cell + lag].reshape(-1, cell)
        sign = 1 if place.score > 0 else -1
        agreement = sign * _dot(here, there) / np.sqrt(_dot(here, here) * _dot(there, there) + 1e-12)
        total = np.concatenate(([0.0], np.cumsum(agreement - AGREEMENT)))
        inside = total[begin - first : stop - first + 1]
        rise = inside - np.minimum.accumulate(inside)
        seed_end = int(rise.argmax())
        if rise[seed_end] < EVIDENCE:
            return None
        seed_start = int(inside[:seed_end].argmin()) + begin - first
        seed_end += begin - first
        run_end = seed_start + _end(agreement[seed_start:], seed_end - seed_start)
        run_start = run_end - _end(agreement[:run_end][::-1], run_end - seed_start)
        evidence = float(total[run_end] - total[run_start])
        return _Run((first + run_start) * cell, (first + run_end) * cell, place.track_no, lag, sign, evidence)

    def rows(self) -> Iterator[tuple[int, float, float, int | None, float | None, float, float]]:
        """Rows of heard_window, in order."""
        per_s = self.rate_hz * self.speed
        runs, window_no = list(self.runs()), count(1)
        ends = [0, *(at for run in runs for at in (run.start, run.end)), len(self.sound)]
        between = [None, *chain.from_iterable((run, None) for run in runs)]
        for run, (start, end) in zip(between, pairwise(ends), strict=True):
            for at, to in pairwise(_cuts(start, end, TILE_S * per_s)):
                times = next(window_no), at / per_s, to / per_s
                if run is None:
                    yield *times, None, None, self._unexplained(at, to), self.speed
                else:
                    offset_s, score = (at + run.lag) / self.rate_hz, self._score(run, at, to)
                    yield *times, run.track_no, offset_s, score, self.speed

    def _cells(self, at: int, to: int) -> slice:
        return slice(at // self.cell, -(-to // self.cell))

    def _score(self, run: _Run, at: float, to: float) -> float:
        """Correlation of a part of a run, and of what is next to it in the run, with the recording."""
        import numpy as np

        margin = MARGIN_S * self.rate_hz * self.speed
        begin, stop = max(run.start, round(at - margin)), min(run.end, round(to + margin))
        here = self.sound[begin:stop]
        there = self.album.tracks[run.track_no][begin + run.lag : stop + run.lag]
        norms = float(np.linalg.norm(here) * np.linalg.norm(there))
        return min(max(run.sign * float(here @ there) / max(norms, 1e-12), 0.0), 1.0)

    def _unexplained(self, at: float, to: float) -> float:
        cells = self._cells(int(at), int(to))
        return float(self.unexplained[cells][self.loud[cells]].max(initial=0.0))


def _dot(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.einsum("ij,ij->i", one, other)


def _end(agreement: np.ndarray, seed: int) -> int:
    """The number of cells from a seed's start to where its run ends; the seed is the first `seed` cells."""
    import numpy as np

    total = np.cumsum(agreement - AGREEMENT)[seed - 1 :]
    lost = np.maximum.accumulate(total) - total > PATIENCE
    end = seed + int(total[: int(lost.argmax()) or None].argmax())
    # Cells that agree by chance are left again: the end is where the level of the last cells falls by half.
    last = agreement[max(end - LEVEL_CELLS, 0) : end]
    return end - len(last) + 1 + int(np.cumsum(last - last.mean() / 2).argmax())


def _cuts(start: float, end: float, step: float) -> list[float]:
    """The ends of the parts into which the multiples of `step` cut a stretch."""
    inner = (no * step for no in range(int(start // step) + 1, int(end // step) + 1))
    return [start, *(cut for cut in inner if start < cut < end), end] if start < end else []
