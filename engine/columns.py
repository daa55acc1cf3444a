"""Columns of any of DuckDB's types, rewritten in SQL for programs that know fewer types."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation
    from duckdb.sqltypes import DuckDBPyType

Change = Callable[["DuckDBPyType", str], str | None]
"""The SQL that replaces a value that is not nested, from its type and its SQL; None where it stays as it is."""

AS_TEXT = {"interval", "bit", "time with time zone", "uhugeint", "bignum", "union", "variant", "geometry"}
"""Types that polars or Parquet lacks, or stores in another form than DuckDB shows."""


def portable(rows: DuckDBPyRelation) -> DuckDBPyRelation:
    """The same columns, with text in place of the types that Arrow, polars and Parquet do not hold."""

    def change(kind: DuckDBPyType, value: str) -> str | None:
        if kind.id == "tuple":
            return f"to_json({value})::VARCHAR"
        return f"{value}::VARCHAR" if kind.id in AS_TEXT else None

    return each(rows, lambda kind, column: rewritten(kind, column, change))


def each(rows: DuckDBPyRelation, column: Callable[[DuckDBPyType, str], str]) -> DuckDBPyRelation:
    """Columns replaced by what is computed from each.

    Parameters
    ----------
    rows : duckdb.DuckDBPyRelation
    column : callable
        Gives the SQL of the new column from the type of the old one and its SQL.

    Returns
    -------
    duckdb.DuckDBPyRelation
        Columns in the same order; names that occur more than once are numbered: a, a_1.
    """
    names = _unique(rows.columns)
    old = [f"c{n}" for n in range(1, len(names) + 1)]
    new = [column(kind, name) for name, kind in zip(old, rows.types, strict=True)]
    if new == old and names == rows.columns:
        return rows
    # Positions, since a name that occurs twice cannot be asked for.
    numbered = rows.project(", ".join(f"#{n} AS c{n}" for n in range(1, len(names) + 1)))
    return numbered.project(
        ", ".join(f"{sql} AS {quoted(name)}" for sql, name in zip(new, names, strict=True))
    )


def rewritten(kind: DuckDBPyType, value: str, change: Change, depth: int = 0) -> str:
    """SQL of a value in which each value that is not nested is changed, inside lists, structs and maps too.

    Parameters
    ----------
    kind : duckdb.sqltypes.DuckDBPyType
    value : str
        Its SQL.
    change : callable
        See `Change`.
    depth : int
        Of lists around it, for the names of lambdas' parameters.

    Returns
    -------
    str
        `value` itself where nothing changes.
    """
    item = f"v{depth}"
    if kind.id in ("list", "array"):
        inner = rewritten(_children(kind)["child"], item, change, depth + 1)
        return value if inner == item else f"list_transform({value}, lambda {item}: {inner})"
    if kind.id == "struct":
        old = {name: f"struct_extract({value}, {literal(name)})" for name in _children(kind)}
        new = {name: rewritten(child, old[name], change, depth) for name, child in _children(kind).items()}
        if new == old:
            return value
        packed = ", ".join(f"{quoted(name)} := {inner}" for name, inner in new.items())
        return f"CASE WHEN {value} IS NOT NULL THEN struct_pack({packed}) END"
    if kind.id == "map":
        parts = {name: f"{item}.{name}" for name in _children(kind)}  # key and value
        new = {
            name: rewritten(child, parts[name], change, depth + 1) for name, child in _children(kind).items()
        }
        if new == parts:
            return value
        entry = f"struct_pack(key := {new['key']}, value := {new['value']})"
        return f"map_from_entries(list_transform(map_entries({value}), lambda {item}: {entry}))"
    return change(kind, value) or value


def quoted(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def _children(kind: DuckDBPyType) -> dict[str, DuckDBPyType]:
    """The types inside a list or array (child), a struct (by field) or a map (key, value)."""
    return cast("dict[str, DuckDBPyType]", dict(kind.children))


def _unique(names: list[str]) -> list[str]:
    """Names with a number after those that occurred before, in whichever case."""
    taken = {name.lower() for name in names}
    found: list[str] = []
    for name in names:
        new, n = name, 0
        while new.lower() in {other.lower() for other in found} or (n and new.lower() in taken):
            n += 1
            new = f"{name}_{n}"
        found.append(new)
    return found
