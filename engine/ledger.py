"""The job ledger: what was done to which item, and what that rests on.

Tables ``job`` (a row a stage of an item, or of one part of it) and ``lineage`` (which rows of ``job``, and which
of the program's SQL, another row was derived from, with the fingerprints they had then).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from bookscore.engine.errors import BookscoreError
from bookscore.engine.sql_runner import sql_files
from bookscore.engine.warehouse import Warehouse, now

PROGRAM = "program"
"""Stands where an item's id would: what is derived from the program's own SQL."""


@dataclass(frozen=True)
class Step:
    """A stage of an item, or of one part of it: what a row of the ledger is about."""

    medium: str
    item_id: str
    stage: str
    part: int = 0


@dataclass(frozen=True)
class Key:
    """What the rows of a step depend on; the same key, the same rows.

    Attributes
    ----------
    input_sha256 : str
        Of the files read and of the steps built on.
    settings_hash : str
        Of the settings, and the version of the code.
    model_id : str or None
        The models used.
    """

    input_sha256: str
    settings_hash: str
    model_id: str | None = None


@dataclass(frozen=True)
class Change:
    """Something that is not as it was when a step was derived from it."""

    item_id: str
    stage: str


def digest(value: object) -> str:
    """SHA-256 of a value, by its JSON."""
    return hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()


def is_done(connection: duckdb.DuckDBPyConnection, step: Step, key: Key) -> bool:
    """Whether the ledger has the step as done under that key.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    step : Step
    key : Key
    """
    found = connection.execute(
        "SELECT input_sha256, settings_hash, model_id FROM job "
        "WHERE item_id = ? AND part = ? AND stage = ? AND status = 'done'",
        [step.item_id, step.part, step.stage],
    ).fetchall()
    return [Key(*row) for row in found] == [key]


def done(
    connection: duckdb.DuckDBPyConnection, item_ids: Sequence[str], stages: Sequence[str] | None = None
) -> list[tuple[object, ...]]:
    """The ledger's rows of steps that are done, as far as they tell what was derived from what.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    item_ids : sequence of str
    stages : sequence of str or None
        Names of stages; None for all.

    Returns
    -------
    list of tuple
        item_id, part, stage, input_sha256, settings_hash, model_id; in order.
    """
    return connection.execute(
        "SELECT item_id, part, stage, input_sha256, settings_hash, model_id FROM job WHERE status = 'done' "
        "AND list_contains($ids, item_id) AND ($stages IS NULL OR list_contains($stages::VARCHAR[], stage)) ORDER BY ALL",
        {"ids": list(item_ids), "stages": None if stages is None else list(stages)},
    ).fetchall()


def record(
    warehouse: Warehouse,
    step: Step,
    key: Key,
    started_at: datetime,
    *,
    n_rows: int = 0,
    error: str | None = None,
    built_on: Iterable[tuple[str, int, str]] = (),
    statements: Iterable[str] = (),
) -> None:
    """Write the step's row, and what it was derived from, in the caller's transaction.

    Parameters
    ----------
    warehouse : Warehouse
    step : Step
    key : Key
    started_at : datetime
        In UTC.
    n_rows : int
        How many rows it made.
    error : str or None
        Why it failed; None where it is done.
    built_on : iterable of (str, int, str)
        item_id, part and stage of the steps it was derived from.
    statements : iterable of str
        Folders of ``sql`` whose statements derived it.
    """
    connection = warehouse.connection
    row = {
        "medium": step.medium, "item_id": step.item_id, "part": step.part, "stage": step.stage,
        "input_sha256": key.input_sha256, "settings_hash": key.settings_hash, "model_id": key.model_id,
        "status": "failed" if error else "done", "started_at": started_at, "finished_at": now(),
        "n_rows": n_rows, "error": error,
    }  # fmt: skip
    connection.execute(
        f"INSERT OR REPLACE INTO job ({', '.join(row)}) VALUES ({', '.join(f'${name}' for name in row)})", row
    )
    own = [step.item_id, step.part, step.stage]
    connection.execute("DELETE FROM lineage WHERE item_id = ? AND part = ? AND stage = ?", own)
    if sources := [list(source) for source in built_on]:
        connection.execute(
            "INSERT INTO lineage SELECT $1, $2, $3, f.item_id, f.part, f.stage, f.fingerprint FROM fingerprint AS f "
            "WHERE list_contains($4, [f.item_id, f.part::VARCHAR, f.stage])",
            [*own, [[item_id, str(part), stage] for item_id, part, stage in sources]],
        )
    for folder in statements:
        connection.execute(
            "INSERT INTO lineage VALUES (?, ?, ?, ?, 0, ?, ?)",
            [*own, PROGRAM, folder, statements_hash(folder)],
        )


def forget(connection: duckdb.DuckDBPyConnection, item_id: str, stages: Iterable[str]) -> None:
    """Have an item's stages done again: what they were built on is no longer what it was.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    item_id : str
    stages : iterable of str
    """
    for stage in stages:
        connection.execute("DELETE FROM job WHERE item_id = ? AND stage = ?", [item_id, stage])


def changes(connection: duckdb.DuckDBPyConnection, item_id: str) -> list[Change]:
    """What is not as it was when the item's rows were derived from it; empty where they are up to date.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    item_id : str
        E.g. of a title.

    Returns
    -------
    list of Change
        The item itself stands for rows of which nobody knows what they were derived from.
    """
    lines = connection.execute(
        "SELECT from_item_id, from_stage, lineage.fingerprint, f.fingerprint FROM lineage "
        "LEFT JOIN fingerprint AS f ON (f.item_id, f.part, f.stage) = (from_item_id, from_part, from_stage) "
        "WHERE lineage.item_id = ? ORDER BY ALL",
        [item_id],
    ).fetchall()
    if not lines:
        return [Change(item_id, "")]
    changed = [
        Change(from_item, stage)
        for from_item, stage, before, current in lines
        if before != (statements_hash(stage) if from_item == PROGRAM else current)
    ]
    return list(dict.fromkeys(changed))


def statements_hash(folder: str) -> str:
    """Fingerprint of the statements of ``sql/folder``."""
    return digest([(file.name, file.text) for file in sql_files(folder)])


def checksums(warehouse: Warehouse, files: Mapping[str, Path]) -> dict[str, str]:
    """SHA-256 of the content of files, remembered by path, size and time of change.

    Parameters
    ----------
    warehouse : Warehouse
    files : Mapping[str, Path]
        By role.

    Raises
    ------
    BookscoreError
        A file cannot be read.
    """
    keys = {role: _file_key(path) for role, path in files.items()}
    with warehouse.reading() as connection:
        known = {
            role: connection.execute(
                "SELECT sha256 FROM source_file WHERE path = ? AND size_bytes = ? AND mtime_ns = ?", key
            ).fetchone()
            for role, key in keys.items()
        }
    found = {role: str(row[0]) for role, row in known.items() if row}
    if new := {role: _file_sha256(path) for role, path in files.items() if role not in found}:
        with warehouse.transaction() as connection:
            for role, sha256 in new.items():
                connection.execute(
                    "INSERT OR REPLACE INTO source_file VALUES (?, ?, ?, ?)", [*keys[role], sha256]
                )
    return {role: (found | new)[role] for role in files}


def _file_key(path: Path) -> list[object]:
    try:
        stats = [file.stat() for file in (path, *_inside(path))]
    except OSError as error:
        raise _unreadable(path, error) from error
    return [str(path.resolve()), sum(s.st_size for s in stats), max(s.st_mtime_ns for s in stats)]


def _file_sha256(path: Path) -> str:
    try:
        if path.is_dir():
            return digest([(str(file.relative_to(path)), _file_sha256(file)) for file in _inside(path)])
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def _inside(path: Path) -> list[Path]:
    """The files of a folder that counts as one file, as an unpacked EPUB does; none of a file."""
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else []


def _unreadable(path: Path, error: OSError) -> BookscoreError:
    return BookscoreError(f"{path}: cannot be read ({error.strerror}): check the path and its permissions")
