"""Warehouse, migrations, job ledger, SQL runner and vector index, on a medium made up for the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

from bookscore.engine import ledger, sql_runner, vectors
from bookscore.engine.errors import BookscoreError
from bookscore.engine.ledger import Change, Key, Step
from bookscore.engine.models import Models
from bookscore.engine.runner import Item, Run
from bookscore.engine.settings import Setting
from bookscore.engine.stage import Inputs, Medium, Stage, Tables
from bookscore.engine.warehouse import DATABASE, Warehouse, now


def read_chapters(inputs: Inputs) -> Tables:
    """A chapter a line."""
    lines = inputs.files["book"].read_text().splitlines()
    if "bad" in lines:
        raise BookscoreError(f"{inputs.files['book']}: has a bad line: take it out")
    rows = [
        {"book_id": inputs.item_id, "chapter_no": n, "title": line, "n_words": 1}
        for n, line in enumerate(lines, 1)
    ]
    return {"chapter": pl.DataFrame(rows)}


def count_words(inputs: Inputs) -> Tables:
    """Chapters again, each with its number of words times a setting."""
    factor = int(inputs.settings["book.factor"])
    words = pl.col("title").str.count_matches(r"\w+").cast(pl.Int32) * factor
    return {"chapter": inputs.given["chapter"].with_columns(n_words=words)}


def part_words(inputs: Inputs) -> Tables:
    """A segment a chapter."""
    chapter = inputs.given["chapter"].row(0, named=True)
    row = {
        "book_id": inputs.item_id,
        "chapter_no": inputs.part,
        "segment_no": 1,
        "first_paragraph_no": 1,
        "last_paragraph_no": 1,
        "n_words": chapter["n_words"],
        "emotion": "neutral",
    }
    return {"segment": pl.DataFrame([row])}


MEDIUM = Medium(
    "book",
    (
        Stage("book.read", read_chapters, makes=("chapter",), files=("book",)),
        Stage(
            "book.count",
            count_words,
            makes=("chapter",),
            given=("chapter",),
            after=("book.read",),
            settings=("book.factor",),
        ),
        Stage(
            "book.part",
            part_words,
            makes=("segment",),
            given=("chapter",),
            after=("book.count",),
            each="chapter",
        ),
    ),
    settings=(Setting("book.factor", 1, "what the words are multiplied by", least=1),),
    part_column="chapter_no",
)


class Log(list[tuple[str, str]]):
    def __call__(self, task: object, state: str) -> None:
        if state != "started":
            self.append((str(task).split()[0], state))


@pytest.fixture
def warehouse(tmp_path: Path):
    with Warehouse(tmp_path / "warehouse") as opened:
        yield opened


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.txt"
    path.write_text("one\ntwo words\n")
    return path


def ingest(warehouse: Warehouse, book: Path, *, factor: int = 1, force: bool = False, n_jobs: int = 1) -> Log:
    log = Log()
    item = Item.of(warehouse, MEDIUM, {"book": book})
    Run(warehouse, {"book.factor": factor}, Models("embedded"), force=force, progress=log).ingest(
        [item], n_jobs
    )
    return log


def counts(warehouse: Warehouse) -> list[tuple[int, int]]:
    return warehouse.connection.execute("SELECT chapter_no, n_words FROM segment ORDER BY 1").fetchall()


def test_a_setting_out_of_range_is_refused_before_any_work(warehouse: Warehouse, book: Path) -> None:
    with pytest.raises(BookscoreError, match=r"^book\.factor is 0: give a whole number, 1 or more$"):
        ingest(warehouse, book, factor=0)
    assert warehouse.connection.execute(
        "SELECT (SELECT count(*) FROM job), (SELECT count(*) FROM item)"
    ).fetchall() == [(0, 0)]


def test_migrations_are_applied_once_and_recorded(tmp_path: Path) -> None:
    for _ in range(2):
        with Warehouse(tmp_path) as opened:
            rows = opened.connection.execute(
                "SELECT name, length(sha256) FROM migration ORDER BY name"
            ).fetchall()
    assert [name for name, _ in rows] == sorted(p.name for p in Path("sql/schema").glob("*.sql"))
    assert {length for _, length in rows} == {64}


def test_migration_numbers_are_unique() -> None:
    numbers = [p.name.split("_")[0] for p in Path("sql/schema").glob("*.sql")]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "UPDATE migration SET sha256 = 'other' WHERE name LIKE '002%'",
            "different version of migration 002",
        ),
        ("INSERT INTO migration VALUES ('999_future.sql', 'x', now())", "newer Bookscore"),
    ],
)
def test_a_warehouse_of_another_schema_is_refused(tmp_path: Path, statement: str, words: str) -> None:
    with Warehouse(tmp_path) as opened:
        opened.connection.execute(statement)
    with pytest.raises(BookscoreError, match=words) as caught:
        Warehouse(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_second_process_is_told_who_holds_the_warehouse(tmp_path: Path) -> None:
    import os

    with Warehouse(tmp_path):
        program = (
            "from bookscore.engine import warehouse; from pathlib import Path; warehouse.PATIENCE_S = 0.2; "
            f"warehouse.Warehouse(Path({str(tmp_path)!r}))"
        )
        other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert f"in use by pid {os.getpid()}" in other.stderr.splitlines()[-1]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_bytes(b"no database" * 1000)
    with pytest.raises(BookscoreError, match="not a DuckDB file"):
        Warehouse(tmp_path)


def test_stages_run_in_order_and_are_then_skipped(warehouse: Warehouse, book: Path) -> None:
    assert ingest(warehouse, book) == [
        ("book.read", "done"),
        ("book.count", "done"),
        ("book.part", "done"),
        ("book.part", "done"),
    ]
    assert counts(warehouse) == [(1, 1), (2, 2)]
    assert {state for _, state in ingest(warehouse, book)} == {"skipped"}


def test_a_changed_setting_runs_the_stage_that_names_it_and_those_built_on_it(
    warehouse: Warehouse, book: Path
) -> None:
    ingest(warehouse, book)
    log = ingest(warehouse, book, factor=10)
    assert log == [
        ("book.read", "skipped"),
        ("book.count", "done"),
        ("book.part", "done"),
        ("book.part", "done"),
    ]
    assert counts(warehouse) == [(1, 10), (2, 20)]


def test_two_processes_make_the_same_rows_as_one(warehouse: Warehouse, book: Path) -> None:
    ingest(warehouse, book, n_jobs=2)
    assert counts(warehouse) == [(1, 1), (2, 2)]


def test_a_run_cut_short_resumes_at_the_first_unfinished_stage(
    warehouse: Warehouse, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(
            Run,
            "_inputs",
            lambda self, task: 1 / 0 if task.stage.name == "book.part" else _inputs(self, task),
        )
        with pytest.raises(ZeroDivisionError):
            ingest(warehouse, book)
    assert ingest(warehouse, book)[:2] == [("book.read", "skipped"), ("book.count", "skipped")]
    assert counts(warehouse) == [(1, 1), (2, 2)]


_inputs = Run._inputs


def test_what_is_built_on_rows_made_anew_is_made_anew_even_after_a_kill(
    warehouse: Warehouse, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(warehouse, book)
    with monkeypatch.context() as patch:
        # --force, killed after the first stage: it has overwritten the word counts of the second.
        patch.setattr(
            Run,
            "_inputs",
            lambda self, task: 1 / 0 if task.stage.name == "book.count" else _inputs(self, task),
        )
        with pytest.raises(ZeroDivisionError):
            ingest(warehouse, book, force=True)
    ingest(warehouse, book)
    rows = warehouse.connection.execute("SELECT n_words FROM chapter ORDER BY chapter_no").fetchall()
    assert rows == [(1,), (2,)]


def test_a_failure_is_in_the_ledger_and_its_rows_are_not(warehouse: Warehouse, book: Path) -> None:
    book.write_text("one\nbad\n")
    with pytest.raises(BookscoreError, match="bad line"):
        ingest(warehouse, book)
    status = warehouse.connection.execute("SELECT stage, status, error FROM job").fetchall()
    assert [(stage, state) for stage, state, _ in status] == [("book.read", "failed")]
    assert "take it out" in status[0][2]
    assert warehouse.connection.execute("SELECT count(*) FROM chapter").fetchall() == [(0,)]


def test_the_id_follows_the_content_not_the_name(warehouse: Warehouse, book: Path, tmp_path: Path) -> None:
    renamed = tmp_path / "renamed.txt"
    renamed.write_bytes(book.read_bytes())
    ids = {Item.of(warehouse, MEDIUM, {"book": path}).item_id for path in (book, renamed)}
    renamed.write_text("other\n")
    ids_changed = {Item.of(warehouse, MEDIUM, {"book": renamed}).item_id}
    assert len(ids) == 1 and not ids & ids_changed


def test_an_sql_error_names_the_file_and_shows_the_statement() -> None:
    file = sql_runner.SqlFile("align/10_wrong.sql", "SELECT nothing FROM nowhere")
    with pytest.raises(sql_runner.SqlError, match=r"(?s)align/10_wrong.sql.*SELECT nothing FROM nowhere"):
        sql_runner.select(duckdb.connect(), file, {})


def test_an_sql_file_without_its_parameter_is_refused() -> None:
    file = sql_runner.SqlFile("align/10_x.sql", "SELECT $title_id")
    with pytest.raises(sql_runner.SqlError, match=r"\$title_id"):
        sql_runner.select(duckdb.connect(), file, {"book_id": 1})


def unit(n: int, dim: int, seed: int = 1) -> np.ndarray:
    made = np.random.default_rng(seed).normal(size=(n, dim)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def test_the_index_is_reused_and_made_anew_when_it_does_not_match(tmp_path: Path) -> None:
    items = unit(50, 8)
    vectors.index(tmp_path, "frames", "m@1", items)
    file = tmp_path / "frames.faiss"
    made_at = file.stat().st_mtime_ns
    vectors.index(tmp_path, "frames", "m@1", items)
    assert file.stat().st_mtime_ns == made_at
    for spoil in (
        lambda: file.write_bytes(file.read_bytes()[:-8]),
        file.unlink,
        (tmp_path / "frames.json").unlink,
    ):
        spoil()
        assert vectors.index(tmp_path, "frames", "m@1", items).ntotal == 50
    assert vectors.index(tmp_path, "frames", "m@1", items[:20]).ntotal == 20
    assert not list(tmp_path.glob("*.tmp"))


def test_nearest_agrees_with_numpy(tmp_path: Path) -> None:
    queries, items = unit(5, 8, seed=2), unit(40, 8)
    hits = vectors.nearest(queries, items, vectors.index(tmp_path, "i", "m@1", items), 3)
    everything = queries @ items.T
    best = hits.group_by("query_no", maintain_order=True).first()
    assert best["item_no"].to_list() == everything.argmax(axis=1).tolist()
    z = (everything.max(axis=1) - everything.mean(axis=1)) / everything.std(axis=1)
    np.testing.assert_allclose(best["z"].to_numpy(), z, rtol=1e-3)


def test_vectors_of_another_model_are_not_mixed_in(warehouse: Warehouse) -> None:
    warehouse.connection.execute("INSERT INTO frame_vector VALUES ('film-1', 1, 1, 0.5, 'old@1', [1, 0])")
    with pytest.raises(BookscoreError, match=r"old@1.*none by new@1"):
        vectors.load(warehouse, "frame_vector", "film_id", "film-1", "new@1", ["shot_no"])


def worker_threads(inputs: Inputs) -> Tables:
    """A chapter whose number of words is that of the threads polars has in this process."""
    row = {"book_id": inputs.item_id, "chapter_no": 1, "title": "", "n_words": pl.thread_pool_size()}
    return {"chapter": pl.DataFrame([row], schema_overrides={"n_words": pl.Int32})}


def test_processes_share_the_processor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 6)
    medium = Medium("book", (Stage("book.read", worker_threads, makes=("chapter",), files=("book",)),))
    path = tmp_path / "book.txt"
    path.write_text("one")
    warehouse = Warehouse(tmp_path / "warehouse")
    run = Run(warehouse, {}, Models("embedded"), force=False, progress=lambda *_: None)
    run.ingest([Item.of(warehouse, medium, {"book": path})], n_jobs=2)
    with warehouse.reading() as connection:
        assert connection.execute("SELECT n_words FROM chapter").fetchall() == [(3,)]
    assert "POLARS_MAX_THREADS" not in os.environ


def test_a_step_knows_what_it_was_derived_from(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_text("one\ntwo")
    warehouse = Warehouse(tmp_path / "warehouse")

    def ingest(**settings: int) -> None:
        values = {"book.factor": 1, **{f"book.{name}": value for name, value in settings.items()}}
        run = Run(warehouse, values, Models("embedded"), force=False, progress=lambda *_: None)
        run.ingest([Item.of(warehouse, MEDIUM, {"book": path})])

    ingest()
    with warehouse.reading() as connection:
        [(item_id,)] = connection.execute("SELECT DISTINCT item_id FROM job").fetchall()
        found = connection.execute(
            "SELECT stage, part, from_stage, from_part FROM lineage ORDER BY ALL"
        ).fetchall()
        assert found == [
            ("book.count", 0, "book.read", 0), ("book.part", 1, "book.count", 0), ("book.part", 2, "book.count", 0),
        ]  # fmt: skip
        assert ledger.changes(connection, item_id) == []
        assert ledger.changes(connection, "unknown") == [Change("unknown", "")]
    with warehouse.transaction():
        step, key = Step("title", "t", "title.weave"), Key("x", "y")
        parts = [(item_id, 1, "book.part"), (item_id, 2, "book.part")]
        ledger.record(warehouse, step, key, now(), built_on=parts, statements=["weave"])
    with warehouse.reading() as connection:
        assert ledger.changes(connection, "t") == []
        assert ledger.is_done(connection, step, key) and not ledger.is_done(connection, step, Key("x", "z"))
    ingest(factor=2)
    with warehouse.reading() as connection:
        assert ledger.changes(connection, "t") == [Change(item_id, "book.part")]
