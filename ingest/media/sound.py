"""Sound of any file that FFmpeg reads, as a stream of blocks at a wanted rate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from bookscore.engine.container import SEEKABLE, open_media, tag
from bookscore.engine.errors import BookscoreError
from bookscore.ingest.media.languages import same_language
from bookscore.ingest.media.packets import packets

if TYPE_CHECKING:
    import av
    import numpy as np
    from av.audio.stream import AudioStream
    from av.container import InputContainer

RECOGNISER_HZ = 4_000
BLOCK_S = 60.0
LEAST_HZ = 1000  # a second of less is stretched to hours by a damaged header
FULL_SCALE = 32767
LEAD_S = 1.0  # decoded before a part that is sought
GAP_S = 0.05  # above the jitter of time stamps in whole milliseconds (Matroska) or in frames


def has_audio(path: Path) -> bool:
    """Whether a media file has an audio stream that can be decoded.

    Raises
    ------
    BookscoreError
        The file cannot be opened as audio or video.
    """
    with opened(path) as container:
        return bool(playable(container))


def stream(
    path: Path,
    rate_hz: int,
    *,
    block_s: float = BLOCK_S,
    stereo: bool = False,
    language: str = "eng",
    start_s: float = 0.0,
    end_s: float | None = None,
    roughly: bool = False,
) -> Iterator[np.ndarray]:
    """Decode an audio stream of a file, block by block: of several, the film's own sound (`own_sound`).

    Time 0 is the player's: the start of a video file, the first sample of an audio file. Where the sound
    starts later or has a gap there is silence, so sample ``i`` is always heard at ``i / rate_hz`` seconds.

    Parameters
    ----------
    path : Path
    rate_hz : int
        Rate of the blocks; the sound is resampled to it.
    block_s : float
        Length of the blocks; the last may be shorter.
    stereo : bool
        Keep two channels; otherwise all channels are mixed into one, scaled so that nothing clips.
    language : str
        Preferred where a file has several streams.
    start_s, end_s : float
        The part that is wanted; None: to the end.
    roughly : bool
        The part may lie some tenths of a second beside: it is found faster in formats without an index.

    Yields
    ------
    numpy.ndarray
        float32, nominally in -1..1, of shape (n,), or (n, 2) where `stereo`.

    Raises
    ------
    BookscoreError
        The file cannot be opened, has no audio stream, or most of it cannot be decoded.
    """
    decoded = _decoded(path, rate_hz, "stereo" if stereo else "mono", language, start_s, roughly)
    pieces = _part(decoded, round(start_s * rate_hz), None if end_s is None else round(end_s * rate_hz))
    for block in _reblocked(pieces, max(1, round(block_s * rate_hz))):
        yield block.T if stereo else block[0]


def resampled(blocks: Iterable[np.ndarray], from_hz: int, to_hz: int) -> Iterator[np.ndarray]:
    """Mono blocks at another rate, without seams; each but the last is `BLOCK_S` long.

    Parameters
    ----------
    blocks : iterable of numpy.ndarray
        In order, each of shape (n,).
    from_hz, to_hz : int
        Rates of what is given and of what is wanted.

    Yields
    ------
    numpy.ndarray
        float32 of shape (n,).
    """
    for block in _reblocked(_at_rate(blocks, from_hz, to_hz), round(BLOCK_S * to_hz)):
        yield block[0]


def to_int16(block: np.ndarray) -> np.ndarray:
    """Samples as little-endian int16; what is above full scale is clipped."""
    import numpy as np

    return np.rint(block.clip(-1, 1) * FULL_SCALE).astype("<i2")


def pcm_blocks(blocks: Iterable[np.ndarray], rate_hz: int) -> pl.DataFrame:
    """Mono blocks as the recogniser wants them.

    Parameters
    ----------
    blocks : iterable of numpy.ndarray
        In order, float32 of shape (n,).
    rate_hz : int
        Of the blocks.

    Returns
    -------
    polars.DataFrame
        block_no (1..), start_s, rate_hz (`RECOGNISER_HZ`), and pcm: little-endian int16, a minute a block.
    """
    rows = [
        (no + 1, no * BLOCK_S, RECOGNISER_HZ, to_int16(block).tobytes())
        for no, block in enumerate(resampled(blocks, rate_hz, RECOGNISER_HZ))
    ]
    schema = {"block_no": pl.Int32, "start_s": pl.Float64, "rate_hz": pl.Int32, "pcm": pl.Binary}
    return pl.DataFrame(rows, schema=schema, orient="row")


@contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """A media file, open for reading.

    Raises
    ------
    BookscoreError
        It cannot be opened as audio or video.
    """
    import av

    try:
        with open_media(path) as container:
            yield container
    except av.error.FFmpegError as error:
        raise BookscoreError(
            f"{path}: cannot be decoded ({error.strerror}): check the file, or convert it with ffmpeg"
        ) from error


def _part(decoded: Iterable[tuple[int, np.ndarray]], start: int, end: int | None) -> Iterator[np.ndarray]:
    """What lies from sample `start` to `end` of pieces that are given with the number of their first sample."""
    for at, piece in decoded:
        if end is not None and at >= end:
            return
        wanted = piece[:, max(start - at, 0) : None if end is None else end - at]
        if wanted.shape[1]:
            yield wanted


def _decoded(
    path: Path, rate_hz: int, layout: str, language: str, start_s: float, roughly: bool
) -> Iterator[tuple[int, np.ndarray]]:
    """Pieces of shape (channels, n) with their first sample's number, with silence where the stream has a gap."""
    import numpy as np

    with opened(path) as container:
        audio = own_sound(container, language)
        if audio is None:
            raise BookscoreError(f"{path}: has no sound: give a file with an audio stream")
        if 0 < (audio.codec_context.sample_rate or 0) < LEAST_HZ:
            raise BookscoreError(
                f"{path}: its sound has {audio.codec_context.sample_rate} samples a second, too few to be music: "
                "check the file"
            )
        origin_s, end_s = _span(container, audio)
        is_sought = _seek(container, origin_s, start_s, roughly)
        resampler, source, written = _resampler(layout, rate_hz), None, 0
        for frame in _frames(path, container, audio):
            at_s = origin_s if frame.time is None else frame.time
            if is_sought and source is None:
                written = round((at_s - origin_s) * rate_hz)
            gap = round((at_s - origin_s) * rate_hz) - written
            late = gap > GAP_S * rate_hz and at_s <= end_s  # a wild time stamp is no gap
            if late or source not in (None, _source(frame)):
                for piece in _convert(resampler, None):
                    gap -= piece.shape[1]
                    yield written, piece
                    written += piece.shape[1]
                resampler = _resampler(layout, rate_hz)
            while late and gap > 0:
                silence = np.zeros(
                    (2 if layout == "stereo" else 1, min(gap, round(BLOCK_S * rate_hz))), np.float32
                )
                yield written, silence
                written, gap = written + silence.shape[1], gap - silence.shape[1]
            source = _source(frame)
            for piece in _convert(resampler, frame):
                yield written, piece
                written += piece.shape[1]
        for piece in _convert(resampler, None):
            yield written, piece
            written += piece.shape[1]


def _seek(container: InputContainer, origin_s: float, start_s: float, roughly: bool) -> bool:
    """Go to shortly before a part that is far from the beginning, where that can be done."""
    import av

    if start_s <= LEAD_S or not (roughly or container.format.name in SEEKABLE):
        return False
    try:
        container.seek(round((origin_s + start_s - LEAD_S) * av.time_base))
    except (av.error.FFmpegError, OverflowError):  # it is read from where it stands
        return False
    return True


def _at_rate(blocks: Iterable[np.ndarray], from_hz: int, to_hz: int) -> Iterator[np.ndarray]:
    import av

    resampler = _resampler("mono", to_hz)
    for block in blocks:
        frame = av.AudioFrame.from_ndarray(block[None], format="fltp", layout="mono")
        frame.sample_rate = from_hz
        yield from _convert(resampler, frame)
    yield from _convert(resampler, None)


def own_sound(container: InputContainer, language: str) -> AudioStream | None:
    """The stream a viewer hears: no commentary or description, in `language`, else the default one.

    Parameters
    ----------
    container : av.container.InputContainer
    language : str
        A code of ISO 639, e.g. eng.

    Returns
    -------
    av.AudioStream or None
        None where no stream can be decoded.
    """
    from av.stream import Disposition

    beside = Disposition.comment | Disposition.visual_impaired | Disposition.descriptions

    def choice(audio: AudioStream) -> tuple[object, ...]:
        title = (tag(audio, "title") or "").lower()
        is_beside = bool(audio.disposition & beside) or "commentary" in title or "descri" in title
        is_default = bool(audio.disposition & Disposition.default)
        return is_beside, not same_language(tag(audio, "language"), language), not is_default, audio.index

    return min(playable(container), key=choice, default=None)


def playable(container: InputContainer) -> list[AudioStream]:
    """The audio streams that can be decoded; FFmpeg has no decoder for one without a context."""
    return [audio for audio in container.streams.audio if audio.codec_context is not None]


def _span(container: InputContainer, audio: AudioStream) -> tuple[float, float]:
    """Start and end of what a player shows, in the file's own time."""
    import av
    from av.stream import Disposition

    pictures = [v for v in container.streams.video if not v.disposition & Disposition.attached_pic]
    if pictures:
        origin_s = (container.start_time or 0) / av.time_base
    else:
        origin_s = float((audio.start_time or 0) * (audio.time_base or 0))
    return origin_s, origin_s + (container.duration or 0) / av.time_base


def _frames(path: Path, container: InputContainer, audio: AudioStream) -> Iterator[av.AudioFrame]:
    import av

    n_good = n_bad = 0
    for packet in packets(container, audio):
        try:
            frames = packet.decode()
        except av.error.FFmpegError:  # one damaged packet must not cost a film: it becomes silence
            n_bad += 1
            continue
        n_good += bool(frames)
        yield from frames
    if n_bad >= max(n_good, 1):
        raise BookscoreError(
            f"{path}: its sound cannot be decoded ({n_bad} of {n_bad + n_good} packets are damaged): "
            "check the file, or convert it with ffmpeg"
        )
    if not n_good:
        raise BookscoreError(f"{path}: its audio stream is empty: give a file with sound")


def _source(frame: av.AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


def _resampler(layout: str, rate_hz: int) -> av.AudioResampler:
    import av

    # rematrix_maxval keeps a mix of full-scale channels at full scale.
    return av.AudioResampler(format="fltp", layout=layout, rate=rate_hz, options={"rematrix_maxval": "1"})


def _convert(resampler: av.AudioResampler, frame: av.AudioFrame | None) -> list[np.ndarray]:
    """What the resampler gives for a frame, or its rest for None; damaged samples become silence."""
    import numpy as np

    if frame is not None:
        frame.pts = None  # gaps are ours to fill
    pieces = [out.to_ndarray() for out in resampler.resample(frame) if out is not None and out.samples]
    return [np.nan_to_num(piece, posinf=0, neginf=0) for piece in pieces]


def _reblocked(pieces: Iterable[np.ndarray], size: int) -> Iterator[np.ndarray]:
    """Pieces of shape (channels, n) as blocks of `size` samples, the last one shorter."""
    import numpy as np

    held: list[np.ndarray] = []
    n_held = 0
    for piece in pieces:
        held.append(piece)
        n_held += piece.shape[1]
        if n_held < size:
            continue
        whole = np.concatenate(held, axis=1)
        for start in range(0, n_held - size + 1, size):
            yield whole[:, start : start + size].copy()  # a view would keep the whole alive
        rest = whole[:, n_held - n_held % size :].copy()
        held, n_held = [rest], rest.shape[1]
    if n_held:
        yield np.concatenate(held, axis=1)
