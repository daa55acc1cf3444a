"""Cuts music segments out of their tracks."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bookscore.engine.container import SEEKABLE, open_media
from bookscore.engine.errors import BookscoreError
from bookscore.queries.sound.sound_file import CODECS, SoundFile

if TYPE_CHECKING:
    import numpy as np
    from av import AudioResampler
    from av.container import InputContainer

RATE_HZ = 44_100
LEAD_S = 1.0  # decoded before a part that is sought
LONGEST_S = 240.0
"""The time in which a text segment is read; a player holds the decoded sound, 21 MB a minute."""


def encode(track_path: Path, spans: Sequence[tuple[float, float]]) -> list[bytes]:
    """Cut parts of a track at the sample and encode each as MP3.

    MP3 because every browser decodes it, those built without licensed codecs too, and because its header
    tells the exact number of samples, so that no silence enters a loop's seam.

    Parameters
    ----------
    track_path : Path
        Any sound file that FFmpeg reads.
    spans : sequence of (float, float)
        Start and end of each part, in seconds; a part longer than ``LONGEST_S`` is cut there.

    Returns
    -------
    list of bytes
        An MP3 file for each span: stereo, 44.1 kHz, 128 kbit/s; same input, same bytes.

    Raises
    ------
    BookscoreError
        The file is gone, is not sound, or ends before a span begins.
    """
    sounds = cut(track_path, [(start_s, min(end_s, start_s + LONGEST_S)) for start_s, end_s in spans])
    return [_mp3(sound) for sound in sounds]


def cut(track_path: Path, spans: Sequence[tuple[float, float]], rate_hz: int = RATE_HZ) -> list[np.ndarray]:
    """Parts of a track, cut at the sample.

    The file is decoded from its start, except in formats in which seeking is exact: in many it is not.

    Parameters
    ----------
    track_path : Path
        Any sound file that FFmpeg reads.
    spans : sequence of (float, float)
        Start and end of each part, in seconds.
    rate_hz : int
        Rate of the result.

    Returns
    -------
    list of numpy.ndarray
        The sound of each span: float32, shape (2, samples).

    Raises
    ------
    BookscoreError
        The file is gone, is not sound, or ends before a span begins.
    """
    import av

    try:
        sounds = _cut(track_path, spans, rate_hz)
    except (OSError, av.FFmpegError, IndexError) as error:
        raise BookscoreError(
            f"{track_path}: its sound cannot be read ({getattr(error, 'strerror', None) or 'no sound in it'}): "
            "put the album's file back, or ingest the album again"
        ) from error
    for (start_s, _), sound in zip(spans, sounds, strict=True):
        if not sound.size:
            raise BookscoreError(
                f"{track_path}: ends before {start_s:.1f} s: it has changed, ingest the album again"
            )
    return sounds


def _cut(track_path: Path, spans: Sequence[tuple[float, float]], rate_hz: int) -> list[np.ndarray]:
    import av
    import numpy as np

    cuts = [(round(start_s * rate_hz), round(end_s * rate_hz)) for start_s, end_s in spans]
    last = max(end for _, end in cuts)
    parts: list[list[np.ndarray]] = [[] for _ in cuts]
    sought_s = min(start_s for start_s, _ in spans) - LEAD_S
    position: int | None = None
    with open_media(track_path) as container:
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=rate_hz)
        is_sought = sought_s > 0 and container.format.name in SEEKABLE
        if is_sought:
            container.seek(round(sought_s * av.time_base))
        for time_s, block in _blocks(container, resampler):
            if position is None:
                position = round((time_s or 0) * rate_hz) if is_sought else 0
            for part, (start, end) in zip(parts, cuts, strict=True):
                wanted = block[:, max(start - position, 0) : max(end - position, 0)]
                if wanted.size:
                    part.append(wanted)
            position += block.shape[1]
            if position >= last:
                break
    return [np.concatenate(part, axis=1) if part else np.empty((2, 0), np.float32) for part in parts]


def _blocks(
    container: InputContainer, resampler: AudioResampler
) -> Iterator[tuple[float | None, np.ndarray]]:
    """Blocks of sound, and when the frame begins that each is made of."""
    import av

    for packet in container.demux(audio=0):
        if not packet.size and packet.dts is not None:
            continue  # some Ogg files end in an empty packet, which is not the end that FFmpeg knows
        try:
            frames = packet.decode()
        except av.InvalidDataError:
            continue  # a damaged packet, or tags after the music: players skip them too
        for frame in frames:
            for resampled in resampler.resample(frame):
                yield frame.time, resampled.to_ndarray()
    for resampled in resampler.resample(None):
        yield None, resampled.to_ndarray()


def _mp3(sound: np.ndarray) -> bytes:
    file = io.BytesIO()
    with SoundFile(file, CODECS["mp3"]) as mp3:
        mp3.write(sound)
    return file.getvalue()
