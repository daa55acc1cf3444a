"""The picture of a film, decoded once: small upright images in the player's time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from bookscore.engine.container import open_media
from bookscore.engine.errors import BookscoreError
from bookscore.ingest.media.packets import packets

if TYPE_CHECKING:
    import av
    from av.container import InputContainer
    from av.video.reformatter import VideoReformatter
    from av.video.stream import VideoStream

LONGEST_PX = 256
LEAST_WHOLE = 0.9  # of the file's length: formats without an index only estimate it
LOW_RESOLUTION = {"mjpeg", "mpeg1video", "mpeg2video", "mpeg4"}  # decoders that can leave out fine detail
PQ = 16  # transfer of HDR10 (SMPTE ST 2084), by its number in ITU-T H.273
PQ_WHITE = 203 / 10_000  # of paper in HDR, of the highest level (ITU-R BT.2408)
PQ_BRIGHTEST = 10.0  # times paper white: as bright as the picture gets


@dataclass(frozen=True)
class Frame:
    """A frame of the picture.

    Attributes
    ----------
    number : int
        From 0, of those that could be decoded.
    time_s : float
        In the player's time.
    image : numpy.ndarray
        RGB uint8, shape (height, width, 3), upright, square pixels, at most `LONGEST_PX` on either side.
    """

    number: int
    time_s: float
    image: np.ndarray


class Picture:
    """The picture of a film, to be iterated over once.

    Attributes
    ----------
    fps : float
        Mean frames a second.
    n_frames, n_damaged : int
        Decoded so far, and left out because they could not be, or are marked as damaged.

    Raises
    ------
    BookscoreError
        It cannot be decoded, or the file breaks off.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.fps, self.n_frames, self.n_damaged = path, 25.0, 0, 0
        with _readable(path), open_media(path) as container:
            stream = picture_stream(container)
            if stream is not None:
                self.fps = float(stream.average_rate or stream.guessed_rate or self.fps)

    def __iter__(self) -> Iterator[Frame]:
        import av
        from av.video.reformatter import VideoReformatter

        with _readable(self.path), open_media(self.path) as container:
            stream = picture_stream(container)
            if stream is None:
                return
            reformatters = VideoReformatter(), VideoReformatter()
            stream.thread_type = "AUTO"
            if stream.codec_context.name in LOW_RESOLUTION and stream.width >= 2 * LONGEST_PX:
                stream.codec_context.options = {"lowres": "1"}
            begins_s = (container.start_time or 0) / av.time_base
            time_s = -1 / self.fps
            for frame in self._decoded(container, stream):
                shown_s = frame.time - begins_s if frame.time is not None else time_s + 1 / self.fps
                if shown_s <= time_s:  # time stamps that stand still or go back
                    continue
                time_s = shown_s
                yield Frame(self.n_frames, max(time_s, 0.0), small(frame, stream, *reformatters))
                self.n_frames += 1

    def _decoded(self, container: InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame]:
        import av

        n_good = 0
        ends: dict[Fraction, int] = {}  # of all streams, by their unit of time: sound may outlast the picture
        for packet in packets(container):
            if packet.pts is not None:
                end, unit = packet.pts + (packet.duration or 0), packet.time_base
                if end > ends.get(unit, end - 1):
                    ends[unit] = end
            if packet.stream is not stream:
                continue
            try:
                frames = cast("list[av.VideoFrame]", packet.decode())
            except av.FFmpegError:  # one damaged packet must not cost a film
                self.n_damaged += 1
                continue
            for frame in frames:
                if frame.is_corrupt:
                    self.n_damaged += 1
                else:
                    n_good += 1
                    yield frame
        if self.n_damaged > n_good or not n_good:
            raise BookscoreError(
                f"{self.path}: its picture cannot be decoded: check that the file is complete"
            )
        begins_s = (container.start_time or 0) / av.time_base
        reached_s = max((float(end * unit) for unit, end in ends.items()), default=0.0) - begins_s
        whole_s = length_s(container)
        if reached_s < LEAST_WHOLE * whole_s:
            raise BookscoreError(
                f"{self.path}: breaks off at {reached_s:.0f} s of {whole_s:.0f} s: get the whole file"
            )


def ahead(frames: Iterable[Frame], n: int = 16) -> Iterator[Frame]:
    """The frames, decoded in a thread of its own while those before them are looked at.

    Parameters
    ----------
    frames : iterable of Frame
    n : int
        Frames that are decoded at once.

    Yields
    ------
    Frame
        All of them, in order.
    """
    coming = iter(frames)
    with ThreadPoolExecutor(1) as decoder:
        batch = decoder.submit(lambda: list(islice(coming, n)))
        while now := batch.result():
            batch = decoder.submit(lambda: list(islice(coming, n)))
            yield from now


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    import av

    try:
        yield
    except av.FFmpegError as error:
        raise BookscoreError(
            f"{path}: its picture cannot be decoded ({error.strerror}): check that the file is complete"
        ) from error


def picture_stream(container: InputContainer) -> VideoStream | None:
    """The film's video stream: of those that are no cover picture the default one, then the largest; None
    where there is none that FFmpeg can decode."""
    from av.stream import Disposition

    pictures = [
        s
        for s in container.streams.video
        if not s.disposition & Disposition.attached_pic and s.codec_context is not None
    ]
    return max(
        pictures,
        key=lambda s: (bool(s.disposition & Disposition.default), s.width * s.height, -s.index),
        default=None,
    )


def length_s(container: InputContainer) -> float:
    """How long the file plays; 0 where it does not tell."""
    import av

    # Matroska's figure counts from time 0, the others' from the first frame.
    skipped = container.start_time if "matroska" in container.format.name else 0
    return max(0, (container.duration or 0) - (skipped or 0)) / av.time_base


def small(
    frame: av.VideoFrame, stream: VideoStream, shrinking: VideoReformatter, colouring: VideoReformatter
) -> np.ndarray:
    """A frame as people see it, but small: upright, its pixels square, HDR brought to ordinary levels.

    Shrinking mixes the two fields of an interlaced picture. A reformatter takes long to be set up, so each
    serves all frames; shrinking first leaves few pixels to colour.

    Parameters
    ----------
    frame : av.VideoFrame
    stream : av.VideoStream
        Tells how wide its pixels are.
    shrinking, colouring : av.video.reformatter.VideoReformatter

    Returns
    -------
    numpy.ndarray
        RGB, uint8 of shape (height, width, 3); no side is longer than `LONGEST_PX`.
    """
    aspect = float(stream.sample_aspect_ratio or 1)
    width, height = frame.width * aspect, float(frame.height)
    scale = min(1.0, LONGEST_PX / max(width, height))
    across, down = (max(2, round(side * scale / 2) * 2) for side in (width, height))
    shrunk = shrinking.reformat(frame, across, down, "yuv420p", interpolation="AREA", threads=1)
    image = colouring.reformat(shrunk, format="rgb24", threads=1).to_ndarray()
    if frame.color_trc == PQ:
        image = tone_curve()[image]
    turns = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(image, turns)) if turns else image


@cache
def tone_curve() -> np.ndarray:
    """Level of an ordinary screen for each level of HDR10's curve, uint8 (256,): Reinhard's operator, extended."""
    coded = (np.arange(256) / 255) ** (1 / 78.84375)
    light = (np.maximum(coded - 0.8359375, 0) / (18.8515625 - 18.6875 * coded)) ** (1 / 0.1593017578125)
    light /= PQ_WHITE
    seen = light * (1 + light / PQ_BRIGHTEST**2) / (1 + light)
    return np.rint(255 * np.clip(seen, 0, 1) ** (1 / 2.2)).astype(np.uint8)


def jpeg(image: np.ndarray, longest_px: int) -> bytes:
    """An RGB image as JPEG, no longer than `longest_px` on either side.

    Parameters
    ----------
    image : numpy.ndarray
        uint8 of shape (height, width, 3).
    longest_px : int

    Returns
    -------
    bytes
    """
    import cv2

    height, width = image.shape[:2]
    scale = min(1.0, longest_px / max(height, width))
    fitted = cv2.resize(image, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    done, encoded = cv2.imencode(
        ".jpg", cv2.cvtColor(fitted, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 80]
    )
    assert done
    return encoded.tobytes()


def decoded(encoded: bytes) -> np.ndarray:
    """The RGB image of a JPEG."""
    import cv2

    image = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
