"""Rows for people and for programs: a table on a terminal, JSON, CSV or Parquet.

DuckDB itself writes the values as text, since it alone knows all of its types. BLOBs are base64 in JSON and CSV;
numbers that JSON lacks (NaN, infinity) are null there; lists, structs and maps are JSON inside CSV. Tables show no
control codes, JSON escapes them. CSV is for spreadsheets too: see `guarded`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import polars as pl
from rich.console import Console
from rich.table import Table

from bookscore.engine.columns import each, literal, portable, quoted, rewritten
from bookscore.engine.errors import BookscoreError
from bookscore.engine.printable import printable

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation
    from duckdb.sqltypes import DuckDBPyType


FORMATS = ("table", "json", "csv", "parquet")
NUMBERS = {
    "tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint", "uinteger", "ubigint",
    "uhugeint", "bignum", "decimal", "float", "double",
}  # fmt: skip
TEXTS = {"varchar", "enum"}
NESTED = {"list", "array", "struct", "map", "union", "tuple", "variant"}


def form_of(path: Path | None, form: str | None) -> str:
    """The format of a file: the one that is asked for, else what the suffix says, else table.

    Parameters
    ----------
    path : Path or None
    form : str or None
        One of `FORMATS`.

    Returns
    -------
    str
    """
    suffix = path.suffix.lower().removeprefix(".") if path else ""
    return form or (suffix if suffix in FORMATS else "table")


def render(rows: pl.DataFrame | DuckDBPyRelation | None, form: str) -> str:
    """Rows as text.

    Parameters
    ----------
    rows : polars.DataFrame or duckdb.DuckDBPyRelation or None
        None, what a statement without a result gives, is no text.
    form : str
        table, json or csv.

    Returns
    -------
    str
    """
    if rows is None:
        return ""
    if isinstance(rows, pl.DataFrame):
        if not rows.width:
            return "\n"
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return render(connection.from_arrow(rows.to_arrow()), form)
    return {"json": _json, "csv": _csv, "table": _table}[form](rows)


def write(rows: pl.DataFrame | DuckDBPyRelation | None, form: str, path: Path) -> None:
    """Write rows to a file.

    Parameters
    ----------
    rows : polars.DataFrame or duckdb.DuckDBPyRelation or None
        See `render`.
    form : str
        One of `FORMATS`.
    path : Path

    Raises
    ------
    BookscoreError
        The file cannot be written, or there are no rows to write.
    """
    from pyarrow import parquet

    if rows is None:
        raise BookscoreError(f"{path}: not written, because the statement has no result: use SELECT")
    try:
        if form != "parquet":
            path.write_text(render(rows, form), encoding="utf-8")
        elif isinstance(rows, pl.DataFrame):
            rows.write_parquet(path)
        else:
            parquet.write_table(portable(rows).to_arrow_table(), path)
    except OSError as error:
        raise BookscoreError(
            f"{path}: cannot be written ({error.strerror}): check the folder and its permissions"
        ) from error


def _json(rows: DuckDBPyRelation) -> str:
    plain = each(rows, lambda kind, column: rewritten(kind, column, _base64))
    members = ", ".join(f"{literal(name)}, {quoted(name)}" for name in plain.columns)
    objects = plain.project(f"json_object({members})::VARCHAR").fetchall()
    return "[" + ",".join(_escaped(_finite(text)) for (text,) in objects) + "]\n"


def _csv(rows: DuckDBPyRelation) -> str:
    def text(kind: DuckDBPyType, column: str) -> str:
        plain = rewritten(kind, column, _base64)
        return f"to_json({plain})::VARCHAR" if kind.id in NESTED else f"{plain}::VARCHAR"

    texts = each(rows, text).pl()
    kinds = dict(zip(texts.columns, rows.types, strict=True))
    nested = [name for name, kind in kinds.items() if kind.id in NESTED]
    words = [name for name, kind in kinds.items() if kind.id in TEXTS and str(kind) != "JSON"]
    finite = texts.with_columns(pl.col(nested).map_elements(_finite, return_dtype=pl.String))
    return guarded(finite, words).write_csv()


def guarded(rows: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Rows for CSV: texts that a spreadsheet would take for formulas begin with an apostrophe.

    Those are texts that begin with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return (OWASP, CSV Injection).
    Numbers stay as they are.

    Parameters
    ----------
    rows : polars.DataFrame
    columns : sequence of str
        Those that hold texts of books, films and albums.
    """
    if not columns:
        return rows
    text = pl.col(*columns)
    return rows.with_columns(
        pl.when(text.str.contains(r"^[=+\-@\t\r]")).then("'" + text).otherwise(text).name.keep()
    )


def _table(rows: DuckDBPyRelation) -> str:
    def cell(kind: DuckDBPyType, column: str) -> str:
        return (
            f"{column}::DOUBLE"
            if kind.id in ("float", "double")
            else f"{rewritten(kind, column, _n_bytes)}::VARCHAR"
        )

    cells = each(rows, cell)
    table = Table(box=None, pad_edge=False)
    for name, kind in zip(cells.columns, rows.types, strict=True):
        table.add_column(name, justify="right" if kind.id in NUMBERS else "left", overflow="fold")
    for row in cells.fetchall():
        table.add_row(
            *(f"{value:.4g}" if isinstance(value, float) else printable(value or "") for value in row)
        )
    # A pipe has no width: lines are not folded there.
    console = Console(
        file=StringIO(),
        highlight=False,
        markup=False,
        emoji=False,
        width=None if Console().is_terminal else 10_000,
    )
    console.print(table)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines()) + "\n"  # type: ignore[attr-defined]


def _base64(kind: DuckDBPyType, value: str) -> str | None:
    return f"base64({value})" if kind.id == "blob" else None


def _n_bytes(kind: DuckDBPyType, value: str) -> str | None:
    return f"'<' || octet_length({value}) || ' bytes>'" if kind.id == "blob" else None


def _escaped(text: str) -> str:
    """JSON whose control codes, which may stand as they are there, are written as escapes."""
    return re.sub("[\x7f-\x9f\u202a-\u202e\u2066-\u2069]", lambda control: f"\\u{ord(control[0]):04x}", text)


def _finite(text: str) -> str:
    """JSON with null for the numbers that it lacks and that DuckDB writes all the same."""
    return re.sub(r'"(?:[^"\\]|\\.)*"|-?(?:NaN|Infinity)', lambda m: m[0] if m[0][0] == '"' else "null", text)
