"""The saved queries: every ``queries/*.sql`` file, one SELECT that changes nothing.

A file's head says in comments what the query tells, which parameters it takes and what each column means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files

import duckdb

from bookscore.engine.errors import BookscoreError
from bookscore.engine.warehouse import fetch


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
    return sorted(
        f.name.removesuffix(".sql") for f in files("bookscore.queries").iterdir() if f.name.endswith(".sql")
    )


def read(name: str) -> SavedQuery:
    """The saved query of that name.

    Raises
    ------
    BookscoreError
        There is none; lists the names there are.
    """
    if name not in names():
        raise BookscoreError(f"there is no saved query {name!r}: choose one of {', '.join(names())}")
    sql = files("bookscore.queries").joinpath(f"{name}.sql").read_text(encoding="utf-8")
    head = [line.removeprefix("--").strip() for line in sql.splitlines() if line.startswith("--")]
    what, *described = "\n".join(head).split("\n\n")
    terms = [line for block in described for line in block.splitlines()]
    parameters = dict(re.findall(r"^\$(\w+): (.+)$", "\n".join(terms), re.MULTILINE))
    columns = dict(line.split(maxsplit=1) for line in terms if not line.startswith("$"))
    return SavedQuery(sql, what.replace("\n", " "), parameters, columns)


def run(connection: duckdb.DuckDBPyConnection, name: str, **parameters: str) -> list[dict[str, object]]:
    """Rows of a saved query, each a dict by column.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    name : str
        Of the query.
    **parameters : str
        Of the query, by name without the dollar sign.
    """
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


def one_item(connection: duckdb.DuckDBPyConnection, medium: str, title: str | None, given: str | None) -> str:
    """Id of the one book or film that meets all conditions given.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    medium : str
        book or film.
    title : str or None
        Name of a woven title that it belongs to.
    given : str or None
        Its own title or id.

    Raises
    ------
    BookscoreError
        There is none, or more than one (lists them).
    """
    of_title = {"book": "title", "film": "title_film"}[medium]
    found = connection.execute(
        f"SELECT {medium}_id, {medium}.title FROM {medium} "
        f"WHERE ($given IS NULL OR $given IN ({medium}_id, {medium}.title)) "
        f"AND ($title IS NULL OR {medium}_id IN (SELECT o.{medium}_id FROM title JOIN {of_title} AS o USING (title_id) WHERE title.name = $title)) "
        "ORDER BY ALL",
        {"title": title, "given": given},
    ).fetchall()
    if len(found) != 1:
        known = (
            found or connection.execute(f"SELECT {medium}_id, title FROM {medium} ORDER BY ALL").fetchall()
        )
        names = ", ".join(f"{name} ({item_id})" for item_id, name in known)
        raise BookscoreError(f"--{medium} is needed: the warehouse has {names or f'no {medium}s yet'}")
    return str(found[0][0])
