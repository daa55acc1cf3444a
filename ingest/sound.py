"""Sound of any file, decoded once, as a stream of blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import polars as pl

from engine.errors import BookscoreError

RECOGNISER_RATE_HZ = 4000
BLOCK_S = 60.0


def has_audio(path: Path) -> bool:
    """Whether the file has a sound stream."""
    import av

    try:
        with av.open(str(path)) as container:
            return bool(container.streams.audio)
    except av.FFmpegError as error:
        raise BookscoreError(f"{path}: cannot be read as audio or video ({error.strerror})") from error


def stream(path: Path, rate_hz: int, *, block_s: float = BLOCK_S, stereo: bool = False) -> Iterator[np.ndarray]:
    """Decode the first sound stream of a file, block by block.

    Parameters
    ----------
    path : Path
    rate_hz : int
        Wanted rate; the sound is resampled to it.
    block_s : float
        Length of a block; the last may be shorter.
    stereo : bool
        Two channels instead of one; more or fewer are mixed.

    Yields
    ------
    numpy.ndarray
        Float32 of shape (n,), or (n, 2). Sample 0 of the first block is the player's time 0: sound that
        begins later is preceded by silence.

    Raises
    ------
    BookscoreError
        The file has no sound, or it cannot be decoded.
    """
    import av

    size = round(block_s * rate_hz)
    pending: list[np.ndarray] = []
    held = 0
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise BookscoreError(f"{path}: has no sound")
            source = container.streams.audio[0]
            resampler = av.AudioResampler(format="flt", layout="stereo" if stereo else "mono", rate=rate_hz)
            for piece in _decoded(container, source, resampler, rate_hz, 2 if stereo else 1):
                pending.append(piece)
                held += len(piece)
                while held >= size:
                    joined = np.concatenate(pending)
                    yield joined[:size]
                    pending, held = [joined[size:]], held - size
    except av.FFmpegError as error:
        raise BookscoreError(f"{path}: its sound cannot be decoded ({error.strerror}): is the file whole?") from error
    if held:
        yield np.concatenate(pending)


def _decoded(container, source, resampler, rate_hz: int, n_channels: int) -> Iterator[np.ndarray]:  # type: ignore[no-untyped-def]
    first = True
    for frame in container.decode(source):
        if first:
            first = False
            begins_s = float((frame.pts or 0) * frame.time_base) - (container.start_time or 0) / 1e6
            if begins_s > 0:
                yield _shaped(np.zeros(round(begins_s * rate_hz) * n_channels, np.float32), n_channels)
        for resampled in resampler.resample(frame):
            yield _shaped(resampled.to_ndarray().ravel(), n_channels)
    for resampled in resampler.resample(None):
        yield _shaped(resampled.to_ndarray().ravel(), n_channels)


def _shaped(interleaved: np.ndarray, n_channels: int) -> np.ndarray:
    finite = np.nan_to_num(interleaved, copy=False, posinf=0.0, neginf=0.0)
    return finite if n_channels == 1 else finite.reshape(-1, n_channels)


def pcm_blocks(blocks: Iterable[np.ndarray], rate_hz: int) -> pl.DataFrame:
    """Mono sound at the recogniser's rate, as rows of track_sound or film_sound.

    Parameters
    ----------
    blocks : iterable of numpy.ndarray
        Mono float32 at `rate_hz`, in order.
    rate_hz : int

    Returns
    -------
    polars.DataFrame
        block_no, start_s, rate_hz, pcm (little-endian int16).
    """
    import soxr

    resampler = soxr.ResampleStream(rate_hz, RECOGNISER_RATE_HZ, 1, dtype="float32")
    rows: list[tuple[int, float, int, bytes]] = []
    n_samples = 0

    def add(samples: np.ndarray) -> None:
        nonlocal n_samples
        if len(samples):
            pcm = np.clip(np.round(samples * 32767), -32768, 32767).astype("<i2").tobytes()
            rows.append((len(rows) + 1, n_samples / RECOGNISER_RATE_HZ, RECOGNISER_RATE_HZ, pcm))
            n_samples += len(samples)

    for block in blocks:
        add(resampler.resample_chunk(block))
    add(resampler.resample_chunk(np.zeros(0, np.float32), last=True))
    schema = {"block_no": pl.Int32, "start_s": pl.Float64, "rate_hz": pl.Int32, "pcm": pl.Binary}
    return pl.DataFrame(rows, schema=schema, orient="row")
