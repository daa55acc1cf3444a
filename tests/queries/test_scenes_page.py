"""The page of a film's scenes, from a warehouse of known rows and in a browser."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import cv2
import duckdb
import numpy as np
import pytest
from woven_fixture import SCHEMA

from bookscore.engine.errors import BookscoreError
from bookscore.queries.report import scenes as scenes_page

SHOTS = 20  # of the first scene; the second has one
HOSTILE = '<script>document.title = "run"</script> & so on'


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for file in sorted(SCHEMA.glob("*.sql")):
        connection.execute(file.read_text(encoding="utf-8"))
    connection.execute(
        "INSERT INTO film VALUES ('f', 'The <b>Lamp</b>', 'f.mkv', 3725, 25, 64, 48, true, true)"
    )
    connection.execute(
        "INSERT INTO scene VALUES ('f', 1, 1, $1, 0, 100), ('f', 2, $1 + 1, $1 + 1, 100, 3725)", [SHOTS]
    )
    for shot_no in range(1, SHOTS + 2):
        start_s = 5.0 * (shot_no - 1)
        done, jpeg = cv2.imencode(".jpg", np.full((48, 64, 3), 10 * shot_no, np.uint8))
        assert done
        connection.execute("INSERT INTO shot VALUES ('f', $1, $2, $2 + 5, [1.0], 'cut')", [shot_no, start_s])
        for frame_no in (1, 2, 3):
            connection.execute(
                "INSERT INTO frame VALUES ('f', ?, ?, ?, ?)",
                [shot_no, frame_no, start_s + frame_no, jpeg.tobytes()],
            )
    connection.execute(
        "INSERT INTO cue VALUES ('f', 1, 12, 14, ?, 'ANNA', false, NULL), ('f', 2, 20, 22, 'La la', NULL, true, NULL)",
        [HOSTILE],
    )
    return connection


def test_every_scene_shows_its_time_its_lines_and_some_of_its_shots(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    scenes_page.write(warehouse, "f", tmp_path / "scenes.html")
    page = (tmp_path / "scenes.html").read_text()
    first, second = re.findall(r"<section.*?</section>", page, re.DOTALL)
    assert "0:00:00 to 0:01:40" in first and "20 shots" in first
    assert first.count("<img") == scenes_page.PICTURES
    assert first.count("<li") == 2 and "<b>ANNA</b>" in first and "class=sung" in first
    assert "0:01:40 to 1:02:05" in second and second.count("<img") == 1 and "Nobody speaks" in second
    # The middle frame of a shot stands for it.
    assert 'alt="The film at 0:00:02"' in first


def test_no_text_of_the_film_runs_in_a_browser(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on this machine")
    from playwright.sync_api import sync_playwright

    scenes_page.write(warehouse, "The <b>Lamp</b>", tmp_path / "scenes.html")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto((tmp_path / "scenes.html").as_uri())
        assert page.title() == "Scenes of The <b>Lamp</b>"
        assert HOSTILE in page.inner_text("ol")
        broken = page.evaluate("[...document.images].filter((image) => !image.naturalWidth).length")
        browser.close()
    assert broken == 0


def test_an_unknown_film_is_refused_with_the_names_there_are(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    with pytest.raises(BookscoreError, match=r"no film or title 'g'.*The <b>Lamp</b>"):
        scenes_page.write(warehouse, "g", tmp_path / "scenes.html")
    assert not (tmp_path / "scenes.html").exists()
