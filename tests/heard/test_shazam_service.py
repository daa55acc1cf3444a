"""Shazam as the recogniser, against a local server that speaks, refuses and fails like the service."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import numpy as np
import polars as pl
import pytest
from aiohttp import web
from shazamio.misc import ShazamUrl

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.heard import shazam

FOUND: dict[str, Any] = {
    "matches": [{"id": "521", "offset": 31.5, "timeskew": 0.0001, "frequencyskew": -0.0002}],
    "location": {"accuracy": 0.01},
    "timestamp": 1_700_000_000_000,
    "timezone": "Europe/Moscow",
    "track": {"layout": "5", "type": "MUSIC", "key": "521", "title": "Prélude", "subtitle": "J. Wills"},
    "tagid": "0F",
}
URL = ShazamUrl.SEARCH_FROM_FILE
UNKNOWN: dict[str, Any] = {"matches": [], "retryms": 3000, "timestamp": 1, "tagid": "0E"}

Reply = Callable[[web.Request], Any]


class Service:
    """Replies in turn, the last reply again and again; keeps what was asked and how long was waited."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.questions: list[dict[str, Any]] = []
        self.waited: list[float] = []
        self.kept: dict[str, str] = {}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.questions.append(await request.json())
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        made = reply(request)
        return await made if asyncio.iscoroutine(made) else made

    def find(self, sound_sha256: str) -> str | None:
        return self.kept.get(sound_sha256)

    def keep(self, sound_sha256: str, start_s: float, answer: str) -> None:
        self.kept[sound_sha256] = answer

    def answers(self, seconds: float = 12.0, **options: Any) -> pl.DataFrame:
        """Ask about a sound of that length."""
        return shazam.ask_all(self, [noise(seconds)], sleep=self.waited.append, **options)


def noise(seconds: float) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.1, round(seconds * shazam.RATE_HZ)).astype(np.float32)


def says(answer: object, status: int = 200, **headers: str) -> Reply:
    return lambda _: web.json_response(answer, status=status, headers=headers)


def sends(body: bytes, status: int = 200, content_type: str = "application/json", **headers: str) -> Reply:
    return lambda _: web.Response(body=body, status=status, content_type=content_type, headers=headers)


async def no_answer(_: web.Request) -> web.Response:
    await asyncio.sleep(30)
    return web.Response()


def hangs_up(request: web.Request) -> web.Response:
    assert request.transport
    request.transport.abort()
    return web.Response()


async def breaks_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"matches": [')
    assert request.transport
    request.transport.close()
    return response


FAILURES: dict[str, Reply] = {
    "429": says({}, 429),
    "429 without JSON": sends(b"", 429, "text/plain"),
    "500 with JSON": says({"error": "internal"}, 500),
    "500 that looks like an answer": says(UNKNOWN, 500),
    "502 of a proxy": sends(b"<html>Bad Gateway</html>", 502, "text/html"),
    "204": sends(b"", 204),
    "page of the website": sends(b"<!doctype html><title>Shazam</title>", 200, "text/html"),
    "broken JSON": sends(b'{"matches": [{"id":'),
    "not UTF-8": sends(b'{"matches": "\xff"}'),
    "deep": sends(b"[" * 100_000),
    "NaN": sends(b'{"matches": [{"offset": NaN}]}'),
    "infinite": sends(b'{"matches": [{"offset": 1e400}]}'),
    "half a character": sends(b'{"matches": [], "tagid": "\\ud800"}'),
    "list": says([]),
    "null": says(None),
    "text": says("later"),
    "object without matches": says({"error": {"msg": "no"}}),
    "matches that are no list": says({"matches": {"id": "1"}}),
    "matches that are no objects": says({"matches": ["1"]}),
    "offset that is no number": says({"matches": [{"offset": "31"}]}),
    "track that is no object": says({"matches": [], "track": ["a"]}),
    "title that is no text": says({"matches": [], "track": {"title": 7}}),
    "no answer in time": no_answer,
    "hangs up": hangs_up,
    "breaks off": breaks_off,
}


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Service]]:
    """Starts a service on this machine, to which shazamio then speaks."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    runners: list[web.AppRunner] = []

    def start(*replies: Reply) -> Service:
        service = Service(*replies)

        async def listen() -> int:
            app = web.Application()
            app.router.add_post("/discovery/{rest:.*}", service.handle)
            runners.append(web.AppRunner(app, shutdown_timeout=0, handler_cancellation=True))
            await runners[-1].setup()
            site = web.TCPSite(runners[-1], "127.0.0.1", 0)
            await site.start()
            return int(runners[-1].addresses[0][1])

        port = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
        own = URL.replace("https://amp.shazam.com", f"http://127.0.0.1:{port}")
        assert own != URL
        monkeypatch.setattr(ShazamUrl, "SEARCH_FROM_FILE", own)
        return service

    yield start
    for runner in runners:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def test_a_signature_is_sent_and_the_answer_is_kept_as_it_came(serve: Callable[..., Service]) -> None:
    service = serve(says(FOUND))
    (answer,) = service.answers()["answer"]
    assert json.loads(answer) == FOUND
    assert [json.loads(kept) for kept in service.kept.values()] == [FOUND]
    assert service.questions[0]["signature"]["uri"].startswith("data:audio/vnd.shazam.sig;base64,")
    assert service.questions[0]["signature"]["samplems"] == 12_000
    assert service.waited == [shazam.PAUSE_S]
    tracks = pl.DataFrame({"track_no": [4], "title": ["Prelude"], "artist": ["J. Wills"]})
    assert shazam.places(service.answers(), tracks).row(0)[3:5] == (4, 31.5)
    assert len(service.questions) == 1


def test_that_no_track_is_known_is_an_answer(serve: Callable[..., Service]) -> None:
    service = serve(says(UNKNOWN))
    assert json.loads(service.answers()["answer"][0]) == UNKNOWN
    assert len(service.kept) == 1


@pytest.mark.parametrize("failure", FAILURES)
def test_what_is_no_answer_is_asked_again_later_and_never_kept(
    serve: Callable[..., Service], monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    monkeypatch.setattr(shazam, "TIMEOUT_S", 0.3 if FAILURES[failure] is no_answer else 10)
    service = serve(FAILURES[failure], FAILURES[failure], says(FOUND))
    assert json.loads(service.answers()["answer"][0]) == FOUND
    assert service.waited == [*shazam.BACK_OFF_S[:2], shazam.PAUSE_S]
    assert [json.loads(kept) for kept in service.kept.values()] == [FOUND]


@pytest.mark.parametrize("failure", ["429", "500 with JSON", "list", "broken JSON", "hangs up"])
def test_a_service_that_never_answers_ends_in_one_clear_line(
    serve: Callable[..., Service], failure: str
) -> None:
    service = serve(FAILURES[failure])
    with pytest.raises(
        BookscoreError, match=r"refuses to answer: run the same command again later"
    ) as caught:
        service.answers()
    assert "\n" not in str(caught.value)
    assert service.waited == [*shazam.BACK_OFF_S]
    assert len(service.questions) == 5 and service.kept == {}


def test_what_was_answered_before_the_service_failed_is_kept(serve: Callable[..., Service]) -> None:
    service = serve(says(FOUND), FAILURES["429"])
    with pytest.raises(BookscoreError, match="status 429"):
        service.answers(28)
    assert len(service.kept) == 1
    service.replies = [says(UNKNOWN)]
    answers = service.answers(28)["answer"]
    assert [json.loads(answer) for answer in answers] == [FOUND, UNKNOWN, UNKNOWN]
    assert len(service.questions) == 1 + 5 + 2


@pytest.mark.parametrize("status", [429, 503])
def test_the_service_is_left_alone_for_as_long_as_it_wants(
    serve: Callable[..., Service], status: int
) -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    for told, waited_s in (("95", 95), ("1", 30), (at, 600), ("soon", 30), ("", 30), ("9" * 400, 30)):
        service = serve(says({}, status, **{"Retry-After": told}), says(FOUND))
        service.answers()
        assert service.waited == [pytest.approx(waited_s, abs=5), shazam.PAUSE_S]


def test_a_service_that_wants_to_be_left_alone_for_hours_ends_the_run(serve: Callable[..., Service]) -> None:
    service = serve(says({}, 429, **{"Retry-After": "7201"}))
    with pytest.raises(BookscoreError, match=r"run the same command again in 2 h 1 min"):
        service.answers()
    assert service.waited == [] and len(service.questions) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
def test_without_a_network_the_run_ends_at_once(
    serve: Callable[..., Service], monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    monkeypatch.setattr(ShazamUrl, "SEARCH_FROM_FILE", f"http://{host}:{port}/{{uuid_1}}")
    service = Service()
    with pytest.raises(BookscoreError, match=r"Shazam cannot be reached .*--recogniser album"):
        service.answers()
    assert service.waited == []


@pytest.mark.parametrize("bad", ["[]", '{"error": {"msg": "no"}}', "null", "<html>", ""])
def test_what_an_earlier_version_kept_wrongly_is_asked_again(serve: Callable[..., Service], bad: str) -> None:
    service = serve(says(FOUND))
    service.answers()
    service.kept = dict.fromkeys(service.kept, bad)
    assert json.loads(service.answers()["answer"][0]) == FOUND
    assert len(service.questions) == 2 and [*map(json.loads, service.kept.values())] == [FOUND]


def test_progress_tells_what_is_done_and_how_long_the_rest_will_take() -> None:
    told: list[tuple[int, int | None, float]] = []
    service = Service()
    n = shazam.count_windows(60)
    service.answers(60, n_windows=n, ask=lambda _: FOUND, progress=lambda *each: told.append(each))
    assert [done for done, *_ in told] == list(range(n + 1)) and {of for _, of, _ in told} == {n}
    assert [still_s for *_, still_s in told] == pytest.approx(
        [12 * (n - done) for done in range(n + 1)], abs=1
    )
    told.clear()
    service.answers(60, ask=lambda _: FOUND, progress=lambda *each: told.append(each))
    assert told[0][1] is None and np.isnan(told[0][2])


def test_silence_costs_no_time() -> None:
    told: list[float] = []
    quiet = np.zeros(28 * shazam.RATE_HZ, np.float32)
    shazam.ask_all(Service(), [quiet], 3, progress=lambda *each: told.append(each[2]))
    assert told == [36.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("seconds", [0, 3, 4.1, 11.9, 12, 15.9, 16.1, 20, 28, 60.5, 100])
def test_windows_are_counted_as_they_are_cut(seconds: float) -> None:
    answers = Service().answers(seconds, ask=lambda _: FOUND)
    assert len(answers) == shazam.count_windows(seconds)


def test_progress_is_told_at_the_start_and_every_few_minutes() -> None:
    lines: list[str] = []
    time_s = iter(range(0, 100_000, 100))
    progress = shazam.told_in_lines(lines.append, clock=lambda: next(time_s))
    progress(0, 540, 6480.0)
    assert len(lines) == 1
    assert "540 requests" in lines[0] and "1 h 48 min" in lines[0]
    for done in range(1, 10):
        progress(done, 540, 12.0 * (540 - done))
    assert 1 < len(lines) < 6
    assert lines[1].startswith("Shazam: ") and "of 540" in lines[1] and "1 h 4" in lines[1]
    unknown = shazam.told_in_lines(lines.append)
    unknown(0, None, float("nan"))
    assert "unknown number" in lines[-1] and "nan" not in lines[-1]
