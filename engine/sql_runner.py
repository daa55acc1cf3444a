"""Runs the SQL of ``sql/align``, ``sql/weave`` and ``sql/audits``.

A file ``NN_table.sql`` is one SELECT whose rows become the table of its name. Where the schema has
that table, the rows of the same key are replaced (``-- key: title_id`` in the file's head; the default
is title_id); otherwise it is a temporary table for the files after it. Parameters such as ``$title_id``
are bound by name.

A file may refine a temporary table that an earlier one made, by iteration: its head says ``-- again: 3 times
from 52_state``, and three times it is run and then the files from that one up to it are run again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from bookscore.engine.errors import BookscoreError
from bookscore.engine.warehouse import SQL, Warehouse


class SqlError(BookscoreError):
    """A file of ours failed: the message names it and shows the statement."""


@dataclass(frozen=True)
class SqlFile:
    """A file of SQL: its ``folder/name`` and its text."""

    name: str
    text: str

    @property
    def table(self) -> str:
        return re.sub(r"^.*/\d+_|\.sql$", "", self.name)

    @property
    def key(self) -> list[str]:
        head = re.search(r"^-- key: (.+)$", self.text, re.MULTILINE)
        return [column.strip() for column in head[1].split(",")] if head else ["title_id"]

    @property
    def again(self) -> tuple[int, str] | None:
        """How often it is run, and the file from which the files before it are run again each time."""
        head = re.search(r"^-- again: (\d+) times from (\w+)$", self.text, re.MULTILINE)
        return (int(head[1]), f"{self.name.split('/')[0]}/{head[2]}.sql") if head else None


def sql_files(folder: str) -> list[SqlFile]:
    """The files of ``sql/folder`` in name order."""
    return [
        SqlFile(f"{folder}/{f.name}", f.read_text(encoding="utf-8"))
        for f in sorted((SQL / folder).glob("*.sql"))
    ]


def in_order(files: Sequence[SqlFile]) -> Iterator[SqlFile]:
    """The files as they are run, those of an iteration several times."""
    for place, file in enumerate(files):
        n, first = file.again or (1, file.name)
        body = files[[f.name for f in files].index(first) : place] if file.again else []
        for _ in range(n):
            yield file
            yield from body


def select(
    connection: duckdb.DuckDBPyConnection,
    file: SqlFile,
    parameters: Mapping[str, object],
    before: str = "",
) -> duckdb.DuckDBPyConnection:
    """Run `before` and the file's SELECT as one statement, with the parameters that it names.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    file : SqlFile
    parameters : Mapping[str, object]
        By name without the dollar sign; others than the statement names are ignored.
    before : str
        SQL to put before the SELECT, such as INSERT INTO.

    Raises
    ------
    SqlError
        With the file's name and the statement.
    """
    statement = before + file.text
    try:
        names = duckdb.extract_statements(statement)[0].named_parameters
        return connection.execute(statement, {name: parameters[name] for name in names})
    except KeyError as error:
        raise SqlError(f"{file.name} needs the parameter ${error.args[0]}, which is not given") from error
    except duckdb.Error as error:
        raise SqlError(f"{file.name}: {error}\n{statement}") from error


def derive(warehouse: Warehouse, folder: str, parameters: Mapping[str, object]) -> None:
    """Make every table of ``sql/folder`` anew, inside the caller's transaction.

    Parameters
    ----------
    warehouse : Warehouse
    folder : str
    parameters : Mapping[str, object]
        Of the statements, by name without the dollar sign; they include the key columns of each table.
    """
    connection = warehouse.connection
    for file in in_order(sql_files(folder)):
        columns = warehouse.columns(file.table)
        if not columns or connection.execute(
            "SELECT temporary FROM duckdb_tables() WHERE table_name = ?", [file.table]
        ).fetchall() == [(True,)]:
            select(connection, file, parameters, f"CREATE OR REPLACE TEMP TABLE {file.table} AS\n")
            continue
        same_key = " AND ".join(
            f"{column} IS NOT DISTINCT FROM $ {column}".replace("$ ", "$") for column in file.key
        )
        connection.execute(f"DELETE FROM {file.table} WHERE {same_key}", {c: parameters[c] for c in file.key})
        select(connection, file, parameters, f"INSERT INTO {file.table} BY NAME\n")


def audit(warehouse: Warehouse, parameters: Mapping[str, object]) -> None:
    """Run ``sql/audits``: each must return no row.

    Parameters
    ----------
    warehouse : Warehouse
    parameters : Mapping[str, object]
        Of the statements, by name without the dollar sign.

    Raises
    ------
    BookscoreError
        Names the first audit with rows, how many there are and the first of them.
    """
    for file in sql_files("audits"):
        rows = select(warehouse.connection, file, parameters).fetchall()
        if rows:
            raise BookscoreError(
                f"{file.name} found {len(rows)} row(s) that break its rule, first {rows[0]}: nothing was changed; please report this"
            )
