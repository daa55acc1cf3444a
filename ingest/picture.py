"""The picture of a film in one pass: shots, their colours, and frames to embed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from engine.errors import BookscoreError

if TYPE_CHECKING:
    import av
    from av.container import InputContainer
    from av.video.stream import VideoStream

DETECTION_WIDTH_PX = 320
BINS = 6  # per colour: 216 in all (METHOD section 4)
SHORTEST_SHOT_S = 0.6
CANDIDATES = 16
LEAST_WHOLE = 0.9  # of the file's length: formats without an index only estimate it


@dataclass
class Shot:
    """A shot while its frames stream by.

    Attributes
    ----------
    start_s, end_s : float
        The player's time of its first frame, and of the next shot's.
    histogram : numpy.ndarray
        Shape (216,): mean of its frames' RGB histograms.
    frames : list of (float, numpy.ndarray)
        First, middle and last frame with their times, once `close` is called.
    """

    start_s: float
    end_s: float = 0.0
    histogram: np.ndarray = field(default_factory=lambda: np.zeros(BINS**3))
    frames: list[tuple[float, np.ndarray]] = field(default_factory=list)
    n_frames: int = 0
    _stride: int = 1
    _last: tuple[float, np.ndarray] | None = None

    def add(self, time_s: float, image: np.ndarray) -> None:
        self.histogram += _histogram(image)
        # Every stride-th frame is kept; when there are too many, every other one goes: memory is bounded.
        if self.n_frames % self._stride == 0:
            self.frames.append((time_s, image))
            if len(self.frames) > CANDIDATES:
                self.frames, self._stride = self.frames[::2], self._stride * 2
        self.n_frames += 1
        self._last = (time_s, image)

    def close(self, end_s: float) -> Shot:
        assert self._last is not None
        self.end_s = end_s
        self.histogram /= self.n_frames
        middle_s = (self.start_s + end_s) / 2
        middle = min(self.frames, key=lambda frame: abs(frame[0] - middle_s))
        chosen = {frame[0]: frame for frame in (self.frames[0], middle, self._last)}
        self.frames = list(chosen.values())
        return self


def shots(path: Path, detector_name: str) -> Iterator[Shot]:
    """Decode the picture once and cut it into shots (PySceneDetect's detectors).

    Parameters
    ----------
    path : Path
    detector_name : str
        adaptive or content.

    Yields
    ------
    Shot
        In order, each as soon as it ends, for a long film's frames are too many to hold; together they
        cover the picture's duration.

    Raises
    ------
    BookscoreError
        No such detector, the picture cannot be decoded, or the file breaks off.
    """
    import av
    import cv2
    from scenedetect import FrameTimecode
    from scenedetect.detectors import AdaptiveDetector, ContentDetector

    detectors = {"adaptive": AdaptiveDetector, "content": ContentDetector}
    if detector_name not in detectors:
        raise BookscoreError(f"film.detector: {detector_name!r} is no detector: give adaptive or content")
    try:
        with av.open(str(path.resolve())) as container:
            stream = picture_stream(container)
            if stream is None:
                return
            stream.thread_type = "AUTO"
            fps = float(stream.average_rate or stream.guessed_rate or 25)
            begins_s = (container.start_time or 0) / av.time_base
            detector = detectors[detector_name](min_scene_len=max(1, round(SHORTEST_SHOT_S * fps)))
            size = _fit(stream.width, stream.height, DETECTION_WIDTH_PX)
            pending: deque[tuple[int, float, np.ndarray]] = deque()
            shot: Shot | None = None
            time_s = 0.0
            for number, frame in enumerate(_frames(path, container, stream)):
                image = frame.reformat(*size, format="rgb24").to_ndarray()
                time_s = frame.time - begins_s if frame.time is not None else number / fps
                if shot is None:
                    shot = Shot(time_s)
                pending.append((number, time_s, image))
                cuts = detector.process_frame(
                    FrameTimecode(number, fps), cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
                )
                # A cut is told some frames late: until then it is open to which shot a frame belongs.
                for cut in cuts:
                    while pending[0][0] < cut.frame_num:
                        shot.add(*pending.popleft()[1:])
                    yield shot.close(pending[0][1])
                    shot = Shot(pending[0][1])
                while len(pending) > detector.event_buffer_length + 1:
                    shot.add(*pending.popleft()[1:])
            if shot is not None:
                for _, late_s, image in pending:
                    shot.add(late_s, image)
                yield shot.close(time_s + 1 / fps)
    except av.FFmpegError as error:
        raise BookscoreError(
            f"{path}: its picture cannot be decoded ({error.strerror}): is the file whole?"
        ) from error


def _frames(path: Path, container: InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame]:
    import av

    n_good = n_bad = 0
    reached_s = 0.0  # by any stream: sound may outlast the picture
    for packet in container.demux():
        if packet.pts is not None:
            end_s = float((packet.pts + (packet.duration or 0)) * packet.time_base)
            reached_s = max(reached_s, end_s - (container.start_time or 0) / av.time_base)
        if packet.stream is not stream:
            continue
        try:
            frames = cast("list[av.VideoFrame]", packet.decode())
        except av.FFmpegError:  # one damaged packet must not cost a film
            n_bad += 1
            continue
        n_good += len(frames)
        yield from frames
    if n_bad > n_good or not n_good:
        raise BookscoreError(f"{path}: its picture cannot be decoded: is the file whole?")
    whole_s = length_s(container)
    if reached_s < LEAST_WHOLE * whole_s:
        raise BookscoreError(
            f"{path}: breaks off at {reached_s:.0f} s of {whole_s:.0f} s: get the whole file"
        )


def length_s(container: InputContainer) -> float:
    """How long the file plays; 0 where it does not tell."""
    import av

    # Matroska's figure counts from time 0, the others' from the first frame.
    skipped = container.start_time if "matroska" in container.format.name else 0
    return max(0, (container.duration or 0) - (skipped or 0)) / av.time_base


def picture_stream(container: InputContainer) -> VideoStream | None:
    """The first video stream that is no cover picture; None where there is none."""
    from av.stream import Disposition

    pictures = (s for s in container.streams.video if not s.disposition & Disposition.attached_pic)
    return next(pictures, None)


def jpeg(image: np.ndarray, longest_px: int) -> bytes:
    """An RGB image as JPEG, no longer than `longest_px` on either side."""
    import cv2

    height, width = image.shape[:2]
    scale = min(1.0, longest_px / max(height, width))
    small = cv2.resize(image, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    done, encoded = cv2.imencode(
        ".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 80]
    )
    assert done
    return encoded.tobytes()


def decoded(encoded: bytes) -> np.ndarray:
    """The RGB image of a JPEG."""
    import cv2

    image = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def _fit(width: int, height: int, wanted_px: int) -> tuple[int, int]:
    """Width and height for detection: even, and never larger than the film's own."""
    scale = min(1.0, wanted_px / width)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def _histogram(image: np.ndarray) -> np.ndarray:
    """RGB histogram of every other pixel of every other line, adding up to 1."""
    level = image[::2, ::2].astype(np.int32) * BINS // 256
    bins = (level[..., 0] * BINS + level[..., 1]) * BINS + level[..., 2]
    return np.bincount(bins.ravel(), minlength=BINS**3) / bins.size
