"""Where in an album the music of a film comes from, by asking Shazam (METHOD 7b).

Shazam reads 12 s of sound and answers about five requests a minute; a film takes hours. Every answer is
written to the warehouse as it comes, so that a run cut short goes on where it stopped.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import re
import time
import wave
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import polars as pl

from bookscore.engine.errors import BookscoreError
from bookscore.engine.warehouse import Warehouse, now

if TYPE_CHECKING:
    import numpy as np

RATE_HZ = 16_000
WINDOW_S = 12
HOP_S = 8  # the authors' step
PAUSE_S = 12.0
BACK_OFF_S = (30.0, 60.0, 120.0, 240.0)
SILENCE_RMS = 1e-4  # -80 dB below full scale
LEAST_ALIKE = 85.0  # of 100, between the service's name of a track and the album's

Ask = Callable[[bytes], dict[str, Any]]
"""Sends a WAV file to the service and returns its answer."""


class Refused(Exception):
    """The service gave no answer: it was asked too often, or it is out of order."""


def ask_service(wav: bytes) -> dict[str, Any]:
    """Ask Shazam itself.

    Raises
    ------
    Refused
        It wants to be asked later.
    BookscoreError
        It cannot be reached.
    """
    import aiohttp
    from aiohttp_retry import ExponentialRetry
    from shazamio import Shazam
    from shazamio.client import HTTPClient
    from shazamio.exceptions import FailedDecodeJson

    async def ask() -> dict[str, Any]:
        # Waiting is ours: the library's own retries would keep a run without a network for minutes.
        async with HTTPClient(ExponentialRetry(attempts=1)) as client:
            return await Shazam(http_client=client).recognize(wav)

    try:
        answer = asyncio.run(ask())
    except FailedDecodeJson as error:  # what a refusal (status 429) looks like from here
        raise Refused(str(error)) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise BookscoreError(
            f"Shazam cannot be reached ({error}): check the network and run again, or use --recogniser album"
        ) from error
    return answer


def ask_all(
    warehouse: Warehouse,
    film_id: str,
    blocks: Iterable[np.ndarray],
    ask: Ask = ask_service,
    sleep: Callable[[float], None] = time.sleep,
    progress: Callable[[int], None] | None = None,
) -> pl.DataFrame:
    """Have an answer for each window of a film's sound.

    Parameters
    ----------
    warehouse : Warehouse
        Where answers are looked up and, each in its own transaction, written.
    film_id : str
    blocks : iterable of numpy.ndarray
        The film's sound in order, mono float32 at `RATE_HZ`.
    ask, sleep : callable
        The service, and how to wait for it.
    progress : callable
        Told the number of windows that have an answer.

    Returns
    -------
    polars.DataFrame
        window_no (1..), start_s, end_s, answer (JSON; NULL for a silent window).

    Raises
    ------
    BookscoreError
        The service cannot be reached or keeps refusing; the answers that came are kept.
    """
    rows: list[tuple[int, float, float, str | None]] = []
    for window_no, samples in enumerate(_windows(blocks), 1):
        start_s = float((window_no - 1) * HOP_S)
        end_s = start_s + len(samples) / RATE_HZ
        answer = None
        if (samples.astype(float) ** 2).mean() ** 0.5 >= SILENCE_RMS * 32767:
            answer = _answer(warehouse, film_id, start_s, samples, ask, sleep)
        rows.append((window_no, start_s, end_s, answer))
        if progress:
            progress(window_no)
    schema = {"window_no": pl.Int32, "start_s": pl.Float64, "end_s": pl.Float64, "answer": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def places(answers: pl.DataFrame, tracks: pl.DataFrame) -> pl.DataFrame:
    """The album's track and place that each answer means.

    Parameters
    ----------
    answers : polars.DataFrame
        See `ask_all`.
    tracks : polars.DataFrame
        track_no, title and artist of the album.

    Returns
    -------
    polars.DataFrame
        window_no, start_s, end_s; track_no and offset_s (NULL where the answer is none of the album's
        tracks), score (the likeness of the titles, 0..1), speed.
    """
    rows = []
    for window_no, start_s, end_s, text in answers.iter_rows():
        answer = json.loads(text) if text else {}
        track_no, score = _track(answer.get("track") or {}, tracks)
        match = (answer.get("matches") or [{}])[0]
        offset_s = match.get("offset") if track_no else None
        rows.append((window_no, start_s, end_s, track_no, offset_s, score, 1 + match.get("timeskew", 0.0)))
    schema = {
        "window_no": pl.Int32, "start_s": pl.Float64, "end_s": pl.Float64, "track_no": pl.Int32,
        "offset_s": pl.Float64, "score": pl.Float64, "speed": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _windows(blocks: Iterable[np.ndarray]) -> Iterable[np.ndarray]:
    """int16 windows of `WINDOW_S`, one every `HOP_S`; the last may be shorter."""
    import numpy as np

    size, hop = WINDOW_S * RATE_HZ, HOP_S * RATE_HZ
    held = np.empty(0, "<i2")
    for block in blocks:
        held = np.concatenate((held, np.rint(block.clip(-1, 1) * 32767).astype("<i2")))
        while len(held) >= size:
            yield held[:size]
            held = held[hop:]
    if len(held) > size - hop:  # else all of it was in the window before
        yield held


def _answer(
    warehouse: Warehouse,
    film_id: str,
    start_s: float,
    samples: np.ndarray,
    ask: Ask,
    sleep: Callable[[float], None],
) -> str:
    sha256 = hashlib.sha256(samples.tobytes()).hexdigest()
    known = warehouse.connection.execute(
        "SELECT answer FROM shazam_answer WHERE sound_sha256 = ?", [sha256]
    ).fetchone()
    if known:
        return str(known[0])
    answer = json.dumps(_patiently(ask, _wav(samples), sleep))
    with warehouse.transaction() as connection:
        connection.execute(
            "INSERT INTO shazam_answer VALUES (?, ?, ?, ?, ?)", [sha256, film_id, start_s, answer, now()]
        )
    sleep(PAUSE_S)
    return answer


def _patiently(ask: Ask, wav: bytes, sleep: Callable[[float], None]) -> dict[str, Any]:
    for wait_s in BACK_OFF_S:
        try:
            return ask(wav)
        except Refused:
            sleep(wait_s)
    try:
        return ask(wav)
    except Refused as error:
        raise BookscoreError(
            "Shazam refuses to answer: run the same command again later (its answers are kept), "
            "or use --recogniser album"
        ) from error


def _wav(samples: np.ndarray) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE_HZ)
        wav.writeframes(samples.tobytes())
    return file.getvalue()


def _track(found: dict[str, Any], tracks: pl.DataFrame) -> tuple[int | None, float]:
    """The album's track that the service names, and how alike the names are; (None, 0) where it is none.

    The service adds to titles where they come from: Theme (From "A Film"). Where both name an artist, the
    shorter name must be near a part of the longer.
    """
    from rapidfuzz import fuzz, utils

    title, artist = found.get("title") or "", found.get("subtitle")
    forms = {title, re.sub(r"[(\[].*?[)\]]", "", title), title.split(" - ")[0]}
    best: tuple[int | None, float] = (None, 0.0)
    for track_no, own_title, own_artist in tracks.select("track_no", "title", "artist").iter_rows():
        alike = max(fuzz.token_sort_ratio(form, own_title, processor=utils.default_process) for form in forms)
        if artist and own_artist:
            by = fuzz.partial_ratio(artist, own_artist, processor=utils.default_process)
            alike = alike if by >= LEAST_ALIKE else 0.0
        if alike >= LEAST_ALIKE and alike > best[1]:
            best = track_no, alike
    return best[0], best[1] / 100
