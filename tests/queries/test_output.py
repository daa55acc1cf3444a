"""Every type of DuckDB in every format of output."""

from __future__ import annotations

import base64
import csv
import json
import math
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookscore.commands import main as program
from bookscore.engine.errors import BookscoreError
from bookscore.engine.warehouse import Warehouse, fetch
from bookscore.queries import output

# SQL of a value, as it is in JSON, and where it differs as text in CSV.
VALUES: dict[str, tuple[Any, ...]] = {
    "INTERVAL 1 DAY": ("1 day",),
    "[INTERVAL 1 DAY, NULL]": (["1 day", None],),
    "{'a': INTERVAL 1 HOUR, 'b': [1, 2]}": ({"a": "01:00:00", "b": [1, 2]},),
    "MAP {'x': INTERVAL 2 MONTH}": ({"x": "2 months"},),
    "MAP {INTERVAL 2 MONTH: [INTERVAL 1 DAY]}": ({"2 months": ["1 day"]},),
    "NULL::STRUCT(a INTERVAL)": (None,),
    "[{'a': INTERVAL 1 DAY}, NULL]": ([{"a": "1 day"}, None],),
    "'\\xAA\\x00b'::BLOB": (base64.b64encode(b"\xaa\x00b").decode(),),
    "''::BLOB": ("",),
    "['\\xAA'::BLOB]": (["qg=="],),
    "[[{'it''s \"b\"': MAP {'k': '\\xAA'::BLOB}}]]": ([[{'it\'s "b"': {"k": "qg=="}}]],),
    "[['a'::BLOB, 'b'::BLOB]]::BLOB[2][]": ([["YQ==", "Yg=="]],),
    "170141183460469231731687303715884105727::HUGEINT": (2**127 - 1,),
    "(-170141183460469231731687303715884105727)::HUGEINT": (1 - 2**127,),
    "sum(1)": (1,),
    "340282366920938463463374607431768211455::UHUGEINT": (2**128 - 1,),
    "12345678901234567890123456789012345678901234567890::BIGNUM": (int("1234567890" * 5),),
    "'0b8c1a3e-1111-2222-3333-444455556666'::UUID": ("0b8c1a3e-1111-2222-3333-444455556666",),
    "'10101'::BIT": ("10101",),
    "['1'::BIT]": (["1"],),
    "TIME '01:02:03.5'": ("01:02:03.5",),
    "'01:02:03+02'::TIMETZ": ("01:02:03+02",),
    "'01:02:03.123456789'::TIME_NS": ("01:02:03.123456789",),
    "TIMESTAMPTZ '2024-01-01 00:00:00+02'": ("2023-12-31 22:00:00+00",),
    "'2024-01-01 00:00:00.123456789'::TIMESTAMP_NS": ("2024-01-01 00:00:00.123456789",),
    "'2024-01-01'::TIMESTAMP_S": ("2024-01-01 00:00:00",),
    "DATE '2024-02-29'": ("2024-02-29",),
    "DATE '290000-01-01'": ("290000-01-01",),
    "'infinity'::DATE": ("infinity",),
    "'-infinity'::TIMESTAMP": ("-infinity",),
    "'4714-11-24 (BC)'::DATE": ("4714-11-24 (BC)",),
    "'a'::ENUM('a', 'b')": ("a",),
    "['b'::ENUM('a', 'b')]": (["b"],),
    "MAP {1: 'a'}": ({"1": "a"},),
    "union_value(k := 1)": ({"k": 1},),
    "[union_value(k := INTERVAL 1 DAY)]": ([{"k": "1 day"}],),
    "row(1, INTERVAL 1 DAY)": None,
    "'nan'::DOUBLE": (None, "nan"),
    "'-inf'::FLOAT": (None, "-inf"),
    "{'NaN': ['nan'::DOUBLE, 1.5, '-inf'::FLOAT], 's': 'NaN \"-Infinity'}": (
        {"NaN": [None, 1.5, None], "s": 'NaN "-Infinity'},
    ),
    "1.2300::DECIMAL(38,10)": (1.23, "1.2300000000"),
    "0.1": (0.1, "0.1"),
    "[1, 2, 3]::INTEGER[3]": ([1, 2, 3],),
    '\'{"a": [1, null]}\'::JSON': ({"a": [1, None]}, '{"a": [1, null]}'),
    "NULL": (None,),
    "[NULL]": ([None],),
    "true": (True, "true"),
    "''": ("",),
    "'a,\"b\"' || chr(10) || 'c'": ('a,"b"\nc',),
    "7::VARIANT": (7,),
    "'POINT (1 2)'::GEOMETRY": ("POINT (1 2)",),
}  # fmt: skip


@pytest.fixture
def connection() -> Any:
    with duckdb.connect() as opened:
        opened.execute("SET TimeZone = 'UTC'")
        yield opened


def strict(text: str) -> Any:
    """JSON without what JSON lacks."""
    return json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


@pytest.mark.parametrize("value", VALUES)
def test_every_type_comes_out_in_every_format(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, value: str
) -> None:
    statement = f"SELECT 1 AS n, {value} AS x UNION ALL SELECT 2, NULL"
    rows = connection.sql(statement)
    in_json = strict(output.render(rows, "json"))
    in_csv = list(csv.reader(StringIO(output.render(rows, "csv"))))
    if VALUES[value] is not None:
        expected, *as_text = VALUES[value]
        assert [row["x"] for row in in_json] == [expected, None]
        text = as_text[0] if as_text else expected
        if isinstance(text, list | dict):
            assert strict(in_csv[1][1]) == text
        else:
            assert in_csv[1][1] == ("" if text is None else str(text))
    assert in_csv[0] == ["n", "x"] and in_csv[2] == ["2", ""]
    table = output.render(rows, "table").splitlines()
    assert table[0].split() == ["n", "x"] and len(table) >= 3
    path = tmp_path / "x.parquet"
    output.write(rows, "parquet", path)
    stored = connection.execute(f"SELECT x::VARCHAR FROM '{path}' ORDER BY n").fetchall()
    (plain,) = connection.execute(f"SELECT ({value})::VARCHAR").fetchall()
    assert VALUES[value] is None or stored == [plain, (None,)]


def test_blobs_and_numbers_in_tables_are_short(connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.sql("SELECT 'abc'::BLOB AS b, ['a'::BLOB] AS bs, 1 / 3 AS x, NULL AS nothing")
    assert (
        output.render(rows, "table")
        == "b          bs                x  nothing\n<3 bytes>  [<1 bytes>]  0.3333\n"
    )


def test_names_that_occur_twice_are_numbered(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    rows = connection.sql('SELECT 1 AS a, 2 AS a, 3 AS a_1, 4 AS "A", 5 AS "it\'s ""q"""')
    names = ["a", "a_2", "a_1", "A_3", 'it\'s "q"']
    assert strict(output.render(rows, "json")) == [dict(zip(names, range(1, 6), strict=True))]
    output.write(rows, "parquet", tmp_path / "x.parquet")
    assert pl.read_parquet(tmp_path / "x.parquet").rows(named=True) == strict(output.render(rows, "json"))


def test_a_statement_without_rows(connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.sql("SELECT 1 AS a, 'x' AS b WHERE false")
    assert output.render(rows, "json") == "[]\n"
    assert output.render(rows, "csv") == "a,b\n"
    assert output.render(rows, "table") == "a  b\n"
    assert output.render(None, "json") == ""


@pytest.mark.parametrize("form", output.FORMATS)
def test_a_statement_without_a_result_writes_no_file(tmp_path: Path, form: str) -> None:
    with pytest.raises(BookscoreError, match="has no result"):
        output.write(None, form, tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_frames_are_rendered_alike(connection: duckdb.DuckDBPyConnection) -> None:
    frame = pl.DataFrame({"a": [1, None], "b": [math.nan, 0.5], "c": [["x"], []]})
    assert strict(output.render(frame, "json")) == [
        {"a": 1, "b": None, "c": ["x"]},
        {"a": None, "b": 0.5, "c": []},
    ]


ATOMS = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
    st.booleans(),
    st.binary(max_size=8),
    st.timedeltas(),
)


def in_json(value: Any, as_sql: str) -> Any:
    """How a value is told in JSON; INTERVAL in DuckDB's words."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return as_sql if hasattr(value, "days") else value


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(ATOMS, min_size=1, max_size=4),
    name=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=5),
)
def test_any_value_at_any_depth_comes_out_as_it_is(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, values: list[Any], name: str
) -> None:
    for value in values:
        quoted = '"' + name.replace('"', '""') + '"'
        rows = connection.sql(
            f"SELECT $v AS {quoted}, [$v] AS l, struct_pack({quoted} := [$v], beside := NULL) AS s, MAP {{$v::VARCHAR: $v}} AS m"
            if value is not None
            else f"SELECT NULL AS {quoted}, [NULL] AS l, struct_pack({quoted} := [NULL], beside := NULL) AS s, NULL AS m",
            params=None if value is None else {"v": value},
        )
        ((text,),) = connection.execute("SELECT $v::VARCHAR", {"v": value}).fetchall()
        told = in_json(value, text)
        (row,) = strict(output.render(rows, "json"))
        _, in_list, in_struct, in_map = row.values()
        assert row[name] == told and in_list == [told]
        assert in_struct == {name: [told], "beside": None}
        assert in_map == (None if value is None else {text: told})
        header, cells = csv.reader(StringIO(output.render(rows, "csv"), newline=""))
        assert header[0] == name and strict(cells[1]) == [told] and strict(cells[2]) == in_struct
        assert output.render(rows, "table")
        output.write(rows, "parquet", tmp_path / "any.parquet")
        stored = pl.read_parquet(tmp_path / "any.parquet")
        assert stored.columns[0] == name and len(stored) == 1
        assert len(fetch(connection, "SELECT [$v] AS x", {"v": value})) == 1


def asked(warehouse: Path, *arguments: object) -> Any:
    return CliRunner().invoke(
        program.main,
        ["--warehouse", str(warehouse), "query", "SELECT 1 AS a, [2] AS b", *map(str, arguments)],
    )


@pytest.mark.parametrize(
    ("name", "options", "starts"),
    [
        ("x.csv", [], b"a,b\n1,[2]\n"),
        ("x.CSV", [], b"a,b\n1,[2]\n"),
        ("x.json", [], b'[{"a":1,"b":[2]}]\n'),
        ("x.parquet", [], b"PAR1"),
        ("x.txt", [], b"a  b\n1  [2]\n"),
        ("x", ["--format", "csv"], b"a,b\n1,[2]\n"),
        ("x.csv", ["--format", "json"], b'[{"a":1,"b":[2]}]\n'),
        ("x.parquet", ["--format", "table"], b"a  b\n1  [2]\n"),
    ],
)
def test_the_format_follows_the_suffix_unless_it_is_given(
    tmp_path: Path, name: str, options: list[str], starts: bytes
) -> None:
    with Warehouse(tmp_path / "w"):
        pass
    done = asked(tmp_path / "w", "-o", tmp_path / name, *options)
    assert done.exit_code == 0, done.output
    assert (tmp_path / name).read_bytes().startswith(starts)


def test_a_fault_in_the_statement_is_told_in_one_message(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "w"):
        pass
    done = CliRunner().invoke(
        program.main, ["--warehouse", str(tmp_path / "w"), "query", "SELECT 'a'::INTEGER"]
    )
    assert done.exit_code == 1 and done.stderr.startswith("bookscore: query: Conversion Error")
