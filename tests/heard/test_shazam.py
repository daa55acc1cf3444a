"""Shazam as the recogniser, against answers of the service's shape: none of these tests uses a network."""

from __future__ import annotations

import io
import wave
from functools import partial

import numpy as np
import polars as pl
import pytest

from bookscore.engine.errors import BookscoreError
from bookscore.engine.models import Models
from bookscore.engine.runner import Run
from bookscore.engine.settings import defaults
from bookscore.engine.warehouse import Warehouse, fetch
from bookscore.ingest.heard import shazam
from bookscore.sql.hearing import Hearing, ShazamAnswers, hear
from bookscore.sql.settings import SETTINGS

TRACKS = pl.DataFrame(
    {"track_no": [1, 2, 3], "title": ["Prologue", "Hedgewick's Theme", "Epilogue"], "artist": ["J. Wills", "J. Wills", None]}
)  # fmt: skip


def _answer(title: str, artist: str = "J. Wills", offset: float = 31.5) -> dict:
    match = {"id": "1", "offset": offset, "timeskew": 0.0001, "frequencyskew": 0.0}
    return {"matches": [match], "track": {"key": "1", "title": title, "subtitle": artist}, "tagid": "A"}


NOTHING: dict = {"matches": [], "tagid": "B"}


class Service:
    """Answers in turn; an answer that is an exception is raised."""

    def __init__(self, *answers: dict | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[bytes] = []
        self.waited: list[float] = []
        self.told: list[str] = []

    def ask(self, wav: bytes) -> dict:
        self.asked.append(wav)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def warehouse(tmp_path):
    with Warehouse(tmp_path) as opened:
        yield opened


def _sound(seconds: float, seed: int = 0) -> list[np.ndarray]:
    noise = np.random.default_rng(seed).normal(0, 0.1, round(seconds * shazam.RATE_HZ)).astype(np.float32)
    return np.array_split(noise, 7)


def _ask(warehouse: Warehouse, service: Service, blocks: list[np.ndarray]) -> pl.DataFrame:
    answers = ShazamAnswers(warehouse, "film-1")
    return shazam.ask_all(answers, blocks, ask=service.ask, sleep=service.waited.append)


def test_each_window_is_asked_for_as_12_s_of_wav_at_a_polite_pace(warehouse):
    service = Service(_answer("Prologue"), NOTHING, _answer("Epilogue"))
    answers = _ask(warehouse, service, _sound(28))
    assert answers.select("start_s", "end_s").rows() == [(0.0, 12.0), (8.0, 20.0), (16.0, 28.0)]
    with wave.open(io.BytesIO(service.asked[0])) as wav:
        assert (wav.getnframes(), wav.getframerate(), wav.getnchannels()) == (12 * 16_000, 16_000, 1)
    assert service.waited == [shazam.PAUSE_S] * 3


def test_silence_is_not_asked_for(warehouse):
    service = Service()
    answers = _ask(warehouse, service, [np.zeros(20 * shazam.RATE_HZ, np.float32)])
    assert answers["answer"].to_list() == [None, None] and service.asked == []


def test_a_run_cut_short_asks_only_for_what_it_lacks(warehouse):
    cut = Service(_answer("Prologue"), BookscoreError("no network"))
    with pytest.raises(BookscoreError, match="no network"):
        _ask(warehouse, cut, _sound(28))
    again = Service(NOTHING, _answer("Epilogue"))
    answers = _ask(warehouse, again, _sound(28))
    assert len(again.asked) == 2 and len(answers) == 3
    whole = Service()
    assert _ask(warehouse, whole, _sound(28)).equals(answers)


def test_a_refusal_is_waited_out_longer_each_time(warehouse):
    service = Service(shazam.Refused("429"), shazam.Refused("429"), _answer("Prologue"))
    _ask(warehouse, service, _sound(12))
    assert service.waited == [*shazam.BACK_OFF_S[:2], shazam.PAUSE_S]


def test_lasting_refusal_ends_in_one_line_that_says_what_to_do(warehouse):
    service = Service(*[shazam.Refused("429")] * 5)
    with pytest.raises(BookscoreError, match=r"refuses to answer: run the same command again"):
        _ask(warehouse, service, _sound(12))


@pytest.mark.parametrize(
    ("title", "artist", "track_no"),
    [
        ("Prologue", "J. Wills", 1),
        ('Hedgewick\'s Theme (From "The Long Winter")', "J. Wills & Northern Strings", 2),
        ("Hedgewicks Theme", "J. Wills", 2),
        ("Theme", "J. Wills", None),
        ("Prologue", "The Ferrymen", None),
        ("Epilogue", "Anyone", 3),
        ("Dialogue", "J. Wills", None),
    ],
)
def test_an_answer_is_matched_to_the_album_by_title_and_artist(warehouse, title, artist, track_no):
    places = shazam.places(_ask(warehouse, Service(_answer(title, artist)), _sound(12)), TRACKS)
    row = places.row(0, named=True)
    assert row["track_no"] == track_no
    assert row["offset_s"] == (31.5 if track_no else None)
    assert (row["score"] > 0.8) == (track_no is not None)


def test_no_match_is_an_answer(warehouse):
    places = shazam.places(_ask(warehouse, Service(NOTHING), _sound(12)), TRACKS)
    assert places.row(0, named=True)["track_no"] is None


def test_a_signature_is_made_of_the_sound_without_a_network(warehouse):
    """The part of shazamio that needs no network takes the very WAV that is sent."""
    import asyncio

    from shazamio import Shazam

    service = Service(NOTHING)
    _ask(warehouse, service, _sound(12))

    async def make() -> object:
        return await Shazam().core_recognizer.recognize_bytes(value=service.asked[0], options=None)

    signature = asyncio.run(make())
    assert signature.signature.samples == pytest.approx(12_000, abs=10)


def test_without_a_network_the_service_says_so_in_one_line(monkeypatch):
    import aiohttp

    def refuse(*_args, **_options):
        raise aiohttp.ClientConnectionError("Cannot connect to host")

    monkeypatch.setattr(aiohttp.ClientSession, "_request", refuse)
    wav = shazam._wav((np.concatenate(_sound(12)) * 32767).astype("<i2"))
    with pytest.raises(BookscoreError, match=r"Shazam cannot be reached .*--recogniser album"):
        shazam.ask_service(wav)


@pytest.fixture
def heard(warehouse, monkeypatch):
    """Hears the album in a film of 28 s by asking a service; returns how that was done."""
    for no, seed in ((1, 0), (2, 1)):
        warehouse.connection.execute(
            "INSERT INTO film VALUES (?, 'F', ?, 28, 25, 640, 480, true, true)", [f"film-{no}", str(seed)]
        )
    for no, title, artist in TRACKS.rows():
        warehouse.connection.execute(
            "INSERT INTO track (album_id, track_no, title, artist, path, duration_s) VALUES ('album-1', ?, ?, ?, '', 90)",
            [no, title, artist],
        )
    monkeypatch.setattr("bookscore.ingest.media.sound.stream", lambda path, _: _sound(28, int(str(path))))

    def make(service: Service, film_id: str = "film-1", **settings: str) -> Hearing:
        asked = partial(shazam.ask_all, ask=service.ask, sleep=service.waited.append)
        monkeypatch.setattr("bookscore.sql.hearing.shazam.ask_all", asked)
        values = {"weave.recogniser": "shazam", **{f"weave.{k}": v for k, v in settings.items()}}
        run = Run(
            warehouse, defaults(SETTINGS) | values, Models("embedded"), force=False,
            progress=lambda *_: None, say=service.told.append,
        )  # fmt: skip
        return hear(run, film_id, "album-1")

    return make


def test_where_the_tracks_are_heard_is_kept(warehouse, heard):
    service = Service(_answer("Prologue"), NOTHING, _answer("Epilogue", offset=3.25))
    heard(service)
    windows = fetch(
        warehouse.connection, "SELECT start_s, track_no, offset_s FROM heard_window ORDER BY window_no"
    )
    assert windows.rows() == [(0.0, 1, 31.5), (8.0, None, None), (16.0, 3, 3.25)]
    assert [line for line in service.told if "3 requests" in line]
    heard(Service())  # done before: the service is not asked
    heard(Service(), heard_score=0.9)  # nor for another title that wants a higher score


def test_what_is_no_answer_is_replaced_in_the_warehouse(warehouse):
    answers = ShazamAnswers(warehouse, "film-1")
    _ask(warehouse, Service(NOTHING), _sound(12))
    warehouse.connection.execute("UPDATE shazam_answer SET answer = '[]'")
    _ask(warehouse, Service(_answer("Prologue")), _sound(12))
    ((sha256, answer),) = warehouse.connection.execute(
        "SELECT sound_sha256, answer FROM shazam_answer"
    ).fetchall()
    assert '"Prologue"' in answer and answers.find(sha256) == answer and answers.find("0") is None


def test_without_answers_another_recogniser_is_used_only_where_asked_for(warehouse, heard):
    def broken() -> Service:
        return Service(BookscoreError("Shazam cannot be reached"))

    with pytest.raises(BookscoreError, match="cannot be reached"):
        heard(broken())
    assert heard(broken(), shazam_fallback="album").recogniser == "album"


def test_the_answers_to_one_film_are_kept_where_the_next_falls_back(warehouse, heard):
    first = heard(
        Service(_answer("Prologue"), _answer("Prologue", offset=39.5), NOTHING), shazam_fallback="album"
    )
    second = heard(Service(BookscoreError("Shazam cannot be reached")), "film-2", shazam_fallback="album")
    assert (first.recogniser, second.recogniser) == ("shazam", "album")
    runs = "SELECT film_id, recogniser, track_no FROM heard ORDER BY ALL"
    assert warehouse.connection.execute(runs).fetchall() == [("film-1", "shazam", 1)]
