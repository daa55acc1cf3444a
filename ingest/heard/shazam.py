"""Where in an album the music of a film comes from, by asking Shazam (METHOD 7b).

Shazam reads 12 s of sound and answers about five requests a minute; a film takes hours. Every answer is
kept as it comes, so that a run cut short goes on where it stopped.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import math
import re
import time
import wave
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Protocol

import polars as pl

from bookscore.engine.errors import BookscoreError

if TYPE_CHECKING:
    import numpy as np

RATE_HZ = 16_000
WINDOW_S = 12
HOP_S = 8  # the authors' step
PAUSE_S = 12.0
BACK_OFF_S = (30.0, 60.0, 120.0, 240.0)
LONGEST_WAIT_S = 3600.0  # a service that wants to be left alone for longer ends the run
TIMEOUT_S = 60.0
REPORT_S = 300.0
SILENCE_RMS = 1e-4  # -80 dB below full scale
LEAST_ALIKE = 85.0  # of 100, between the service's name of a track and the album's

Ask = Callable[[bytes], object]
"""Sends a WAV file to the service and returns its answer, decoded from JSON."""

Progress = Callable[[int, int | None, float], None]
"""Told the number of windows that have an answer, the number of all where it is known, and the seconds still
needed as estimated (NaN where the number is not known)."""


class Refused(Exception):
    """The service gave no answer: it was asked too often, or it is out of order.

    Parameters
    ----------
    reason : str
    after_s : float or None
        How long it wants to be left alone, where it says so.
    """

    def __init__(self, reason: str, after_s: float | None = None) -> None:
        super().__init__(reason)
        self.after_s = after_s


class Answers(Protocol):
    """Where the service's answers are kept, by the SHA-256 of the window's samples."""

    def find(self, sound_sha256: str) -> str | None:
        """The answer (JSON) to a sound that was asked for before."""

    def keep(self, sound_sha256: str, start_s: float, answer: str) -> None:
        """Keep an answer for good, in place of one that there was.

        Parameters
        ----------
        sound_sha256 : str
        start_s : float
            Where the window begins in its film.
        answer : str
            JSON.
        """


def ask_service(wav: bytes) -> object:
    """Ask Shazam itself.

    Raises
    ------
    Refused
        It wants to be asked later, is out of order or did not answer in time.
    BookscoreError
        It cannot be reached.
    """
    import aiohttp
    from shazamio import Shazam
    from shazamio.client import HTTPClient

    class _Client(HTTPClient):
        """shazamio's own takes the body of any status for an answer and does not pass on Retry-After."""

        async def request(self, method: str, url: str, **options: Any) -> Any:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.request(method, url, **options) as response,
            ):
                if response.status != 200:
                    after_s = _seconds(response.headers.get("Retry-After", ""))
                    raise Refused(f"status {response.status}", after_s)
                return _json(await response.read())

    async def ask() -> object:
        return await Shazam(http_client=_Client()).recognize(wav)

    try:
        return asyncio.run(ask())
    except TimeoutError as error:
        raise Refused(f"no answer in {TIMEOUT_S:.0f} s") from error
    except (aiohttp.ClientError, OSError) as error:
        if _broke_off(error):
            raise Refused(f"the connection broke off: {error}") from error
        raise BookscoreError(
            f"Shazam cannot be reached ({error}): check the network and run again, or use --recogniser album"
        ) from error


def ask_all(
    answers: Answers,
    blocks: Iterable[np.ndarray],
    n_windows: int | None = None,
    ask: Ask = ask_service,
    sleep: Callable[[float], None] = time.sleep,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Have an answer for each window of a film's sound.

    Parameters
    ----------
    answers : Answers
        Where answers are looked up and kept, each as it comes.
    blocks : iterable of numpy.ndarray
        The film's sound in order, mono float32 at `RATE_HZ`.
    n_windows : int or None
        How many there will be (`count_windows`), for `progress` alone.
    ask, sleep : callable
        The service, and how to wait for it (seconds).
    progress : callable
        Told at the start and after each window; see `Progress`.

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
    n_silent = n_asked = 0
    asking_s = 0.0

    def report() -> None:
        if progress:
            left = math.nan if n_windows is None else max(n_windows - len(rows), 0)
            sounding = 1 - n_silent / len(rows) if rows else 1.0
            progress(len(rows), n_windows, left * sounding * (PAUSE_S + asking_s / max(n_asked, 1)))

    report()
    for window_no, samples in enumerate(_windows(blocks), 1):
        start_s = float((window_no - 1) * HOP_S)
        end_s = start_s + len(samples) / RATE_HZ
        answer = None
        if (samples.astype(float) ** 2).mean() ** 0.5 < SILENCE_RMS * 32767:
            n_silent += 1
        else:
            sha256 = hashlib.sha256(samples.tobytes()).hexdigest()
            answer = _known(answers, sha256)
            if answer is None:
                began_s = time.monotonic()
                answer = _patiently(ask, _wav(samples), sleep)
                asking_s, n_asked = asking_s + time.monotonic() - began_s, n_asked + 1
                answers.keep(sha256, start_s, answer)
                sleep(PAUSE_S)
        rows.append((window_no, start_s, end_s, answer))
        report()
    schema = {"window_no": pl.Int32, "start_s": pl.Float64, "end_s": pl.Float64, "answer": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def count_windows(duration_s: float) -> int:
    """How many windows a sound of that length has."""
    whole = max(0, math.floor((duration_s - WINDOW_S) / HOP_S) + 1)
    return whole + (duration_s - whole * HOP_S > WINDOW_S - HOP_S)


def told_in_lines(
    say: Callable[[str], None], every_s: float = REPORT_S, clock: Callable[[], float] = time.monotonic
) -> Progress:
    """A `Progress` that says what is to come, and every few minutes what is done.

    Parameters
    ----------
    say : callable
        Takes a line for the user.
    every_s : float
        Seconds between two lines.
    clock : callable
        The time in seconds.

    Returns
    -------
    callable
    """
    said_at: float | None = None

    def progress(n_done: int, n_windows: int | None, still_s: float) -> None:
        nonlocal said_at
        if said_at is not None and clock() - said_at < every_s:
            return
        all_of = "an unknown number of" if n_windows is None else f"{n_windows}"
        needed = "" if math.isnan(still_s) else f", about {_duration(still_s)}"
        if said_at is None:
            say(
                f"Shazam: {all_of} requests at most, one every {PAUSE_S:.0f} s{needed}; "
                "answers are kept, so a run that is stopped resumes there"
            )
        else:
            say(f"Shazam: {n_done} of {all_of} requests done{needed} to go")
        said_at = clock()

    return progress


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
        rows.append(
            (window_no, start_s, end_s, track_no, offset_s, score, 1 + (match.get("timeskew") or 0.0))
        )
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


def _known(answers: Answers, sha256: str) -> str | None:
    """The kept answer, unless it is of a shape that an earlier version should not have kept."""
    known = answers.find(sha256)
    try:
        return None if known is None else _checked(_json(known))
    except Refused:
        return None


def _patiently(ask: Ask, wav: bytes, sleep: Callable[[float], None]) -> str:
    """The service's answer as JSON; a refusal is waited out, as long as the service asks for."""
    for wait_s in (*BACK_OFF_S, math.inf):
        try:
            return _checked(ask(wav))
        except Refused as error:
            refused = error
        wait_s = max(wait_s, refused.after_s or 0)
        if wait_s > LONGEST_WAIT_S:
            break
        sleep(wait_s)
    later = f"in {_duration(refused.after_s)}" if refused.after_s else "later"
    raise BookscoreError(
        f"Shazam refuses to answer: run the same command again {later} (answers so far are kept), "
        f"or use --recogniser album (the last refusal: {refused})"
    ) from refused


def _checked(answer: object) -> str:
    """An answer that names a track, or says that it knows none, as JSON; Refused where it is anything else."""
    matches = answer.get("matches") if isinstance(answer, dict) else None
    track = answer.get("track") or {} if isinstance(answer, dict) else None
    if not (
        isinstance(matches, list)
        and all(isinstance(match, dict) for match in matches)
        and all(isinstance(m.get(name) or 0, int | float) for m in matches for name in ("offset", "timeskew"))
        and isinstance(track, dict)
        and all(isinstance(track.get(name) or "", str) for name in ("title", "subtitle"))
    ):
        raise Refused("an answer of an unknown shape")
    try:
        return json.dumps(answer, ensure_ascii=False, allow_nan=False).encode().decode()
    except ValueError as error:  # an infinite number, or half of a character
        raise Refused("an answer that no database stores") from error


def _json(text: str | bytes) -> object:
    def refuse(_: str) -> None:
        raise ValueError("NaN or infinity")

    try:
        return json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise Refused("an answer that is no JSON") from error


def _seconds(retry_after: str) -> float | None:
    """The header Retry-After (RFC 9110, 10.2.3): a number of seconds or a date; None where it is neither."""
    if re.fullmatch(r"\s*\d{1,9}\s*", retry_after):
        return float(retry_after)
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _broke_off(error: Exception) -> bool:
    """Whether a connection was there and then failed, which may not happen again."""
    import aiohttp

    if isinstance(
        error, aiohttp.ClientConnectorError
    ):  # a kind of ClientOSError: no name, no host, no answer
        return False
    failures = (
        aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError, aiohttp.ClientResponseError,
        aiohttp.ClientOSError, ConnectionResetError,
    )  # fmt: skip
    return isinstance(error, failures)


def _duration(seconds: float) -> str:
    minutes = math.ceil(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


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
