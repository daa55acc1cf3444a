"""Runs the stages of items and loads their rows; what the ledger has as done is not run again.

A stage's rows and its ledger row are written in one transaction. The warehouse is open only for that, and for
reading what a stage is given: others can use it while a stage works.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from datetime import datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import duckdb
import polars as pl

from bookscore.engine import ledger
from bookscore.engine.claims import claimed
from bookscore.engine.errors import BookscoreError
from bookscore.engine.ledger import Key, Step
from bookscore.engine.models import Models
from bookscore.engine.settings import check
from bookscore.engine.stage import Inputs, Medium, Stage, Tables
from bookscore.engine.warehouse import Warehouse, fetch, now

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")


@dataclass(frozen=True)
class Item:
    """What is ingested: a book, film or album, or something made of other items.

    Attributes
    ----------
    medium : Medium
    item_id : str
    files : Mapping[str, Path]
        By role.
    sha256 : Mapping[str, str]
        Of the files, by role.
    keys : Mapping[str, str]
        Columns that tell its rows apart, with its values: by default the medium's id. A table that a stage
        is given or makes holds those of them that apply.
    parents : tuple of str
        Items it is made of; its stages may build on theirs.
    """

    medium: Medium
    item_id: str
    files: Mapping[str, Path] = field(default_factory=dict)
    sha256: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    parents: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.keys:
            object.__setattr__(self, "keys", {f"{self.medium.name}_id": self.item_id})

    @classmethod
    def of(cls, warehouse: Warehouse, medium: Medium, sources: Mapping[str, Path]) -> Item:
        """The item made of files; its id is the medium and the start of the main file's checksum.

        The main file is the first; an album has many files, all of them main.

        Parameters
        ----------
        warehouse : Warehouse
            Remembers the files' checksums.
        medium : Medium
        sources : Mapping[str, Path]
            The files by role.
        """
        sha256 = ledger.checksums(warehouse, sources)
        main = ledger.digest(sorted(sha256.items())) if medium.part_column else next(iter(sha256.values()))
        return cls(medium, f"{medium.name}-{main[:10]}", dict(sources), sha256)

    def stages(self) -> list[Stage]:
        """The medium's stages that this item has files for."""
        return [
            s
            for s in self.medium.stages
            if not s.files or s.files == ("*",) or set(s.files) & set(self.files)
        ]

    def files_of(self, stage: Stage) -> dict[str, Path]:
        return {r: p for r, p in self.files.items() if stage.files == ("*",) or r in stage.files}


@dataclass(frozen=True)
class Task:
    """A stage of an item, or of one part of it."""

    item: Item
    stage: Stage
    part: int = 0

    def __str__(self) -> str:
        return f"{self.stage.name} {self.item.item_id}" + (f" {self.part}" if self.part else "")

    @property
    def step(self) -> Step:
        """Its row in the ledger."""
        return Step(self.item.medium.name, self.item.item_id, self.stage.name, self.part)


Progress = Callable[["Task | str", str], None]
"""Told of each task, or step by name: started, done, skipped or failed."""


class Run:
    """One run of the stages of some items.

    Parameters
    ----------
    warehouse : Warehouse
    settings : Mapping[str, float | int | str]
        Values of all settings by name.
    models : Models
    force : bool
        Run every stage, done or not.
    progress : callable
        Told of each task.
    say : callable
        Told what the user should know, in one line.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        settings: Mapping[str, float | int | str],
        models: Models,
        *,
        force: bool,
        progress: Progress,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.warehouse, self.settings, self.models = warehouse, settings, models
        self.force, self.progress, self.say = force, progress, say

    def key(self, item: Item, stage: Stage) -> Key:
        """What a stage's rows depend on: its files, the steps it builds on, its settings and models.

        Parameters
        ----------
        item : Item
        stage : Stage
        """
        by_name = {s.name: s for s in item.stages()}
        read = {role: item.sha256[role] for role in item.files_of(stage)}
        built_on: list[object] = [
            astuple(self.key(item, by_name[name])) for name in stage.after if name in by_name
        ]
        if item.parents:
            built_on += ledger.done(self.warehouse.connection, item.parents, stage.after)
        named = {name: self.settings[name] for name in stage.settings}
        model_id = " + ".join(self.models.model_id(task) for task in stage.models) or None
        return Key(
            ledger.digest([sorted(read.items()), built_on]), ledger.digest([stage.version, named]), model_id
        )

    def _tasks(self, connection: duckdb.DuckDBPyConnection, item: Item, stage: Stage) -> list[Task]:
        """The stage's tasks: one, or one a part. Known once the stages it builds on are done."""
        if stage.each is None:
            return [Task(item, stage)]
        column = item.medium.part_column
        parts = connection.execute(
            f"SELECT {column} FROM {stage.each} WHERE {item.medium.name}_id = ? ORDER BY 1",
            [item.item_id],
        ).fetchall()
        return [Task(item, stage, part) for (part,) in parts]

    def ingest(self, items: Sequence[Item], n_jobs: int = 1) -> None:
        """Run all stages of `items`, at most `n_jobs` at a time, each in a process of its own.

        Parameters
        ----------
        items : sequence of Item
        n_jobs : int

        Raises
        ------
        BookscoreError
            A setting does not take its value, or a stage failed. What was done before it stays; the ledger
            keeps the error.
        """
        for item in items:
            check(item.medium.settings, self.settings)
        with claimed(self.warehouse.folder, [item.item_id for item in items], lambda line: self.say(line)):
            for item in items:
                if item.files:
                    self._register(item)
            waiting = [(item, stage) for item in items for stage in item.stages()]
            if n_jobs == 1:
                for item, stage in waiting:
                    for task in self._to_do(item, stage):
                        self.progress(task, "started")
                        work = partial(task.stage.run, self._inputs(task))
                        self._load(task, *self._timed(task, work))
                return
            # Fresh processes: forking one that runs polars' or torch's threads can hang.
            with (
                _fewer_threads(max(1, (os.cpu_count() or 1) // n_jobs)),
                ProcessPoolExecutor(n_jobs, get_context("spawn")) as pool,
            ):
                try:
                    self._schedule(waiting, pool, n_jobs)
                except BaseException:
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise

    def _register(self, item: Item) -> None:
        """Write down an item and where its files are; rows that name a file that was moved since are corrected."""
        files = {role: str(path.resolve()) for role, path in item.files.items()}
        item_id, medium = item.item_id, item.medium.name
        with self.warehouse.transaction() as connection:
            if moved := self._moved(item, files):
                tables = connection.execute(
                    "SELECT table_name FROM duckdb_columns() JOIN duckdb_tables() USING (database_name, table_name) "
                    "WHERE database_name = current_database() AND column_name IN ('path', ?) "
                    "GROUP BY ALL HAVING count(*) = 2",
                    [f"{medium}_id"],
                ).fetchall()
                for (table,) in tables:
                    connection.executemany(
                        f"UPDATE {table} SET path = ? WHERE path = ? AND {medium}_id = ?",
                        [(new, old, item_id) for old, new in moved.items()],
                    )
            row = [item_id, medium, json.dumps(files)]
            connection.execute("INSERT OR REPLACE INTO item VALUES (?, ?, ?)", row)

    def _moved(self, item: Item, files: Mapping[str, str]) -> dict[str, str]:
        """New path by old: of the item's files that were elsewhere when last asked for, and of their folders."""
        connection = self.warehouse.connection
        moved: dict[str, str] = {}
        known = connection.execute("SELECT files FROM item WHERE item_id = ?", [item.item_id]).fetchall()
        for role, old in json.loads(known[0][0]).items() if known else ():
            new = files.get(role, old)
            same = "SELECT 1 FROM source_file WHERE path = ? AND sha256 = ?"
            if new != old and connection.execute(same, [old, item.sha256[role]]).fetchall():
                depth = role.count("/")  # an album's roles are names relative to it
                moved |= {old: new, str(Path(old).parents[depth]): str(Path(new).parents[depth])}
        return moved

    def _schedule(self, waiting: list[tuple[Item, Stage]], pool: ProcessPoolExecutor, n_jobs: int) -> None:
        ready: deque[Task] = deque()
        running: dict[Future[Tables], tuple[Task, datetime]] = {}
        while waiting or ready or running:
            tasks = [*ready, *(task for task, _ in running.values())]
            unfinished = {(i.item_id, s.name) for i, s in waiting} | {
                (t.item.item_id, t.stage.name) for t in tasks
            }
            for item, stage in list(waiting):
                if not any((item.item_id, name) in unfinished for name in stage.after):
                    waiting.remove((item, stage))
                    ready.extend(self._to_do(item, stage))
            while ready and len(running) <= n_jobs:  # the inputs of all at once may not fit in memory
                task = ready.popleft()
                self.progress(task, "started")
                running[pool.submit(task.stage.run, self._inputs(task))] = (task, now())
            done, _ = wait(running, return_when=FIRST_COMPLETED) if running else (set(), None)
            for future in done:
                task, started_at = running.pop(future)
                self._load(task, *self._timed(task, future.result, started_at))

    def _to_do(self, item: Item, stage: Stage) -> list[Task]:
        with self.warehouse.reading() as connection:
            tasks, key = self._tasks(connection, item, stage), self.key(item, stage)
            done = [not self.force and ledger.is_done(connection, task.step, key) for task in tasks]
        for task, is_done in zip(tasks, done, strict=True):
            if is_done:
                self.progress(task, "skipped")
        return [task for task, is_done in zip(tasks, done, strict=True) if not is_done]

    def _inputs(self, task: Task) -> Inputs:
        item, stage = task.item, task.stage
        with self.warehouse.reading():
            given = {table: self._rows(task, table) for table in stage.given}
        named = {name: self.settings[name] for name in stage.settings}
        return Inputs(item.item_id, task.part, item.files_of(stage), named, given, self.models)

    def _rows(self, task: Task, table: str) -> pl.DataFrame:
        columns = self.warehouse.columns(table)
        where, values = self._where(task, columns)
        if "model_id" in columns:
            where += " AND model_id IN (?, ?, ?)"
            values += [self.models.model_id(t) for t in ("sentence", "image_text", "emotion")]
        order = [c for c in columns if c.endswith("_no")] or ["ALL"]
        statement = f"SELECT * FROM {table} WHERE {where} ORDER BY {', '.join(order)}"
        return fetch(self.warehouse.connection, statement, values)

    def _where(self, task: Task, columns: list[str]) -> tuple[str, list[object]]:
        """The condition under which rows of a table are the task's, and its values."""
        keys = {name: value for name, value in task.item.keys.items() if name in columns}
        where, values = " AND ".join(f"{name} = ?" for name in keys), list[object](keys.values())
        if task.part and task.item.medium.part_column in columns:
            return f"{where} AND {task.item.medium.part_column} = ?", [*values, task.part]
        return where, values

    def _timed(
        self, task: Task, work: Callable[[], Tables], started_at: datetime | None = None
    ) -> tuple[Tables, datetime]:
        """The task's tables and when it began; a failure is written to the ledger and raised again."""
        started_at = started_at or now()
        try:
            return work(), started_at
        except BrokenProcessPool as error:
            reason = f"{task}: its process died, perhaps for want of memory: run again with --jobs 1"
            self._fail(task, started_at, reason)
            raise BookscoreError(reason) from error
        except Exception as error:
            self._fail(task, started_at, str(error))
            raise

    def _fail(self, task: Task, started_at: datetime, error: str) -> None:
        self.progress(task, "failed")
        with self.warehouse.transaction():
            ledger.record(self.warehouse, task.step, self.key(task.item, task.stage), started_at, error=error)

    def _load(self, task: Task, tables: Tables, started_at: datetime) -> None:
        """Replace the task's rows by `tables` and write its ledger row, in one transaction."""
        if set(tables) != set(task.stage.makes):
            raise ValueError(f"{task.stage.name} made {sorted(tables)}, declared {sorted(task.stage.makes)}")
        with self.warehouse.transaction() as connection:
            for table, incoming in tables.items():
                columns = self.warehouse.columns(table)
                where, values = self._where(task, columns)
                if "model_id" in columns:
                    self._check_vectors(task, table, incoming)
                    where += " AND model_id IN (?, ?)"  # vectors of other models stay
                    values += [self.models.model_id(t) for t in ("sentence", "image_text")]
                connection.execute(f"DELETE FROM {table} WHERE {where}", values)
                own = {k: pl.lit(v) for k, v in task.item.keys.items() if k in columns}
                self.warehouse.insert(table, incoming.with_columns(**own))
            # What was built on the old rows must be built again, even if the run is killed now.
            ledger.forget(connection, task.item.item_id, _later(task.item, task.stage))
            ledger.record(
                self.warehouse, task.step, self.key(task.item, task.stage), started_at,
                n_rows=sum(len(rows) for rows in tables.values()), built_on=self._built_on(task),
            )  # fmt: skip
        self.progress(task, "done")

    def _built_on(self, task: Task) -> list[tuple[str, int, str]]:
        """The steps that a task's rows rest on; of a stage that runs once a part, its own part."""
        ids = [task.item.item_id, *task.item.parents]
        own = ledger.done(self.warehouse.connection, ids, task.stage.after)
        return [
            (str(item_id), int(str(part)), str(stage))
            for item_id, part, stage, *_ in own
            if not (task.part and part) or part == task.part
        ]

    def _check_vectors(self, task: Task, table: str, incoming: pl.DataFrame) -> None:
        """Record the length of each model's vectors; refuse vectors of another length under its name."""
        connection = self.warehouse.connection
        tasks = {self.models.model_id(t): t for t in task.stage.models}
        for (model_id,), rows in incoming.group_by("model_id"):
            lengths = set(rows["vector"].cast(pl.List(pl.Float32)).list.len().to_list())
            known = connection.execute("SELECT dim FROM model WHERE model_id = ?", [model_id]).fetchall()
            if len(lengths | {dim for (dim,) in known}) != 1:
                raise ValueError(
                    f"{table}: vectors of {model_id} have lengths {sorted(lengths)}, known {known}"
                )
            row = [model_id, tasks[str(model_id)], self.models.model_set, *lengths]
            connection.execute("INSERT OR REPLACE INTO model VALUES (?, ?, ?, ?)", row)


def _later(item: Item, stage: Stage) -> list[str]:
    """Names of the item's stages that build on `stage`, directly or not."""
    names, later = {stage.name}, []
    for other in item.stages():
        if names & set(other.after):
            names.add(other.name)
            later.append(other.name)
    return later


@contextmanager
def _fewer_threads(n: int) -> Iterator[None]:
    """Processes started meanwhile use so many threads each: libraries read these names when they are loaded."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, str(n)))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
