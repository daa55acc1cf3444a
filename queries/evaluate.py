"""How well a title's scenes were placed in its chapters, by a truth that people gave."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import polars as pl

from bookscore.engine.errors import BookscoreError

Spans = Mapping[int, Sequence[tuple[float, float]]]
"""For each chapter that a film shows, the stretches of the film (start and end in seconds) that do."""

FORMAT = '{"1": [[0, 95.5], [301, 340]], "2": [[95.5, 301]]}'


def read_truth(path: Path) -> list[Spans]:
    """The truth about each of a title's films, from JSON: see `FORMAT`; several films: a list of such objects.

    What lies in no chapter's stretch is not in the book.

    Raises
    ------
    BookscoreError
        The file cannot be read or is not of that form.
    """
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BookscoreError(
            f"{path}: cannot be read ({error.strerror}); give the ground truth as JSON"
        ) from error
    except ValueError as error:
        raise BookscoreError(f"{path}: is not JSON ({error}); write it as {FORMAT}") from error
    try:
        return [
            {int(no): [_span(*span) for span in spans] for no, spans in film.items()}
            for film in (read if isinstance(read, list) else [read])
        ]
    except (AttributeError, TypeError, ValueError) as error:
        raise BookscoreError(
            f"{path}: is not of the form {FORMAT}: chapter numbers, each with spans of the film in seconds ({error})"
        ) from error


def _span(start_s: float, end_s: float) -> tuple[float, float]:
    if not 0 <= start_s < end_s:
        raise ValueError(f"[{start_s}, {end_s}] is not a span from a start to a later end")
    return float(start_s), float(end_s)


def shares(connection: duckdb.DuckDBPyConnection, name: str, truth: Sequence[Spans]) -> pl.DataFrame:
    """Shots in the right chapter; where a film has no picture, scenes.

    A shot is where its middle is. It is right where the chapter of its scene, or of that part of it, is one that the
    film shows there, or where it is in no chapter and none is shown there.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    name : str
        Of the title.
    truth : Sequence[Spans]
        One for each of its films.

    Returns
    -------
    polars.DataFrame
        chapter (a number, "not in the book", or "all"), n_shots, n_right, share; in the book's order, all last.

    Raises
    ------
    BookscoreError
        There is no such title, or the truth is about more or fewer films or other chapters than it has.
    """
    title = connection.execute(
        "SELECT title_id, (SELECT max(chapter_no) FROM chapter AS c WHERE c.book_id = title.book_id), "
        "(SELECT count(*) FROM title_film AS f WHERE f.title_id = title.title_id) FROM title WHERE name = ?",
        [name],
    ).fetchone()
    if title is None:
        raise BookscoreError(f"there is no title {name!r}: 'bookscore status' lists the titles")
    title_id, n_chapters, n_films = title
    if len(truth) != n_films:
        raise BookscoreError(f"the ground truth has {len(truth)} films, but {name} has {n_films}")
    unknown = sorted({no for spans in truth for no in spans if not 1 <= no <= n_chapters})
    if unknown:
        raise BookscoreError(
            f"the ground truth has chapter {unknown[0]}, but {name} has chapters 1 to {n_chapters}"
        )
    judged = []
    for film_no, start_s, end_s, told in connection.execute(_SHOT, [title_id]).fetchall():
        middle_s = (start_s + end_s) / 2
        shown = [no for no, spans in truth[film_no - 1].items() if any(a <= middle_s < b for a, b in spans)]
        right = told in shown if shown else told is None
        judged += [(no, right) for no in shown or [None]] + [("all", right)]
    rows = pl.DataFrame(
        [
            (n_chapters + 1 if no is None else n_chapters + 2 if no == "all" else no, right)
            for no, right in judged
        ],
        schema={"place": pl.Int64, "right": pl.Boolean},
        orient="row",
    )
    last = {n_chapters + 1: "not in the book", n_chapters + 2: "all"}
    return (
        rows.group_by("place")
        .agg(n_shots=pl.len(), n_right=pl.col("right").sum(), share=pl.col("right").mean())
        .sort("place")
        .with_columns(chapter=pl.col("place").replace_strict(last, default=pl.col("place").cast(pl.String)))
        .select("chapter", "n_shots", "n_right", "share")
    )


_SHOT = """
WITH unit AS (
    SELECT film_id, start_s, end_s FROM shot
    UNION ALL
    SELECT film_id, start_s, end_s FROM scene WHERE film_id NOT IN (SELECT film_id FROM shot)
)
SELECT film_no, unit.start_s, unit.end_s, c.chapter_no
FROM title_film AS t
JOIN unit USING (film_id)
LEFT JOIN chapter_scene AS c ON c.title_id = t.title_id AND c.film_id = t.film_id
    AND (unit.start_s + unit.end_s) / 2 >= c.start_s AND (unit.start_s + unit.end_s) / 2 < c.end_s
WHERE t.title_id = ?
ORDER BY film_no, unit.start_s
"""
