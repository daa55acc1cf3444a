"""The data dictionary: what every table and column of the warehouse means.

It is read from the comments of ``sql/schema``; what those leave unsaid, ``dictionary.toml`` says. To write it
into the documentation again: ``python -m bookscore.queries.dictionary docs``.
"""

from __future__ import annotations

import re
import sys
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import duckdb

from bookscore.engine.sql_runner import sql_files
from bookscore.queries import atomic, saved

_CREATE = re.compile(r"CREATE TABLE (\w+)")
_ADD = re.compile(r"ALTER TABLE (\w+) ADD COLUMN (\w+)")
_RENAME = re.compile(r"ALTER TABLE (\w+) RENAME COLUMN \w+ TO (\w+)")
_COLUMN = re.compile(r"    (\w+) ")


@dataclass(frozen=True)
class Column:
    """A column: `kind` is its DuckDB type, `what` what it means."""

    name: str
    kind: str
    may_be_null: bool
    what: str


@dataclass(frozen=True)
class Table:
    """A table: `what` says what a row is."""

    name: str
    what: str
    columns: list[Column]


def tables() -> list[Table]:
    """All tables of the schema in the order in which they were first made; unknown meanings are empty."""
    with duckdb.connect() as connection:
        said: dict[str, str] = {}
        for file in sql_files("schema"):
            connection.execute(file.text)
            said |= _comments(file.text)
        rows = connection.execute(
            "SELECT table_name, column_name, data_type, is_nullable FROM duckdb_columns() "
            "SEMI JOIN duckdb_tables() USING (table_oid) ORDER BY table_oid, column_index"
        ).fetchall()
    also = complement()
    found: dict[str, Table] = {}
    for table, name, kind, may_be_null in rows:
        place = f"{table}.{name}"
        what = also["columns"].get(place) or said.get(place) or also["columns"].get(name, "")
        made = found.setdefault(table, Table(table, also["tables"].get(table) or said.get(table, ""), []))
        made.columns.append(Column(name, kind, may_be_null, what))
    return list(found.values())


def complement() -> dict[str, dict[str, str]]:
    """``dictionary.toml``: what tables are, and what columns are by ``table.column`` or by name alone."""
    return tomllib.loads(files("bookscore.queries").joinpath("dictionary.toml").read_text(encoding="utf-8"))


def markdown(title: str) -> str:
    """The dictionary as a page."""
    lines = [f"# {title}", ""]
    for table in tables():
        lines += [
            f"## {table.name}",
            "",
            table.what,
            "",
            "| column | type | meaning |",
            "|---|---|---|",
        ]
        lines += [
            f"| {c.name} | {c.kind}{' or NULL' if c.may_be_null else ''} | {c.what.replace('|', '∣')} |"
            for c in table.columns
        ]
        lines.append("")
    return "\n".join(lines)


def _comments(text: str) -> dict[str, str]:
    """What a migration's comments say, by ``table`` and ``table.column``.

    A comment stands above a statement, or behind it or a column; one above several statements is for all.
    """
    said: dict[str, str] = {}
    above: list[str] = []
    table = last = ""
    for line in text.splitlines():
        code, _, comment = (part.strip() for part in line.partition("--"))
        if comment and not code:
            if table and last:  # a column's comment goes on
                said[last] = f"{said.get(last, '')} {comment}".strip()
            else:
                above.append(comment)
            continue
        altered = _ADD.match(line) or _RENAME.match(line)
        if created := _CREATE.match(line):
            table = created[1]
            said[table] = " ".join([*above, comment]).strip()
        elif altered:
            said[f"{altered[1]}.{altered[2]}"] = comment or " ".join(above)
        elif table and (column := _COLUMN.match(line)):
            last = f"{table}.{column[1]}"
            said[last] = comment
        if code.endswith(");"):
            table = last = ""
        if not altered:
            above = []
    return {place: what for place, what in said.items() if what}


def queries_page() -> str:
    """The saved queries as a page: what each tells, what it asks for, its columns."""
    lines = ["# The saved queries", "", "`bookscore query NAME` runs one; without a name it lists them.", ""]
    for name in saved.names():
        query = saved.read(name)
        asked = [f"`--{parameter}`: {what}" for parameter, what in query.parameters.items()]
        lines += [
            f"## {name}",
            "",
            query.what,
            *([""] if asked else []),
            *asked,
            "",
            "| column | meaning |",
            "|---|---|",
        ]
        lines += [f"| {column} | {what.replace('|', '∣')} |" for column, what in query.columns.items()]
        lines.append("")
    return "\n".join(lines)


def pages() -> dict[str, str]:
    """The pages of the documentation that are made of what the SQL files say, by their names."""
    return {"schema.md": markdown("The warehouse's tables"), "queries.md": queries_page()}


if __name__ == "__main__":
    for name, page in pages().items():
        atomic.write_text(Path(sys.argv[1]) / name, page)
