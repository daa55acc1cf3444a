"""A browser that reads a tiny title: a plugin with the fixtures of the reader's tests."""

from __future__ import annotations

import io
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
import woven_fixture as woven_title
from listening import FADE_S, LISTEN
from PIL import Image

from bookscore.queries import reader
from bookscore.queries.reader.serve import address, serve

MEMORY = f"bookscore:{woven_title.NAME}"
AROUSAL = {(1, 1): 0.6, (1, 2): 0.55, (2, 1): 0.1}
# (chapter, segment): the pieces it may have, the best first.
CANDIDATES = {
    (1, 1): [(1, 1), (2, 1), (1, 2)],
    (1, 2): [(1, 1), (2, 1)],
    (1, 3): [(2, 1), (1, 2)],
    (2, 1): [(1, 2)],
    (2, 2): [(1, 1), (1, 2)],
}
FRAMES = {60.0: "teal", 3700.0: "brown", 3722.5: "orange", 3726.0: "navy"}  # the film's, by their time


def make(place: Path) -> duckdb.DuckDBPyConnection:
    """The tiny title, with candidates and the frames of its film."""
    connection = woven_title.make(place)
    for (track_no, number), arousal in AROUSAL.items():
        connection.execute(
            "UPDATE music_segment SET arousal = ? WHERE track_no = ? AND music_segment_no = ?",
            [arousal, track_no, number],
        )
    for (chapter_no, segment_no), pieces in CANDIDATES.items():
        for rank, (track_no, number) in enumerate(pieces, start=1):
            connection.execute(
                "INSERT INTO candidate (title_id, chapter_no, segment_no, rank, track_no, music_segment_no, method, score) "
                "VALUES ('t', ?, ?, ?, ?, ?, 'emotion', 0.5)",
                [chapter_no, segment_no, rank, track_no, number],
            )
    for number, (time_s, colour) in enumerate(FRAMES.items(), start=1):
        jpeg = io.BytesIO()
        Image.new("RGB", (64, 36), colour).save(jpeg, "JPEG")
        connection.execute(
            "INSERT INTO frame (film_id, shot_no, frame_no, time_s, jpeg) VALUES ('f', 40, ?, ?, ?)",
            [number, time_s, jpeg.getvalue()],
        )
    return connection


@pytest.fixture(scope="module")
def browser() -> Iterator:
    sync_api = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium")
    if chromium is None:
        missing = "no chromium on the PATH"
        (pytest.fail if os.environ.get("BOOKSCORE_REQUIRE_DATA") else pytest.skip)(missing)
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader's folder, to be read only."""
    place = tmp_path_factory.mktemp("reader")
    reader.write(make(place), woven_title.NAME, place / "reader")
    return place / "reader"


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[str]:
    """The address at which the same reader is served."""
    with serve(folder, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield address(server)
        server.shutdown()


@pytest.fixture
def open_page(browser) -> Iterator[Callable]:
    """Opens pages in a browser without memory; a page must throw no error and break no rule of its policy."""
    errors: list[str] = []
    contexts = []

    def open_at(url: str, *, before: str = "", **options):
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.add_init_script(LISTEN + before)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: message.type == "error" and errors.append(message.text))
        page.goto(url)
        # Not by an init script: of a file's page it may ask for the memory too early, and then sees none.
        remembered = json.dumps(json.dumps({"fade": FADE_S}))
        page.evaluate(f"try {{ localStorage.setItem('{MEMORY}', {remembered}) }} catch {{}}")
        page.reload()
        page.errors = errors
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(open_page, folder):
    return open_page((folder / "index.html").as_uri())
