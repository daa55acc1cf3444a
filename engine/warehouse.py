"""The warehouse: a folder with one DuckDB file, kept at the program's schema by migrations."""

from __future__ import annotations

import hashlib
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl

from bookscore.engine.columns import portable
from bookscore.engine.errors import BookscoreError

DATABASE = "bookscore.duckdb"
SQL = Path(__file__).parents[1] / "sql"
PATIENCE_S = 60.0  # how long a command waits to begin with a file that another process holds
RETRY_S = 0.05
_HOLDER = re.compile(r"held in .*?\(PID (\d+)\)")


class Warehouse:
    """The warehouse in a folder. It is open only while something is read or loaded.

    A process that writes to a DuckDB file shuts out all others, so long work is done with the file closed:
    `reading` and `transaction` open it for what is done inside. Used as a context manager, it is open for
    writing all the while, and both of them use that connection.

    Parameters
    ----------
    folder : Path
        Made where it is absent, unless `create` is false.
    create : bool
        False for commands that only read.
    say : callable
        Told in one line for which process this one waits.

    Raises
    ------
    BookscoreError
        The folder is no warehouse or not writable, another process holds it for longer than `PATIENCE_S`, or
        its schema is not one that this program made.
    """

    def __init__(
        self, folder: Path, *, create: bool = True, say: Callable[[str], None] = lambda _: None
    ) -> None:
        self.folder, self._say = folder, say
        self._database = folder / DATABASE
        self._open: duckdb.DuckDBPyConnection | None = None
        self._in_transaction = False
        if not create and not self._database.exists():
            raise BookscoreError(
                f"{folder} contains no warehouse yet: run 'bookscore weave' or 'bookscore ingest' first"
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BookscoreError(
                f"{folder}: cannot be created ({error.strerror}): choose another --warehouse"
            ) from error
        self._keep_at_schema()

    def __enter__(self) -> Warehouse:
        self._open = self._connect(read_only=False, patience_s=PATIENCE_S)
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()
        self._open = None

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection that is open now."""
        if self._open is None:
            raise ValueError("the warehouse is closed: open it with reading() or transaction()")
        return self._open

    @contextmanager
    def reading(self, *, closed: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that cannot change the warehouse; several processes can read at once.

        Parameters
        ----------
        closed : bool
            Shut other files and the network out of what is asked, for statements that are not our own.
        """
        if self._open is not None:
            yield self._open
            return
        self._open = self._connect(read_only=True, patience_s=PATIENCE_S)
        try:
            if closed:
                self._open.execute("SET enable_external_access = false")
                self._open.execute("SET lock_configuration = true")
            yield self._open
        finally:
            self._open.close()
            self._open = None

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Commit what is done inside, or nothing of it. One inside another is part of it.

        It waits as long as it takes for others to let go of the file: what was worked out for hours must not
        be lost because somebody reads.
        """
        opened_here = self._open is None
        if self._open is None:
            self._open = self._connect(read_only=False, patience_s=math.inf)
        elif self._in_transaction:
            yield self._open
            return
        connection = self._open
        try:
            connection.begin()
            self._in_transaction = True
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            finally:
                self._in_transaction = False
            connection.commit()
        finally:
            if opened_here:
                connection.close()
                self._open = None

    def _connect(self, *, read_only: bool, patience_s: float) -> duckdb.DuckDBPyConnection:
        """Open the file, waiting for a process that holds it."""
        until, said = time.monotonic() + patience_s, False
        while True:
            try:
                connection = duckdb.connect(str(self._database), read_only=read_only)
                break
            except duckdb.Error as error:
                holder = _HOLDER.search(str(error))
                if holder is None or time.monotonic() > until:
                    raise BookscoreError(_why_not_open(self._database, str(error))) from error
            if not said:
                self._say(f"waiting for pid {holder[1]}, which has {self.folder} open")
                said = True
            time.sleep(RETRY_S)
        connection.execute("SET TimeZone = 'UTC'")
        return connection

    def _keep_at_schema(self) -> None:
        """Apply the migrations that the warehouse lacks; where it lacks none, it is only read."""
        if self._database.exists():
            with closing(self._connect(read_only=True, patience_s=PATIENCE_S)) as connection:
                if not _lacking(connection, self.folder):
                    return
        with closing(self._connect(read_only=False, patience_s=PATIENCE_S)) as connection:
            _migrate(connection, self.folder)

    def columns(self, table: str) -> list[str]:
        """Names of the columns of `table`; empty where there is no such table."""
        rows = self.connection.execute(
            "SELECT column_name FROM duckdb_columns() "
            "WHERE database_name = current_database() AND table_name = ? ORDER BY column_index",
            [table],
        ).fetchall()
        return [name for (name,) in rows]

    def insert(self, table: str, rows: pl.DataFrame) -> None:
        """Add rows.

        Parameters
        ----------
        table : str
        rows : polars.DataFrame
            Columns match the table's by name; those that are missing are NULL.
        """
        self.connection.register("incoming", rows.to_arrow())
        self.connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming")
        self.connection.unregister("incoming")


def now() -> datetime:
    """The time for the ledger, in UTC."""
    return datetime.now(UTC).replace(tzinfo=None)


def fetch(
    connection: duckdb.DuckDBPyConnection,
    statement: str,
    parameters: Sequence[object] | Mapping[str, object] = (),
) -> pl.DataFrame:
    """Rows of a statement as a data frame; an empty one where the statement returns no result.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    statement : str
    parameters : sequence or Mapping[str, object]
        By position, or by name without the dollar sign.
    """
    rows = connection.sql(statement, params=parameters or None)
    if rows is None:
        return pl.DataFrame()
    return portable(rows).pl()


def _why_not_open(database: Path, error: str) -> str:
    if holder := _HOLDER.search(error):
        return f"{database.parent} is in use by pid {holder[1]}: wait until it ends, or choose another --warehouse"
    if "not a valid DuckDB database" in error:
        return f"{database} is not a DuckDB file: move it away, or choose another --warehouse"
    return f"{database} cannot be opened: {error.splitlines()[0]}"


def _lacking(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[tuple[str, str]]:
    """Names and statements of the migrations of ``sql/schema`` that the warehouse lacks, in order.

    Raises
    ------
    BookscoreError
        It has one that this program does not know, or that is not the same.
    """
    has_any = connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'migration'").fetchall()
    applied = dict(connection.execute("SELECT name, sha256 FROM migration").fetchall()) if has_any else {}
    known = {f.name: f.read_text(encoding="utf-8") for f in sorted((SQL / "schema").glob("*.sql"))}
    if unknown := sorted(applied.keys() - known.keys()):
        raise BookscoreError(
            f"{folder} was made by a newer Bookscore (it has {unknown[-1]}): update the program, "
            "or choose another --warehouse"
        )
    for name, sha256 in applied.items():
        if sha256 != _sha256(known[name]):
            raise BookscoreError(
                f"{folder} was made with a different version of migration {name} than this program has: reinstall "
                "Bookscore, or choose another --warehouse"
            )
    return [(name, statements) for name, statements in known.items() if name not in applied]


def _migrate(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Apply the migrations that the warehouse lacks, each in its own transaction."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migration (name VARCHAR PRIMARY KEY, sha256 VARCHAR NOT NULL, "
        "applied_at TIMESTAMP NOT NULL)"
    )
    for name, statements in _lacking(connection, folder):
        connection.begin()
        try:
            connection.execute(statements)
            connection.execute("INSERT INTO migration VALUES (?, ?, now())", [name, _sha256(statements)])
        except BaseException:
            connection.rollback()
            raise
        connection.commit()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
