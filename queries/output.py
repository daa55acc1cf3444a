"""Rows for people and for programs: a table on a terminal, JSON, CSV or Parquet."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from bookscore.engine.errors import BookscoreError

FORMATS = ("table", "json", "csv", "parquet")


def render(rows: pl.DataFrame, form: str) -> str:
    """`rows` as text: table, json or csv."""
    if form == "json":
        return rows.write_json() + "\n"
    if form == "csv":
        return rows.write_csv()
    table = Table(box=None, pad_edge=False)
    for name, kind in rows.schema.items():
        table.add_column(name, justify="right" if kind.is_numeric() else "left", overflow="fold")
    for row in rows.iter_rows():
        table.add_row(*(_cell(value) for value in row))
    # A pipe has no width: lines are not folded there.
    console = Console(
        file=StringIO(), highlight=False, markup=False, width=None if Console().is_terminal else 10_000
    )
    console.print(table)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines()) + "\n"  # type: ignore[attr-defined]


def write(rows: pl.DataFrame, form: str, path: Path) -> None:
    """Write `rows` to a file.

    Raises
    ------
    BookscoreError
        The file cannot be written.
    """
    try:
        if form == "parquet":
            rows.write_parquet(path)
        else:
            path.write_text(render(rows, form), encoding="utf-8")
    except OSError as error:
        raise BookscoreError(
            f"{path}: cannot be written ({error.strerror}): check the folder and its permissions"
        ) from error


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    return str(value)
