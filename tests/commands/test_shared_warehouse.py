"""Titles, runs and readers that share a warehouse: none spoils another's, and what is out of date says so."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
import small_world
from click.testing import CliRunner, Result
from small_models import SmallModels

from bookscore.commands import main as program
from bookscore.engine.errors import BookscoreError
from bookscore.engine.warehouse import DATABASE, Warehouse

WORLD = ("--book", "B.epub", "--film", "F.mkv", "--album", "ALBUM")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small world, woven as One."""
    folder = tmp_path_factory.mktemp("world")
    small_world.make(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("BOOKSCORE_WAREHOUSE", raising=False)
        patch.setattr(program.Session, "choose_models", lambda _: SmallModels())
        result = bookscore("weave", *WORLD, "--name", "One")
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def world(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, in which the tests run."""
    shutil.copytree(made, tmp_path / "w", copy_function=shutil.copy2)
    monkeypatch.chdir(tmp_path / "w")
    monkeypatch.delenv("BOOKSCORE_WAREHOUSE", raising=False)
    monkeypatch.setattr(program.Session, "choose_models", lambda _: SmallModels())
    return tmp_path / "w"


def bookscore(*arguments: str) -> Result:
    return CliRunner().invoke(program.main, arguments)


def rows(folder: Path, statement: str) -> list[tuple]:
    with duckdb.connect(str(folder / "warehouse" / DATABASE), read_only=True) as connection:
        return connection.execute(statement).fetchall()


FROM_FILM = """
SELECT count(*) FROM soundtrack JOIN title USING (title_id) WHERE name = 'One' AND method = 'film'"""


def test_a_title_with_another_score_leaves_the_first_as_it_was(world: Path) -> None:
    [(before,)] = rows(world, FROM_FILM)
    assert before > 0
    other = bookscore("--set", "weave.heard_score=1", "weave", *WORLD, "--name", "Two")
    assert other.exit_code == 0, other.output
    assert (
        "heard.windows" in other.output
        and "skipped" in other.output.split("heard.windows")[1].splitlines()[0]
    )
    assert rows(world, "SELECT count(*) FROM title_heard JOIN title USING (title_id) WHERE name = 'Two'") == [
        (0,)
    ]
    pinned = bookscore("pin", "One", "1.1", "Flow")
    assert pinned.exit_code == 0, pinned.output
    [(after,)] = rows(world, FROM_FILM)
    assert after >= before - 1  # 1.1 alone has other music now


@pytest.mark.parametrize(
    ("reread", "what"),
    [
        (("--set", "album.least_segment_s=12", "--set", "album.novelty_threshold=0.02", "ingest", "album", "ALBUM"), "album-"),
        (("--set", "film.scenes=2", "ingest", "film", "F.mkv"), "film-"),
    ],
)  # fmt: skip
def test_what_was_derived_from_rows_that_were_replaced_is_out_of_date(
    world: Path, reread: tuple[str, ...], what: str
) -> None:
    assert "out of date" not in bookscore("status").output
    assert bookscore(*reread).exit_code == 0
    for command in (
        ("export", "json", "One", "-o", "one.json"), ("export", "report", "One", "-o", "one.html"),
        ("export", "reader", "One", "-o", "one/"), ("explain", "One", "1.1"), ("pin", "One", "1.1", "Flow"),
        ("read", "One", "--no-open"),
    ):  # fmt: skip
        result = bookscore(*command)
        assert result.exit_code == 1, command
        [line] = [line for line in result.output.splitlines() if "out of date" in line]
        assert what in line and 'bookscore weave --name "One"' in line
    assert not list(world.glob("one*"))
    assert "One is out of date" in bookscore("status").output
    again = bookscore("weave", "--name", "One")
    assert again.exit_code == 0, again.output
    assert bookscore("export", "json", "One", "-o", "one.json").exit_code == 0
    assert "out of date" not in bookscore("status").output


def test_other_statements_of_the_program_are_told_but_refuse_nothing(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bookscore.engine.ledger.statements_hash", lambda folder: f"another {folder}")
    result = bookscore("export", "json", "One", "-o", "one.json")
    assert result.exit_code == 0 and "One is out of date: this version of Bookscore" in result.output


@pytest.mark.parametrize(
    "statement",
    [
        "COMMIT; DELETE FROM soundtrack; SELECT 1",
        "DELETE FROM soundtrack",
        "SELECT * FROM read_csv('B.epub')",
        "COPY soundtrack TO 'stolen.csv'",
        "ATTACH 'other.duckdb' AS other",
        "SET enable_external_access = true",
    ],
)
def test_a_query_can_neither_write_nor_reach_other_files(world: Path, statement: str) -> None:
    before = rows(world, "FROM soundtrack ORDER BY ALL")
    result = bookscore("query", statement)
    assert result.exit_code == 1 and result.output.startswith("bookscore: query: "), result.output
    assert rows(world, "FROM soundtrack ORDER BY ALL") == before
    assert not (world / "stolen.csv").exists() and not (world / "other.duckdb").exists()


def test_files_are_open_to_a_query_that_is_allowed_them(world: Path) -> None:
    (world / "own.csv").write_text("chapter_no,mark\n1,good\n")
    result = bookscore("query", "--allow-files", "SELECT mark FROM read_csv('own.csv')")
    assert result.exit_code == 0 and "good" in result.output


def test_two_readers_read_at_once(world: Path) -> None:
    with Warehouse(world / "warehouse").reading() as connection:
        other = subprocess.run(
            [sys.executable, "-m", "bookscore", "query", "SELECT count(*) AS n FROM soundtrack"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert connection.execute("SELECT count(*) FROM soundtrack").fetchall()[0][0] == int(
            other.stdout.split()[1]
        )


def test_the_warehouse_is_free_while_a_stage_works(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process reads, and ingests another medium, in the middle of a stage of the album."""
    from bookscore.ingest.album import energy

    (world / "other.srt").write_text("1\n00:00:01,000 --> 00:00:04,000\nIt rained.\n")
    seen: list[str] = []
    loudness_at = energy.loudness_at

    def meanwhile(*given: object) -> object:
        if not seen:
            for arguments in (
                ["status"],
                ["query", "SELECT count(*) FROM soundtrack"],
                ["ingest", "film", "other.srt"],
            ):
                command = [sys.executable, "-m", "bookscore", "--models", "embedded", "-q", *arguments]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                seen.append(done.stdout)
                assert done.returncode == 0, done.stderr
        return loudness_at(*given)

    monkeypatch.setattr(energy, "loudness_at", meanwhile)
    result = bookscore("--force", "ingest", "album", "ALBUM")
    assert result.exit_code == 0, result.output
    assert len(seen) == 3 and "One" in seen[0] and seen[2].startswith("film-")


HOLD = """
import sys, time
from pathlib import Path
from bookscore.engine.claims import claimed
from bookscore.engine.warehouse import Warehouse
{what}
    print("held", flush=True)
    time.sleep({seconds})
"""


def hold(what: str, seconds: float) -> subprocess.Popen[str]:
    """Another process that holds something for a while."""
    code = HOLD.format(what=what, seconds=seconds)
    other = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert other.stdout and other.stdout.readline() == "held\n"
    return other


def test_what_waits_says_for_whom(world: Path) -> None:
    warehouse = Warehouse(world / "warehouse")
    with hold("with Warehouse(Path('warehouse')):", 1.5) as other:
        told: list[str] = []
        waiting = Warehouse.__new__(Warehouse)
        waiting.__dict__.update(warehouse.__dict__, _say=told.append)
        with waiting.reading() as connection:
            assert connection.execute("SELECT count(*) FROM title").fetchall() == [(1,)]
        assert told == [f"waiting for pid {other.pid}, which has {world / 'warehouse'} open"]
    [(album_id,)] = rows(world, "SELECT album_id FROM album")
    with hold(f"with claimed(Path('warehouse'), [{album_id!r}], print):", 1.5) as other:
        result = bookscore("ingest", "album", "ALBUM")
        assert f"waiting for pid {other.pid}, which works on {album_id}" in result.output


def test_a_warehouse_that_stays_held_is_told_in_one_line(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bookscore.engine.warehouse.PATIENCE_S", 0.2)
    with hold("with Warehouse(Path('warehouse')):", 3) as other:
        began = time.monotonic()
        with pytest.raises(BookscoreError, match=f"in use by pid {other.pid}"):
            Warehouse(world / "warehouse")
        assert time.monotonic() - began < 2
        other.kill()


def test_a_title_is_woven_again_with_the_models_it_had(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after ``models pull``, when another set is the default."""

    class Others(SmallModels):
        def __init__(self) -> None:
            super().__init__()
            self.model_set = "full"

        def model_id(self, task: str) -> str:
            return f"other-{super().model_id(task)}"

    monkeypatch.setattr(program.Session, "choose_models", lambda _: Others())
    monkeypatch.setattr(
        "bookscore.commands.work.Models", lambda model_set: {"small": SmallModels()}[model_set]
    )
    result = bookscore("pin", "One", "1.1", "Flow")
    assert result.exit_code == 0, result.output
