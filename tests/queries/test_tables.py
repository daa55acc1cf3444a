"""Parquet of every table, and the data dictionary."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
import woven_fixture as woven_title

from bookscore.engine.errors import BookscoreError
from bookscore.queries import dictionary, tables

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def warehouse(tmp_path: Path):
    return woven_title.make(tmp_path)


def _rows(folder: Path, table: str) -> list[dict]:
    return pl.read_parquet(folder / f"{table}.parquet").to_dicts()


def test_every_table_is_written_with_its_columns(warehouse, tmp_path):
    tables.write(warehouse, woven_title.NAME, tmp_path / "out")
    described = {t.name: [c.name for c in t.columns] for t in dictionary.tables()}
    files = {p.stem: pl.read_parquet_schema(p).names() for p in (tmp_path / "out").glob("*.parquet")}
    assert files == described
    there = {
        name
        for (name,) in warehouse.execute(
            "SELECT table_name FROM duckdb_tables() WHERE NOT temporary"
        ).fetchall()
    }
    assert there == set(described)
    assert [(r["chapter_no"], r["segment_no"]) for r in _rows(tmp_path / "out", "soundtrack")] == list(
        woven_title.WOVEN
    )
    assert json.loads(_rows(tmp_path / "out", "soundtrack")[0]["evidence"])["emotion"] == "positive"
    assert len(_rows(tmp_path / "out", "paragraph")) == 40
    assert "## soundtrack" in (tmp_path / "out" / tables.DICTIONARY).read_text(encoding="utf-8")


def test_rows_of_other_titles_stay_behind(warehouse, tmp_path):
    ours, theirs = '{"book": "/books/lamp.epub"}', '{"book": "/books/other.epub"}'
    warehouse.execute(
        f"""
        INSERT INTO title VALUES ('t2', 'Other', 'b2', 'f2', 'a', 'embedded');
        INSERT INTO title_film VALUES ('t', 2, 'g', 'album', 0.1), ('t2', 1, 'f2', 'album', 0.1);
        INSERT INTO chapter VALUES ('b2', 1, 'Theirs', 9);
        INSERT INTO scene VALUES ('g', 1, 1, 1, 0, 9), ('f2', 1, 1, 1, 0, 9);
        INSERT INTO heard (film_id, album_id, recogniser, min_score, start_s, end_s, track_no, offset_s, score)
            VALUES ('f2', 'a', 'album', 0.1, 0, 9, 1, 0, 1), ('f', 'a2', 'album', 0.1, 0, 9, 1, 0, 1);
        INSERT INTO moment (title_id, chapter_no, segment_no, film_s, method, score, book_text)
            VALUES ('t2', 1, 1, 0, 'image', 1, 'theirs');
        INSERT INTO item VALUES ('b', 'book', '{ours}'), ('b2', 'book', '{theirs}');
        INSERT INTO source_file VALUES ('/books/lamp.epub', 1, 1, 'x'), ('/books/other.epub', 1, 1, 'y');
        INSERT INTO job VALUES ('book', 'b2', 0, 'book.emotion', 'x', 'y', 'far@1', 'done', '2026-01-01', '2026-01-01', 1, NULL),
            ('book', 'b', 0, 'book.emotion', 'x', 'y', 'near@1', 'done', '2026-01-01', '2026-01-01', 1, NULL);
        INSERT INTO model VALUES ('near@1', 'emotion', 'embedded', NULL), ('far@1', 'emotion', 'full', NULL);
        """
    )
    out = tmp_path / "out"
    tables.write(warehouse, woven_title.NAME, out)
    assert [r["title"] for r in _rows(out, "chapter")] == ["The Keeper", "Low Water"]
    assert {r["film_id"] for r in _rows(out, "scene")} == {"f", "g"}
    assert [(r["film_id"], r["album_id"]) for r in _rows(out, "heard")] == [("f", "a")]
    assert "theirs" not in [r["book_text"] for r in _rows(out, "moment")]
    assert [r["title_id"] for r in _rows(out, "title")] == ["t"]
    assert [r["item_id"] for r in _rows(out, "item")] == ["b"]
    assert [r["path"] for r in _rows(out, "source_file")] == ["/books/lamp.epub"]
    assert [r["model_id"] for r in _rows(out, "model")] == ["near@1"]
    assert {r["item_id"] for r in _rows(out, "job")} == {"b"}


def test_a_read_only_connection_is_enough(warehouse, tmp_path):
    warehouse.execute("BEGIN TRANSACTION READ ONLY")
    tables.write(warehouse, woven_title.NAME, tmp_path / "out")
    assert len(_rows(tmp_path / "out", "track")) == 2


def test_the_same_rows_make_the_same_bytes_whatever_their_order(warehouse, tmp_path):
    tables.write(warehouse, woven_title.NAME, tmp_path / "a")
    warehouse.execute("CREATE TEMP TABLE p AS FROM paragraph; DELETE FROM paragraph")
    warehouse.execute("INSERT INTO paragraph FROM p ORDER BY hash(text)")
    tables.write(warehouse, woven_title.NAME, tmp_path / "b")
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name


def test_an_older_export_is_replaced_and_nothing_else(warehouse, tmp_path):
    tables.write(warehouse, woven_title.NAME, tmp_path / "out")
    (tmp_path / "out" / "gone.parquet").write_text("of an older program")
    tables.write(warehouse, woven_title.NAME, tmp_path / "out")
    assert not (tmp_path / "out" / "gone.parquet").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.doc").write_text("mine")
    with pytest.raises(BookscoreError, match="mine was not made by this export"):
        tables.write(warehouse, woven_title.NAME, tmp_path / "mine")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["album", "mine", "out"]


def test_an_unknown_title_or_place_is_one_clear_line(warehouse, tmp_path):
    with pytest.raises(BookscoreError, match=f"'Lamp'.*{woven_title.NAME}"):
        tables.write(warehouse, "Lamp", tmp_path / "out")
    (tmp_path / "file").write_text("")
    with pytest.raises(BookscoreError, match="out: cannot be written"):
        tables.write(warehouse, woven_title.NAME, tmp_path / "file" / "out")
    assert not (tmp_path / "out").exists()


# --- The dictionary ---


def test_every_table_and_column_is_described():
    described = dictionary.tables()
    assert [t.name for t in described if not t.what] == [], (
        "say it in sql/schema or in queries/dictionary.toml"
    )
    assert [f"{t.name}.{c.name}" for t in described for c in t.columns if not c.what] == [], "likewise"


def test_the_dictionary_describes_nothing_that_is_not_there():
    described = dictionary.tables()
    known = {t.name for t in described} | {c.name for t in described for c in t.columns}
    known |= {f"{t.name}.{c.name}" for t in described for c in t.columns}
    said = dictionary.complement()
    assert {*said["tables"], *said["columns"]} <= known


def test_comments_are_read_from_the_schema():
    by_name = {t.name: t for t in dictionary.tables()}
    assert by_name["heard"].what == "Runs of the film in which a track of the album is heard."
    columns = {c.name: c for c in by_name["energy"].columns}
    assert columns["lufs"].what == "K-weighted; -120 for silence", "a renamed column has its new comment"
    assert columns["brightness_hz"].what == "spectral centroid", "an added column, too"
    assert (columns["time_s"].kind, columns["time_s"].may_be_null) == ("DOUBLE", False)


@pytest.mark.parametrize("name, page", dictionary.pages().items(), ids=dictionary.pages())
def test_the_documentation_of_the_sql_is_up_to_date(name, page):
    assert (DOCS / name).read_text(encoding="utf-8") == page, (
        "run: python -m bookscore.queries.dictionary docs"
    )
