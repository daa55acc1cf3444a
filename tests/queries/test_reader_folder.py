"""What the reader's folder holds, and how it is served; no browser is needed."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import duckdb
import pytest
import woven_fixture as woven_title
from reader_pages import CANDIDATES, make

from bookscore.engine.errors import BookscoreError
from bookscore.engine.warehouse import DATABASE, Warehouse
from bookscore.queries import reader, woven
from bookscore.queries.reader.choices import offers
from bookscore.queries.reader.serve import HOST, serve
from bookscore.queries.why import why


@pytest.fixture
def warehouse(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    return make(tmp_path)


def _told(folder: Path) -> dict:
    """What the page's program is told."""
    page = (folder / "index.html").read_text(encoding="utf-8")
    return json.loads(re.search(r'id="soundtrack">(.*?)</script>', page, re.DOTALL)[1])


# --- What is offered ---


def test_a_segment_offers_its_own_piece_and_then_the_next_best(warehouse, tmp_path):
    written = reader.write(warehouse, woven_title.NAME, tmp_path / "reader")
    told = _told(tmp_path / "reader")
    offered = {s["id"]: [choice["piece"] for choice in s["choices"]] for s in told["segments"]}
    assert offered == {
        f"s{chapter}-{segment}": [f"{track:02}-{number:02}" for track, number in pieces]
        for (chapter, segment), pieces in CANDIDATES.items()
    }
    assert {piece["src"] for piece in told["pieces"].values()} == {
        f"audio/{path.name}" for path in written if path.parent.name == "audio"
    }
    assert [choice["why"] for choice in told["segments"][0]["choices"]][1] == [
        "The passage reads as positive; the album has no music in such a key, so this calm part of “Ebb” was chosen."
    ]


def test_the_piece_of_the_soundtrack_comes_first_whatever_the_candidates_say(warehouse):
    warehouse.execute("UPDATE candidate SET rank = 4 - rank")
    offered = offers(warehouse, woven.load(warehouse, woven_title.NAME))
    assert [o.choices[0].piece for o in offered] == [piece for piece, _ in woven_title.WOVEN.values()]


def test_a_title_without_candidates_or_frames_is_still_written(tmp_path):
    connection = woven_title.make(tmp_path, film=False)
    written = reader.write(connection, woven_title.NAME, tmp_path / "reader")
    assert {path.parent.name for path in written} == {"reader", "audio"}
    assert [len(s["choices"]) for s in _told(tmp_path / "reader")["segments"]] == [1] * 5


def test_the_frame_nearest_to_a_moment_is_shown_and_none_that_is_far(warehouse, tmp_path):
    first, second, *others = offers(warehouse, woven.load(warehouse, woven_title.NAME))
    frames = dict(warehouse.execute("SELECT time_s, jpeg FROM frame").fetchall())
    assert [jpeg for _, jpeg in first.matches] == [frames[3722.5]]
    assert [jpeg for _, jpeg in second.matches] == [frames[60.0]]
    assert [offer.matches for offer in others] == [[], [], []]
    warehouse.execute("DELETE FROM frame WHERE time_s > 3710")
    again = offers(warehouse, woven.load(warehouse, woven_title.NAME))
    assert [jpeg for _, jpeg in again[0].matches] == [None]


def test_frames_no_longer_shown_are_removed_and_nothing_else(warehouse, tmp_path):
    out = tmp_path / "reader"
    first = set(reader.write(warehouse, woven_title.NAME, out))
    (out / "frames" / "mine.jpg").write_text("mine")
    warehouse.execute("DELETE FROM frame WHERE time_s < 100")
    second = set(reader.write(warehouse, woven_title.NAME, out))
    (gone,) = first - second
    assert gone.parent.name == "frames" and not gone.exists()
    assert (out / "frames" / "mine.jpg").exists()


def test_music_that_the_reader_pinned_is_told_as_their_own(warehouse):
    warehouse.execute("UPDATE soundtrack SET method = 'reader' WHERE chapter_no = 2")
    told = [why(segment, {"f": "The Lamp"}) for segment in woven.load(warehouse, woven_title.NAME).segments]
    assert told[3][0] == "You gave this music to the passage yourself."


# --- How it is served ---


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Where a folder with a page, a script, a picture and a neighbour that is not its own is served."""
    site = tmp_path / "site"
    for name in ("index.html", "audio/01-01-0a1b2c3d.js", "frames/0a1b2c3d4e5f.jpg"):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(name)
    (tmp_path / "secret.html").write_text("secret")
    with serve(site, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def _get(port: int, path: str, host: str | None = None) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    connection.request("GET", path, headers={"Host": host or f"{HOST}:{port}"})
    return connection.getresponse()


@pytest.mark.parametrize(
    "path, kind",
    [
        ("/", "text/html; charset=utf-8"),
        ("/audio/01-01-0a1b2c3d.js", "text/javascript; charset=utf-8"),
        ("/frames/0a1b2c3d4e5f.jpg", "image/jpeg"),
    ],
)
def test_the_readers_files_are_served_with_their_types(port, path, kind):
    answer = _get(port, path)
    assert (answer.status, answer.headers["Content-Type"]) == (HTTPStatus.OK, kind)
    assert answer.read().decode() == (path[1:] or "index.html")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/audio/", "/../secret.html", "/%2e%2e/secret.html", "/..%5csecret.html", "//etc/passwd"]
)
def test_nothing_else_is_served(port, path):
    assert _get(port, path).status == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("host", ["elsewhere.example", "127.0.0.1", ""])
def test_a_page_of_another_site_cannot_read_the_book(port, host):
    assert _get(port, "/", host or "x").status == HTTPStatus.MISDIRECTED_REQUEST


def test_a_taken_port_is_told_of_if_asked_for_and_else_another_is_taken(port, tmp_path, monkeypatch):
    with pytest.raises(BookscoreError, match=rf"port {port} cannot be used .*choose another --port"):
        serve(tmp_path, port)
    monkeypatch.setattr("bookscore.queries.reader.serve.PORT", port)
    with serve(tmp_path) as other:
        assert other.server_port != port


def test_read_serves_a_title_until_it_is_interrupted(warehouse, tmp_path):
    Warehouse(tmp_path / "wh")
    warehouse.execute(f"ATTACH '{tmp_path / 'wh' / DATABASE}' AS disk")
    for (table,) in warehouse.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'memory'"
    ).fetchall():
        warehouse.execute(f"INSERT INTO disk.{table} BY NAME FROM memory.{table}")
    warehouse.execute("DETACH disk")
    program = [sys.executable, "-m", "bookscore", "--warehouse", str(tmp_path / "wh")]
    reading = subprocess.Popen(
        [*program, "read", woven_title.NAME, "--port", "0", "--no-open"], stdout=subprocess.PIPE, text=True
    )
    try:
        url = reading.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", url)
        with urllib.request.urlopen(url, timeout=5) as page:
            assert b"The Keeper" in page.read()
    finally:
        reading.send_signal(signal.SIGINT)
    assert reading.wait(10) == 0
