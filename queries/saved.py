"""The saved queries: every ``queries/*.sql`` file, one SELECT that changes nothing.

A file's head says in comments what the query tells, which parameters it takes and what each column means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files

import duckdb

from engine.errors import BookscoreError
from engine.warehouse import fetch


@dataclass(frozen=True)
class SavedQuery:
    """A saved query.

    Attributes
    ----------
    sql : str
        One SELECT, its head of comments included.
    what : str
        What it tells, in a sentence or two.
    parameters : dict[str, str]
        What each parameter means, by its name without the dollar sign.
    columns : dict[str, str]
        What each column means, in the order of the result.
    """

    sql: str
    what: str
    parameters: dict[str, str]
    columns: dict[str, str]


def names() -> list[str]:
    """Names of the saved queries, in alphabetical order."""
    return sorted(f.name.removesuffix(".sql") for f in files("queries").iterdir() if f.name.endswith(".sql"))


def read(name: str) -> SavedQuery:
    """The saved query of that name.

    Raises
    ------
    BookscoreError
        There is none; lists the names there are.
    """
    if name not in names():
        raise BookscoreError(f"there is no saved query {name!r}: choose one of {', '.join(names())}")
    sql = files("queries").joinpath(f"{name}.sql").read_text(encoding="utf-8")
    head = [line.removeprefix("--").strip() for line in sql.splitlines() if line.startswith("--")]
    what, *described = "\n".join(head).split("\n\n")
    terms = [line for block in described for line in block.splitlines()]
    parameters = dict(re.findall(r"^\$(\w+): (.+)$", "\n".join(terms), re.MULTILINE))
    columns = dict(line.split(maxsplit=1) for line in terms if not line.startswith("$"))
    return SavedQuery(sql, what.replace("\n", " "), parameters, columns)


def run(connection: duckdb.DuckDBPyConnection, name: str, **parameters: str) -> list[dict[str, object]]:
    """Rows of the saved query `name`, each a dict by column."""
    return fetch(connection, read(name).sql, parameters).to_dicts()


def only_title(connection: duckdb.DuckDBPyConnection) -> str:
    """Name of the only title.

    Raises
    ------
    BookscoreError
        There is none, or more than one (lists them).
    """
    names = [name for (name,) in connection.execute("SELECT name FROM title ORDER BY name").fetchall()]
    if len(names) != 1:
        raise BookscoreError(f"--title is needed: the warehouse has {', '.join(names) or 'no titles yet'}")
    return str(names[0])


def one_book(connection: duckdb.DuckDBPyConnection, title: str | None, book: str | None) -> str:
    """Id of the book that `title` was woven for, whose title or id is `book`, or that is the only one.

    Raises
    ------
    BookscoreError
        There is none, or more than one (lists them).
    """
    found = connection.execute(
        "SELECT book_id, book.title FROM book WHERE ($book IS NULL OR $book IN (book_id, book.title)) "
        "AND ($title IS NULL OR book_id IN (SELECT book_id FROM title WHERE name = $title)) ORDER BY ALL",
        {"title": title, "book": book},
    ).fetchall()
    if len(found) != 1:
        known = found or connection.execute("SELECT book_id, title FROM book ORDER BY ALL").fetchall()
        names = ", ".join(f"{name} ({book_id})" for book_id, name in known)
        raise BookscoreError(f"--book is needed: the warehouse has {names or 'no books yet'}")
    return str(found[0][0])
