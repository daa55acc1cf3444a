"""The exports as commands: their options, and what is said about bad ones."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import heard
import polars as pl
import pytest
import woven_fixture as woven_title
from click.testing import CliRunner, Result

from bookscore.commands import main as program
from bookscore.commands.export import EXPORTS


@pytest.fixture
def export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs ``bookscore export`` on the woven title; outputs are named from a folder of their own."""
    warehouse = woven_title.make(tmp_path)
    warehouse.execute("UPDATE segment SET n_words = n_words // 10")  # so that hours need not be encoded

    @contextmanager
    def reading(_: object):
        yield warehouse

    monkeypatch.setattr(program.Session, "reading", reading)
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path / "out")

    def run(form: str, *arguments: object, name: str = woven_title.NAME) -> Result:
        return CliRunner().invoke(program.main, ["export", form, name, *map(str, arguments)])

    return run


def test_options_reach_the_export(export, tmp_path):
    assert export("playlist", "-o", "lamp.txt", "--form", "csv", "--wpm", 300).exit_code == 0
    rows = pl.read_csv(tmp_path / "out" / "lamp.txt")
    assert rows.height > 5, "short pieces are played more than once"
    assert export("playlist", "-o", "lamp.m3u8", "--cut", "--codec", "flac").exit_code == 0
    assert len(list((tmp_path / "out" / "lamp music").glob("*.flac"))) == 3
    assert export("audio", "-o", "fast.mp3", "--wpm", 600, "--fade", 0).exit_code == 0
    sound, rate_hz = heard.decoded(tmp_path / "out" / "fast.mp3")
    assert heard.level_db(sound[0], rate_hz)[0] > -30, "no fade at the beginning"
    result = export("epub", "-o", "lamp.epub", "--codec", "opus")
    assert "plain style" in result.output, "the warehouse lacks the EPUB's styles, and that is said"


@pytest.mark.parametrize(
    "arguments",
    [
        ("playlist", "-o", "x.csv", "--wpm", 0),
        ("playlist", "-o", "x.csv", "--form", "pls"),
        ("playlist", "-o", "x.m3u8", "--cut", "--codec", "wma"),
        ("epub", "-o", "x.epub", "--codec", "mp3"),
        ("audio", "-o", "x.m4b", "--fade", -1),
        ("audio",),
    ],
)
def test_wrong_options_exit_2(export, tmp_path, arguments):
    assert export(*arguments).exit_code == 2
    assert not any((tmp_path / "out").iterdir())


@pytest.mark.parametrize("wanted", EXPORTS, ids=lambda wanted: wanted.form)
def test_an_unknown_title_is_one_clear_line_and_writes_nothing(export, tmp_path, wanted):
    result = export(wanted.form, "-o", wanted.example, name="Lamp")
    assert result.exit_code == 1
    [line] = result.output.strip().splitlines()
    assert line.startswith("bookscore: ") and "Lamp" in line and "fault of the program" not in line
    assert not any((tmp_path / "out").iterdir())
