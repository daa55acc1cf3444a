"""The warehouse: a folder with one DuckDB file, kept at the program's schema by migrations."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl

from bookscore.engine.columns import portable
from bookscore.engine.errors import BookscoreError

DATABASE = "bookscore.duckdb"
SQL = Path(__file__).parents[1] / "sql"


class Warehouse:
    """An open warehouse; a context manager that closes it.

    Parameters
    ----------
    folder : Path
        Made where it is absent, unless `create` is false.
    create : bool
        False for commands that only read.

    Raises
    ------
    BookscoreError
        The folder is no warehouse or not writable, another process holds it, or its schema is not
        one that this program made.
    """

    def __init__(self, folder: Path, *, create: bool = True) -> None:
        self.folder = folder
        database = folder / DATABASE
        if not create and not database.exists():
            raise BookscoreError(
                f"{folder} holds no warehouse yet: run 'bookscore weave' or 'bookscore ingest' first"
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BookscoreError(
                f"{folder}: cannot be made ({error.strerror}): choose another --warehouse"
            ) from error
        try:
            self.connection = duckdb.connect(str(database))
        except duckdb.Error as error:
            raise BookscoreError(_why_not_open(database, str(error))) from error
        try:
            self.connection.execute("SET TimeZone = 'UTC'")
            _migrate(self.connection, folder)
        except BaseException:
            self.connection.close()
            raise

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Commit what is done inside, or nothing of it."""
        self.connection.begin()
        try:
            yield self.connection
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()

    def columns(self, table: str) -> list[str]:
        """Names of the columns of `table`; empty where there is no such table."""
        rows = self.connection.execute(
            "SELECT column_name FROM duckdb_columns() "
            "WHERE database_name = current_database() AND table_name = ? ORDER BY column_index",
            [table],
        ).fetchall()
        return [name for (name,) in rows]

    def insert(self, table: str, rows: pl.DataFrame) -> None:
        """Add rows; columns match by name."""
        self.connection.register("incoming", rows.to_arrow())
        self.connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming")
        self.connection.unregister("incoming")

    def record_job(self, **row: object) -> None:
        """Write a row of the job ledger, in place of the one of the same item, part and stage."""
        names = ", ".join(row)
        self.connection.execute(
            f"INSERT OR REPLACE INTO job ({names}) VALUES ({', '.join(f'${name}' for name in row)})", row
        )


def now() -> datetime:
    """The time for the ledger, in UTC."""
    return datetime.now(UTC).replace(tzinfo=None)


def fetch(
    connection: duckdb.DuckDBPyConnection,
    statement: str,
    parameters: Sequence[object] | Mapping[str, object] = (),
) -> pl.DataFrame:
    """Rows of a statement as a frame; an empty one where the statement returns none."""
    rows = connection.sql(statement, params=parameters or None)
    if rows is None:
        return pl.DataFrame()
    return portable(rows).pl()


def _why_not_open(database: Path, error: str) -> str:
    holder = re.search(r"held in .*?\(PID (\d+)\)", error)
    if holder:
        return f"{database.parent} is in use by pid {holder[1]}: wait for it to end, or choose another --warehouse"
    if "not a valid DuckDB database" in error:
        return f"{database} is not a DuckDB file: move it away, or choose another --warehouse"
    return f"{database} cannot be opened: {error.splitlines()[0]}"


def _migrate(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Apply the migrations of ``sql/schema`` that the warehouse lacks, each in its own transaction."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migration (name VARCHAR PRIMARY KEY, sha256 VARCHAR NOT NULL, "
        "applied_at TIMESTAMP NOT NULL)"
    )
    applied = dict(connection.execute("SELECT name, sha256 FROM migration").fetchall())
    known = sorted((SQL / "schema").glob("*.sql"))
    unknown = sorted(applied.keys() - {f.name for f in known})
    if unknown:
        raise BookscoreError(
            f"{folder} was made by a newer Bookscore (it has {unknown[-1]}): update the program, "
            "or choose another --warehouse"
        )
    for file in known:
        statements = file.read_text(encoding="utf-8")
        sha256 = hashlib.sha256(statements.encode()).hexdigest()
        if file.name not in applied:
            connection.begin()
            try:
                connection.execute(statements)
                connection.execute("INSERT INTO migration VALUES (?, ?, now())", [file.name, sha256])
            except BaseException:
                connection.rollback()
                raise
            connection.commit()
        elif applied[file.name] != sha256:
            raise BookscoreError(
                f"{folder} was made by another {file.name} than this program's: a migration must not change "
                "once applied; reinstall Bookscore, or choose another --warehouse"
            )
