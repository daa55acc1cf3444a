"""A film's frames into shots: where one ends and how, what it looks like on the whole, which frames stand for it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from bookscore.ingest.film.picture.decoding import Frame
from bookscore.ingest.film.picture.transitions import Recent, is_black, tiny

if TYPE_CHECKING:
    from scenedetect import FrameTimecode, SceneDetector

BINS = 6  # per colour: 216 in all (METHOD section 4)
SHORTEST_SHOT_S = 0.6
SHORTEST_FADE = 3  # frames from black to the picture
CANDIDATES = 64
EVERY_S = 10.0  # a long shot is shown by a frame each


@dataclass
class Shot:
    """A shot while its frames stream by.

    Attributes
    ----------
    start_s, end_s : float
        The player's time of its first frame, and of the next shot's.
    opening : str
        How it begins: start (of the film), cut, dissolve or fade.
    histogram : numpy.ndarray
        Shape (216,): mean of the RGB histograms of every other of its frames.
    frames : list of (float, numpy.ndarray)
        First and last frame and some between them, evenly spread, with their times, once `close` is called.
    """

    start_s: float
    opening: str
    end_s: float = 0.0
    histogram: np.ndarray = field(default_factory=lambda: np.zeros(BINS**3))
    frames: list[tuple[float, np.ndarray]] = field(default_factory=list)
    n_frames: int = 0
    _stride: int = 1
    _last: tuple[float, np.ndarray] | None = None

    def add(self, frame: Frame) -> None:
        if self.n_frames % 2 == 0:  # a frame tells little that the one before it did not
            self.histogram += frame_histogram(frame.image)
        # Every stride-th frame is kept; when there are too many, every other one goes: memory is bounded.
        if self.n_frames % self._stride == 0:
            self.frames.append((frame.time_s, frame.image))
            if len(self.frames) > CANDIDATES:
                self.frames, self._stride = self.frames[::2], self._stride * 2
        self.n_frames += 1
        self._last = frame.time_s, frame.image

    def close(self, end_s: float) -> Shot:
        assert self._last is not None
        self.end_s = end_s
        self.histogram /= self.histogram.sum()
        n = max(3, 1 + round((end_s - self.start_s) / EVERY_S))
        wanted_s = np.linspace(self.start_s, end_s, n)[1:-1]
        between = (min(self.frames, key=lambda frame: abs(frame[0] - time_s)) for time_s in wanted_s)
        chosen = {frame[0]: frame for frame in (self.frames[0], *between, self._last)}
        self.frames = list(chosen.values())
        return self


def shots(
    frames: Iterable[Frame],
    fps: float,
    detector_name: str,
    black: Callable[[float, float], None] = lambda start_s, end_s: None,
) -> Iterator[Shot]:
    """Cut a film's frames into shots as they come.

    PySceneDetect's detectors find the cuts. A cut that a flash explains is dropped, dissolves are found where
    frames are mixtures of those before and after, and a stretch of black parts two shots in its middle.

    Parameters
    ----------
    frames : iterable of Frame
    fps : float
        Mean frames a second.
    detector_name : str
        One of the choices of the setting ``film.detector``.
    black : callable
        Told of each stretch of black: its start and end in seconds.

    Yields
    ------
    Shot
        In order, each soon after it ends, for a long film's frames are too many to hold; together they
        cover the picture's duration.

    Raises
    ------
    BookscoreError
        The detector's package is not installed.
    """
    import cv2
    from scenedetect import FrameTimecode

    (detector, takes_rgb), clock = _detector(detector_name), FrameTimecode(0, fps)
    boundaries = _Boundaries(Recent(fps, detector.event_buffer_length), black)
    horizon = boundaries.recent.reach
    pending: deque[Frame] = deque()
    shot: Shot | None = None
    last_s = 0.0

    def settled(least: int) -> Iterator[Shot]:
        """Hand on all frames but the last `least`."""
        nonlocal shot
        while len(pending) > least:
            frame = pending.popleft()
            opening = boundaries.opening(frame.number)
            if shot is None:
                shot = Shot(frame.time_s, "start")
            elif opening:
                yield shot.close(frame.time_s)
                shot = Shot(frame.time_s, opening)
            shot.add(frame)

    for frame in frames:
        pending.append(frame)
        last_s = frame.time_s
        image = frame.image if takes_rgb else cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR)
        cuts = detector.process_frame(FrameTimecode(frame.number, clock), image)
        boundaries.add(frame, [cut.frame_num for cut in cuts])
        yield from settled(horizon)
    if pending:
        cuts = detector.post_process(FrameTimecode(pending[-1].number, clock))
        boundaries.finish([cut.frame_num for cut in cuts])
        yield from settled(0)
    if shot is not None:
        yield shot.close(last_s + 1 / fps)


class _Boundaries:
    """Where shots begin, from all that is known of the frames so far."""

    def __init__(self, recent: Recent, black: Callable[[float, float], None]) -> None:
        self.recent, self.tell_black = recent, black
        self.shortest = max(1, round(SHORTEST_SHOT_S * recent.fps))
        self._cuts: set[int] = set()
        self._fades: dict[int, tuple[int, int]] = {}  # by the frame in the middle: first and last black frame
        self._black: list[Frame] = []
        self._asked = self._last = 0  # the last frame that was asked for, and the last boundary

    def add(self, frame: Frame, cuts: Iterable[int]) -> None:
        self.recent.add(frame.number, tiny(frame.image))
        self._cuts.update(cuts)
        if is_black(frame.image):
            self._black = [*self._black[:1], frame]
        elif self._black:
            first, last = self._end_black()
            if first > 0:
                self._fades[max((first + last + 1) // 2, self._asked + 1)] = first, last

    def finish(self, cuts: Iterable[int]) -> None:
        self._cuts.update(cuts)
        if self._black:  # black at the film's end is no shot
            first, last = self._end_black()
            self._cuts -= set(range(first - 1, last + 1))

    def opening(self, number: int) -> str | None:
        """How a shot opens at a frame, if one does; asked of each frame in turn."""
        self._asked = number
        self.recent.forget(number)
        self._fades = {
            middle: black for middle, black in self._fades.items() if black[1] + self.recent.reach >= number
        }
        opening = self._opening(number)
        self._cuts.discard(number - 3)
        if opening is None or number - self._last < self.shortest:
            return None
        self._last = number
        return opening

    def _opening(self, number: int) -> str | None:
        for middle, (first, last) in self._fades.items():
            out, back = self.recent.ramp_end(first, -1), self.recent.ramp_end(last, 1)
            if out - 2 <= number <= back + 2:
                is_fade = first - out >= SHORTEST_FADE or back - last >= SHORTEST_FADE
                return None if number != middle else "fade" if is_fade else "cut"
        inside = [d for d in self.recent.dissolves if d.start <= number <= d.end]
        if inside:
            best = min(inside, key=lambda dissolve: dissolve.apart)
            return "dissolve" if number == best.middle else None
        if number in self._cuts:
            over = self.recent.flash_end(number)
            if over is None:
                return "cut"
            self._cuts -= set(range(number, over + 1))
        return None

    def _end_black(self) -> tuple[int, int]:
        first, last, self._black = self._black[0], self._black[-1], []
        self.tell_black(first.time_s, last.time_s + 1 / self.recent.fps)
        return first.number, last.number


def _detector(name: str) -> tuple[SceneDetector, bool]:
    """A detector, and whether it takes images as RGB, not BGR."""
    from scenedetect import detectors

    if name == "transnetv2":
        from bookscore.ingest.film.picture.transnet import TransNet

        return TransNet(), False
    made: Any = getattr(detectors, f"{name.capitalize()}Detector")
    if name == "adaptive":
        made = _counting_in_integers(made)
    # Shots that are too short are told by `_Boundaries`.
    return made(min_scene_len=1), name == "adaptive"


def _counting_in_integers(detector: Any) -> Any:
    """PySceneDetect's adaptive detector with the same score in a third of the time: bytes stay bytes until they are summed."""
    import cv2

    class Detector(detector):
        _last: np.ndarray | None = None

        def _calculate_frame_score(self, timecode: FrameTimecode, frame_img: np.ndarray) -> float:
            hsv = cv2.cvtColor(frame_img, cv2.COLOR_RGB2HSV)
            last, self._last = self._last, hsv
            if last is None:
                return 0.0
            return sum(cv2.sumElems(cv2.absdiff(hsv, last))[:3]) / hsv.size

    return Detector


_BIN_PARTS = np.stack(
    [(np.arange(256) * BINS // 256 * BINS**place).astype(np.uint8) for place in (2, 1, 0)], axis=1
)[None]  # of a pixel's bin, by colour and level


def frame_histogram(image: np.ndarray) -> np.ndarray:
    """RGB histogram of every other pixel of every other line, adding up to 1."""
    import cv2

    parts = cv2.LUT(np.ascontiguousarray(image[::2, ::2]), _BIN_PARTS)
    bins = parts[..., 0] + parts[..., 1] + parts[..., 2]  # at most 215: no overflow
    return np.bincount(bins.ravel(), minlength=BINS**3) / bins.size
