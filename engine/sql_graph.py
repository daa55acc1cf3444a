"""Which tables each SQL file reads, by DuckDB's own parser, and the picture of it in ``docs/architecture.md``.

To draw the picture again: ``python -m bookscore.engine.sql_graph docs/architecture.md``.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from bookscore.engine.errors import BookscoreError
from bookscore.engine.sql_runner import SqlFile, sql_files

RUNS = (("heard",), ("align",), ("weave", "audits"))
"""The folders of ``sql`` in the order in which they run. Those of one run share their temporary tables; what
one run leaves for the next must be a table of the schema, because a run that is done before is skipped."""

FOLDERS = tuple(folder for run in RUNS for folder in run)
AUDITS = "audits"  # its files make no table
BEGIN, END = "<!-- sql: drawn by code -->", "<!-- sql: end -->"


@dataclass(frozen=True)
class Step:
    """A file of SQL and the tables it reads, views and macros followed to the tables below them."""

    file: SqlFile
    reads: frozenset[str]

    @property
    def folder(self) -> str:
        return self.file.name.split("/")[0]

    @property
    def makes(self) -> str | None:
        return None if self.folder == AUDITS else self.file.table


@dataclass(frozen=True)
class Schema:
    """What ``sql/schema`` makes: the columns of each table, and the statement behind each ``view`` and ``macro()``."""

    tables: Mapping[str, list[str]]
    defined: Mapping[str, str]


def tables_read(statement: str) -> set[str]:
    """Names of the tables and views that a SELECT reads, the names of its own WITH clauses left out.

    Parameters such as ``$title_id`` need no value.

    Raises
    ------
    BookscoreError
        It is no SELECT that DuckDB can show the parts of, or it names tables in a string (``query_table``).
    """
    return set(_names(statement)[0])


def schema() -> Schema:
    """The schema as all migrations leave it."""
    with duckdb.connect() as connection:
        for file in sql_files("schema"):
            connection.execute(file.text)
        tables = connection.execute(
            "SELECT table_name, list(column_name ORDER BY column_index) FROM duckdb_columns() "
            "SEMI JOIN duckdb_tables() USING (table_oid) GROUP BY ALL"
        ).fetchall()
        views = connection.execute(
            "SELECT view_name, regexp_replace(sql, '^CREATE VIEW .*? AS ', '', 's') FROM duckdb_views() WHERE NOT internal"
        ).fetchall()
        macros = connection.execute(
            "SELECT function_name || '()', if(function_type = 'macro', 'SELECT ', '') || macro_definition "
            "FROM duckdb_functions() WHERE function_type IN ('macro', 'table_macro') AND NOT internal"
        ).fetchall()
    return Schema(dict(tables), dict([*views, *macros]))


def steps(made: Schema, folders: Sequence[str] = FOLDERS) -> list[Step]:
    """The files of `folders` in the order in which they run, each with the tables it reads.

    Parameters
    ----------
    made : Schema
    folders : sequence of str
        Folders of ``sql``.
    """
    return [Step(file, _base_tables(file, made)) for folder in folders for file in sql_files(folder)]


def _base_tables(file: SqlFile, made: Schema) -> frozenset[str]:
    read, seen = set[str](), set[str]()
    waiting = [file.text]
    while waiting:
        try:
            tables, functions = _names(waiting.pop())
        except BookscoreError as error:
            raise BookscoreError(f"{file.name}: {error}") from error
        defined = (tables | {f"{name}()" for name in functions}) & made.defined.keys()
        read |= tables - defined
        waiting += [made.defined[name] for name in sorted(defined - seen)]
        seen |= defined
    return frozenset(read)


@cache
def _names(statement: str) -> tuple[frozenset[str], frozenset[str]]:
    """Tables read and functions called by a SELECT."""
    with duckdb.connect() as connection:
        row = connection.execute("SELECT json_serialize_sql(?)", [statement]).fetchone()
    parsed = json.loads(row[0]) if row else {}
    if parsed.get("error", True):
        raise BookscoreError(f"is no SELECT that DuckDB's parser shows: {parsed.get('error_message')}")
    tables, functions = set[str](), set[str]()
    for node, own in _nodes(parsed["statements"], frozenset()):
        if node.get("type") == "BASE_TABLE":
            qualified = node["schema_name"] or node["catalog_name"]
            name = node["table_name"].lower()
            if qualified or name not in own:
                tables.add(name)
        elif "function_name" in node:
            functions.add(node["function_name"].lower())
    if hidden := functions & {"query", "query_table"}:
        raise BookscoreError(f"names tables in a string: write them out instead of {min(hidden)}()")
    return frozenset(tables), frozenset(functions)


def _nodes(tree: Any, own: frozenset[str]) -> Iterator[tuple[dict[str, Any], frozenset[str]]]:
    """All objects of a parsed statement, each with the WITH names that are in scope there.

    A WITH name holds for the clauses after it and for the rest of its SELECT; inside itself only where it is
    recursive: ``WITH t AS (FROM t)`` reads the table t.
    """
    if isinstance(tree, list):
        for part in tree:
            yield from _nodes(part, own)
    elif isinstance(tree, dict):
        yield tree, own
        for clause in tree.get("cte_map", {}).get("map", ()):
            name, query = clause["key"].lower(), clause["value"]["query_node"]
            recursive = {name} if query["type"] == "RECURSIVE_CTE_NODE" else set()
            yield from _nodes(clause["value"], own | recursive)
            own |= {name}
        for key, part in tree.items():
            if key != "cte_map":
                yield from _nodes(part, own)


def faults(done: Sequence[Step], made: Schema) -> list[str]:
    """What is wrong with the order of the SQL files, a line each; empty where all is well.

    Parameters
    ----------
    done : sequence of Step
        The files in the order in which they run.
    made : Schema

    Returns
    -------
    list of str
        Each names the file and the table: read before it is made, read though an earlier run made it as a
        temporary table, unknown, made twice, or temporary and read by nobody.
    """
    run_of = {folder: number for number, run in enumerate(RUNS) for folder in run}
    makers: dict[str, int] = {}
    found = []
    for place, step in enumerate(done):
        if step.makes and makers.setdefault(step.makes, place) != place and not step.file.again:
            found.append(
                f"{step.file.name} makes {step.makes} again, as {done[makers[step.makes]].file.name} does"
            )
    for place, step in enumerate(done):
        for table in sorted(step.reads):
            maker = makers.get(table)
            if maker is None:
                if table not in made.tables:
                    found.append(
                        f"{step.file.name} reads {table}, which neither the schema nor an earlier file has"
                    )
            elif maker >= place:
                found.append(f"{step.file.name} reads {table}, which is made later: {done[maker].file.name}")
            elif table not in made.tables and run_of[done[maker].folder] != run_of[step.folder]:
                found.append(
                    f"{step.file.name} reads {table}, a temporary table of another run: {done[maker].file.name}"
                )
    read = {table for step in done for table in step.reads}
    found += [
        f"{done[place].file.name} makes the temporary table {table}, which nobody reads"
        for table, place in makers.items()
        if table not in made.tables and table not in read
    ]
    return found


def picture(done: Sequence[Step], made: Schema) -> str:
    """The files as a Mermaid flowchart, and below it the tables each reads.

    Parameters
    ----------
    done : sequence of Step
        The files in the order in which they run.
    made : Schema

    Returns
    -------
    str
        Markdown. In the flowchart an arrow goes from a table to what reads it, but not where other arrows already
        lead from the one to the other; a dotted one goes from the end of an iteration to its beginning. Tables that
        no file makes are one node for each item they belong to.
    """
    # The first maker counts of a table that is made again.
    maker = {step.makes: _node(step.file.name) for step in reversed(done) if step.makes}
    sources: dict[str, set[str]] = {}
    before: dict[str, set[str]] = {}
    for step in done:
        arrows = before[_node(step.file.name)] = set()
        for table in step.reads:
            if table not in maker:
                columns = made.tables.get(table, [])
                owners = [c.removesuffix("_id") for c in columns if c.endswith("_id") and c != "model_id"]
                sources.setdefault(" and ".join(owners) or table, set()).add(table)
                arrows.add("item_" + "_".join(owners or [table]))
            else:
                arrows.add(maker[table])
    lines = ["```mermaid", "flowchart TD"]
    lines += [
        f'    item_{owner.replace(" and ", "_")}("<b>{owner}</b><br/>{"<br/>".join(sorted(tables))}")'
        for owner, tables in sorted(sources.items())
    ]
    for folder in dict.fromkeys(step.folder for step in done):
        lines.append(f"    subgraph {folder}")
        for step in done:
            if step.folder == folder:
                shape = '[("{}")]' if step.makes in made.tables else '["{}"]'
                lines.append(f"        {_node(step.file.name)}{shape.format(step.file.table)}")
        lines.append("    end")
    above = {node: _above(node, before) for node in before}
    lines += [
        f"    {tail} --> {head}"
        for head, tails in before.items()
        for tail in sorted(tails)
        if not any(tail in above.get(other, ()) for other in tails)
    ]
    lines += [
        f"    {_node(step.file.name)} -. {step.file.again[0]} times .-> {_node(step.file.again[1])}"
        for step in done
        if step.file.again
    ]
    lines += ["```", "", "| file of `sql/` | tables it reads |", "|---|---|"]
    lines += [f"| `{step.file.name}` | {', '.join(sorted(step.reads)) or 'none'} |" for step in done]
    return "\n".join(lines)


def _node(file_name: str) -> str:
    return re.sub(r"\W", "_", file_name.removesuffix(".sql"))


def _above(node: str, before: Mapping[str, set[str]]) -> set[str]:
    """All nodes from which arrows lead to `node`."""
    tails = before.get(node, set())
    return tails.union(*(_above(tail, before) for tail in tails))


def page(text: str) -> str:
    """A page whose part between the markers is drawn anew.

    Raises
    ------
    BookscoreError
        The page has no such part, or the SQL files are not in an order in which they can run.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise BookscoreError(f"the page has no part between {BEGIN} and {END}: add both lines")
    made = schema()
    done = steps(made)
    if wrong := faults(done, made):
        raise BookscoreError("; ".join(wrong))
    return f"{before}{BEGIN}\n{picture(done, made)}\n{END}{after}"


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(page(target.read_text(encoding="utf-8")), encoding="utf-8")
