"""The SQL files run in an order in which each reads only what is there, and the page that draws it is up to date."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from bookscore.engine import sql_graph
from bookscore.engine.errors import BookscoreError
from bookscore.engine.sql_graph import Schema, Step, faults, tables_read
from bookscore.engine.sql_runner import SqlFile

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "architecture.md"
SCHEMA = sql_graph.schema()


def test_every_file_reads_only_what_is_there_before_it() -> None:
    found = faults(sql_graph.steps(SCHEMA), SCHEMA)
    assert not found, "\n".join(found)


def test_every_folder_of_sql_has_its_place_in_the_order() -> None:
    folders = {path.parent.name for path in (ROOT / "sql").glob("*/*.sql")} - {"schema"}
    assert folders <= set(sql_graph.FOLDERS)


def test_the_page_shows_the_sql_as_it_is() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert sql_graph.page(text) == text, f"run python -m bookscore.engine.sql_graph {PAGE.relative_to(ROOT)}"


def test_every_file_that_the_page_names_is_there() -> None:
    named = re.findall(
        r"`((?:engine|ingest|queries|sql|commands|tests|demo|benchmarks)/[^`]*)`", PAGE.read_text("utf-8")
    )
    assert named
    absent = [name for name in named if not (ROOT / name).exists()]
    assert not absent, f"{PAGE.name} names {', '.join(absent)}"


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        ("FROM a", {"a"}),
        ("SELECT x FROM a JOIN b USING (x), (SELECT * FROM c) WHERE x IN (FROM d) AND EXISTS (FROM e)", set("abcde")),
        ("SELECT sum(x) FILTER (x IN (FROM a)) OVER (ORDER BY (SELECT y FROM b)) FROM c QUALIFY (FROM d)", set("abcd")),
        ("SELECT * REPLACE ((SELECT 1 FROM a) AS x) FROM b ORDER BY (FROM c) LIMIT (SELECT count(*) FROM d)", set("abcd")),
        ("FROM a UNION ALL BY NAME SELECT * FROM b EXCEPT (VALUES ((SELECT 1 FROM c)))", set("abc")),
        ("WITH a AS (FROM b) FROM a JOIN c USING (x)", {"b", "c"}),
        ("WITH a AS (FROM b), c AS MATERIALIZED (FROM a) SELECT * FROM c WHERE x IN (SELECT x FROM A)", {"b"}),
        ("WITH c AS (FROM a), a AS (FROM b) FROM c, a", {"a", "b"}),
        ("WITH a AS (FROM a) FROM a", {"a"}),
        ("SELECT * FROM (WITH a AS (FROM b) FROM a) JOIN a USING (x)", {"a", "b"}),
        ("WITH a AS (FROM b) SELECT * FROM (WITH c AS (FROM a) FROM c)", {"b"}),
        ("WITH RECURSIVE a AS (SELECT x FROM b UNION ALL SELECT x + 1 FROM a JOIN c USING (x)) FROM a", {"b", "c"}),
        ("WITH a AS (FROM b) FROM main.a", {"a", "b"}),
        ("SELECT $x AS a, unnest(f($y)) FROM b, generate_series($n) WHERE c = $z", {"b"}),
        ("SELECT columns(x -> x IN (SELECT 1 FROM a)) FROM b ASOF JOIN c USING (x)", set("abc")),
        ("FROM (VALUES (1)) AS a(x)", set()),
    ],
)  # fmt: skip
def test_the_tables_of_a_statement(statement: str, tables: set[str]) -> None:
    assert tables_read(statement) == tables


def test_the_scope_of_with_names_is_duckdbs_own() -> None:
    """The statements of the test above whose names are hard to tell apart, run: each table has its own rows."""
    with duckdb.connect() as connection:
        for table in "abc":
            connection.execute(f"CREATE TABLE {table} AS SELECT '{table}' AS x")
        assert connection.execute("WITH a AS (FROM a) FROM a").fetchall() == [("a",)]
        assert connection.execute("WITH c AS (FROM a), a AS (FROM b) FROM c, a").fetchall() == [("a", "b")]
        assert connection.execute("WITH a AS (FROM b) FROM main.a").fetchall() == [("a",)]
        assert connection.execute(
            "WITH a AS (FROM b) SELECT * FROM (WITH c AS (FROM a) FROM c)"
        ).fetchall() == [("b",)]


@pytest.mark.parametrize("statement", ["DELETE FROM a", "SELECT FROM", "SELECT * FROM query_table('a')"])
def test_what_tells_no_tables_is_refused(statement: str) -> None:
    with pytest.raises(BookscoreError):
        tables_read(statement)


def step(name: str, *reads: str) -> Step:
    return Step(SqlFile(name, ""), frozenset(reads))


BASE = Schema({"book": ["book_id"], "kept": ["title_id"]}, {})


@pytest.mark.parametrize(
    ("steps", "fault"),
    [
        ([step("align/1_a", "b"), step("align/2_b", "a")], "align/1_a reads b, which is made later: align/2_b"),
        ([step("align/1_kept", "kept")], "align/1_kept reads kept, which is made later: align/1_kept"),
        ([step("align/1_a", "kept"), step("weave/1_kept", "book")], "align/1_a reads kept, which is made later: weave/1_kept"),
        ([step("align/1_kept", "gone")], "align/1_kept reads gone, which neither the schema nor an earlier file has"),
        ([step("align/1_a"), step("weave/1_kept", "a")], "weave/1_kept reads a, a temporary table of another run: align/1_a"),
        ([step("align/1_kept"), step("weave/9_kept")], "weave/9_kept makes kept again, as align/1_kept does"),
        ([step("weave/1_a", "book")], "weave/1_a makes the temporary table a, which nobody reads"),
    ],
)  # fmt: skip
def test_a_wrong_order_is_found(steps: list[Step], fault: str) -> None:
    assert fault in faults(steps, BASE)


def test_a_right_order_has_no_fault() -> None:
    steps = [
        step("align/1_a", "book"),
        step("align/2_kept", "a"),
        step("weave/1_b", "kept"),
        step("audits/1_c", "b"),
    ]
    assert faults(steps, BASE) == []


def test_views_and_macros_are_followed_to_their_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "schema": ["CREATE TABLE base (x INTEGER); CREATE TABLE kept (x INTEGER); CREATE TABLE most (x INTEGER); CREATE VIEW seen (y) AS SELECT x FROM base;"
                   "CREATE MACRO most() AS (SELECT max(x) FROM kept); CREATE MACRO rows_of(n) AS TABLE SELECT * FROM seen WHERE y = n"],
        "align": ["SELECT most() AS x FROM rows_of(1) JOIN most ON true"],
    }  # fmt: skip
    monkeypatch.setattr(
        sql_graph, "sql_files", lambda folder: [SqlFile(f"{folder}/1_a.sql", text) for text in files[folder]]
    )
    made = sql_graph.schema()
    assert made.tables == {"base": ["x"], "kept": ["x"], "most": ["x"]}
    (found,) = sql_graph.steps(made, ["align"])
    assert found.reads == {"base", "kept", "most"}


def test_the_picture_leaves_out_arrows_that_others_stand_for() -> None:
    steps = [
        step("align/1_a.sql", "book"),
        step("align/2_b.sql", "a", "book"),
        step("weave/1_kept.sql", "a", "b"),
    ]
    drawn = sql_graph.picture(steps, BASE)
    arrows = [line.strip() for line in drawn.splitlines() if "-->" in line]
    assert arrows == ["item_book --> align_1_a", "align_1_a --> align_2_b", "align_2_b --> weave_1_kept"]
    assert "| `weave/1_kept.sql` | a, b |" in drawn
    assert 'weave_1_kept[("kept")]' in drawn and 'align_2_b["b"]' in drawn


def test_the_picture_leads_an_iteration_back_to_its_beginning() -> None:
    files = [SqlFile("align/1_a.sql", ""), SqlFile("align/2_b.sql", "-- again: 3 times from 1_a\n")]
    drawn = sql_graph.picture([Step(file, frozenset()) for file in files], BASE)
    assert "align_2_b -. 3 times .-> align_1_a" in [line.strip() for line in drawn.splitlines()]


def test_a_page_without_the_markers_is_refused() -> None:
    with pytest.raises(BookscoreError, match="add both lines"):
        sql_graph.page("# A page")
