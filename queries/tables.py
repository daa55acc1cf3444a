"""A title's rows of every table as Parquet files, with a data dictionary."""

from __future__ import annotations

from pathlib import Path

import duckdb

from bookscore.engine.errors import BookscoreError
from bookscore.queries import atomic, dictionary, woven

DICTIONARY = "dictionary.md"
_PARTS = """\
SELECT unnest([title_id, book_id, film_id, album_id]) AS id FROM title WHERE name = $name
UNION SELECT f.film_id FROM title_film AS f JOIN title USING (title_id) WHERE name = $name"""
# Which rows of a table are the title's; the first key that the table has tells.
_KEYS = {
    "title_id": "title_id IN (SELECT id FROM part)",
    "book_id": "book_id IN (SELECT id FROM part)",
    "film_id": "film_id IN (SELECT id FROM part)",
    "album_id": "album_id IN (SELECT id FROM part)",
    "item_id": "item_id IN (SELECT id FROM part)",
    "model_id": "model_id IN (SELECT model_id FROM job WHERE item_id IN (SELECT id FROM part))",
    "sha256": """path IN (
        SELECT unnest(json_extract_string(files, '$.*')) FROM item WHERE item_id IN (SELECT id FROM part))""",
}


def write(connection: duckdb.DuckDBPyConnection, name: str, out_dir: Path) -> None:
    """Write every table of the warehouse: the rows of one title, and of its book, films and album. See `TitleWriter`.

    Raises
    ------
    BookscoreError
        Also where `out_dir` holds something other than an older export of tables.
    """
    woven.check_known(connection, name)
    with atomic.replacing_folder(out_dir, DICTIONARY) as part:
        for table in dictionary.tables():
            target = str(part / f"{table.name}.parquet").replace("'", "''")
            try:
                connection.execute(f"COPY ({_select(table)}) TO '{target}' (FORMAT parquet)", {"name": name})
            except duckdb.IOException as error:
                raise BookscoreError(
                    f"{out_dir}: cannot be written ({error}): choose another place"
                ) from error
        atomic.write_text(part / DICTIONARY, dictionary.markdown(f"Tables of {name}"))


def _select(table: dictionary.Table) -> str:
    """The title's rows in an order of their own: the same rows, the same file."""
    names = [column.name for column in table.columns]
    keys = [condition for key, condition in _KEYS.items() if key in names]
    if {"film_id", "album_id"} <= {*names} and "title_id" not in names:
        keys = [_KEYS["film_id"] + " AND " + _KEYS["album_id"]]
    order = [c.name for c in table.columns if c.kind != "BLOB" and "[" not in c.kind]
    # Parquet's own type for JSON is bytes to most who read it.
    texts = [f"{column.name}::VARCHAR AS {column.name}" for column in table.columns if column.kind == "JSON"]
    what = f"* REPLACE ({', '.join(texts)})" if texts else "*"
    rows = f"SELECT {what} FROM {table.name} WHERE {keys[0]} ORDER BY {', '.join(order)}"
    return f"WITH part AS ({_PARTS}) {rows}"
