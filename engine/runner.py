"""The job ledger: runs stages, loads their rows, and knows what need not be run again.

A stage's rows and its ledger row are written in one transaction. A stage is skipped when its ledger row
says that it is done for the same files, settings, models and earlier stages.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import polars as pl

from bookscore.engine.errors import BookscoreError
from bookscore.engine.models import Models
from bookscore.engine.settings import check
from bookscore.engine.stage import Inputs, Medium, Stage, Tables
from bookscore.engine.warehouse import Warehouse, fetch, now


@dataclass(frozen=True)
class Item:
    """A book, film or album to be ingested."""

    medium: Medium
    item_id: str
    files: Mapping[str, Path]
    sha256: Mapping[str, str]

    @classmethod
    def of(cls, warehouse: Warehouse, medium: Medium, sources: Mapping[str, Path]) -> Item:
        """The item made of `sources`; its id is the medium and the start of the main file's checksum.

        The main file is the first; an album has many files, all of them main.
        """
        sha256 = {role: file_sha256(warehouse, path) for role, path in sources.items()}
        main = _hash(sorted(sha256.items())) if medium.part_column else next(iter(sha256.values()))
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


Progress = Callable[[Task, str], None]
"""Told of each task: started, done, skipped or failed."""


def file_sha256(warehouse: Warehouse, path: Path) -> str:
    """Checksum of a file's content, remembered by path, size and time of change."""
    try:
        stat = path.stat()
        key = [str(path.resolve()), stat.st_size, stat.st_mtime_ns]
        known = warehouse.connection.execute(
            "SELECT sha256 FROM source_file WHERE path = ? AND size_bytes = ? AND mtime_ns = ?", key
        ).fetchone()
        if known:
            return str(known[0])
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BookscoreError(
            f"{path}: cannot be read ({error.strerror}): check the path and its permissions"
        ) from error
    warehouse.connection.execute("INSERT OR REPLACE INTO source_file VALUES (?, ?, ?, ?)", [*key, sha256])
    return sha256


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
    """

    def __init__(
        self,
        warehouse: Warehouse,
        settings: Mapping[str, float | int | str],
        models: Models,
        *,
        force: bool,
        progress: Progress,
    ) -> None:
        self.warehouse, self.settings, self.models = warehouse, settings, models
        self.force, self.progress = force, progress

    def key(self, item: Item, stage: Stage) -> tuple[str, str, str | None]:
        """What a stage's rows depend on: input_sha256, settings_hash and model_id of its ledger row."""
        by_name = {s.name: s for s in item.stages()}
        read = {role: item.sha256[role] for role in item.files_of(stage)}
        built_on = [self.key(item, by_name[name]) for name in stage.after if name in by_name]
        named = {name: self.settings[name] for name in stage.settings}
        model_id = " + ".join(self.models.model_id(task) for task in stage.models) or None
        return _hash([sorted(read.items()), built_on]), _hash([stage.version, named]), model_id

    def is_done(self, task: Task) -> bool:
        found = self.warehouse.connection.execute(
            "SELECT input_sha256, settings_hash, model_id FROM job "
            "WHERE item_id = ? AND part = ? AND stage = ? AND status = 'done'",
            [task.item.item_id, task.part, task.stage.name],
        ).fetchall()
        return found == [self.key(task.item, task.stage)]

    def tasks(self, item: Item, stage: Stage) -> list[Task]:
        """The stage's tasks: one, or one a part. Known once the stages it builds on are done."""
        if stage.each is None:
            return [Task(item, stage)]
        column = item.medium.part_column
        parts = self.warehouse.connection.execute(
            f"SELECT {column} FROM {stage.each} WHERE {item.medium.name}_id = ? ORDER BY 1",
            [item.item_id],
        ).fetchall()
        return [Task(item, stage, part) for (part,) in parts]

    def ingest(self, items: Sequence[Item], n_jobs: int = 1) -> None:
        """Run all stages of `items`, at most `n_jobs` at a time, each in a process of its own.

        Raises
        ------
        BookscoreError
            A setting does not take its value, or a stage failed. What was done before it stays; the ledger
            keeps the error.
        """
        for item in items:
            check(item.medium.settings, self.settings)
        for item in items:
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
        threads = str(max(1, (os.cpu_count() or 1) // n_jobs))
        with ProcessPoolExecutor(n_jobs, get_context("spawn"), _limit_threads, (threads,)) as pool:
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
        to_do = []
        for task in self.tasks(item, stage):
            if not self.force and self.is_done(task):
                self.progress(task, "skipped")
            else:
                to_do.append(task)
        return to_do

    def _inputs(self, task: Task) -> Inputs:
        item, stage = task.item, task.stage
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
        where, values = f"{task.item.medium.name}_id = ?", [task.item.item_id]
        if task.part and task.item.medium.part_column in columns:
            return f"{where} AND {task.item.medium.part_column} = ?", [*values, task.part]
        return where, list(values)

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
            self._write_ledger(task, "failed", started_at, 0, error)

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
                self.warehouse.insert(table, incoming)
            # What was built on the old rows must be built again, even if the run is killed now.
            for later in _later(task.item, task.stage):
                connection.execute(
                    "DELETE FROM job WHERE item_id = ? AND stage = ?", [task.item.item_id, later.name]
                )
            self._write_ledger(task, "done", started_at, sum(len(rows) for rows in tables.values()), None)
        self.progress(task, "done")

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

    def _write_ledger(
        self, task: Task, status: str, started_at: datetime, n_rows: int, error: str | None
    ) -> None:
        input_sha256, settings_hash, model_id = self.key(task.item, task.stage)
        self.warehouse.record_job(
            medium=task.item.medium.name,
            item_id=task.item.item_id,
            part=task.part,
            stage=task.stage.name,
            input_sha256=input_sha256,
            settings_hash=settings_hash,
            model_id=model_id,
            status=status,
            started_at=started_at,
            finished_at=now(),
            n_rows=n_rows,
            error=error,
        )


def _later(item: Item, stage: Stage) -> list[Stage]:
    """The item's stages that build on `stage`, directly or not."""
    names, later = {stage.name}, []
    for other in item.stages():
        if names & set(other.after):
            names.add(other.name)
            later.append(other)
    return later


def _limit_threads(threads: str) -> None:
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"):
        os.environ[name] = threads


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()
