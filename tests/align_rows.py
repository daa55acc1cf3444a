"""One file of sql/align at a time: the rows that it is given, and those that it makes of them."""

from __future__ import annotations

from typing import Any

import polars as pl

from bookscore.engine import sql_runner
from bookscore.engine.settings import defaults
from bookscore.engine.warehouse import Warehouse
from bookscore.sql.settings import SETTINGS, parameters

IDS = {"title_id": "title-1", "book_id": "book-1", "film_id": "film-1", "album_id": "album-1"}
DEFAULTS = parameters(defaults(SETTINGS))

KINDS = {
    "VARCHAR": "bracketed, word, stem, key, side, name, kind, previous, text, speaker",
    "BOOLEAN": "is_quote, is_content",
    "DOUBLE": "start_s, end_s, nats, surprisal_nats, score_nats, beyond_nats, over_cutoff_nats, decay_rate, p_unrelated, p_related, "
    "mean_scene_words, weight, likelihood, p, n_lines, tells, borrows, invented, jumps, before, reached, invented_share, "
    "borrowed_share, back_share, dispersion",
}
"""Types of columns of the tables that exist only while a title is aligned; the others are whole numbers."""


def given(warehouse: Warehouse, table: str, *rows: tuple[Any, ...]) -> None:
    """Add rows to ``table: column, column``; a table that the schema does not have is made, once."""
    name, names = table.split(": ")
    columns = names.split(", ")
    known = warehouse.columns(name)
    if known:
        frame = pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None)
        ids = {key: pl.lit(value) for key, value in IDS.items() if key in known}
        warehouse.insert(name, frame.with_columns(**ids))
        return
    kinds = {column: kind for kind, columns in KINDS.items() for column in columns.split(", ")}
    typed = ", ".join(f"{column} {kinds.get(column, 'BIGINT')}" for column in columns)
    warehouse.connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {name} ({typed})")
    for row in rows:
        warehouse.connection.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", list(row))


def rows_of(warehouse: Warehouse, name: str, columns: str, **changed: Any) -> list[tuple[Any, ...]]:
    """These columns of what the file of that name makes of the rows it was given, in their order."""
    [file] = [f for f in sql_runner.sql_files("align") if f.name == f"align/{name}.sql"]
    made = sql_runner.select(warehouse.connection, file, {**DEFAULTS, **IDS, **changed})
    place = [[column[0] for column in made.description].index(name) for name in columns.split(", ")]
    found = [tuple(row[i] for i in place) for row in made.fetchall()]
    return sorted(found, key=lambda row: [(value is None, value) for value in row])


def derive(warehouse: Warehouse, name: str, columns: str) -> list[tuple[Any, ...]]:
    """`rows_of`, given to the files after it as well."""
    rows = rows_of(warehouse, name, columns)
    given(warehouse, f"{name.partition('_')[2]}: {columns}", *rows)
    return rows
