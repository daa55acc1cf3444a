"""What is in the warehouse, what is left to do, and how a weave came out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from bookscore.engine import ledger
from bookscore.engine.runner import Item
from bookscore.engine.stage import Medium
from bookscore.engine.warehouse import fetch

MOST_LEFT_OUT = 0.2
"""Share of a book's words: what is not story is rarely more."""


@dataclass(frozen=True)
class Stale:
    """That a title is not what it would be if it were woven now.

    Attributes
    ----------
    line : str
        What has changed, and what to do.
    is_broken : bool
        Its rows may no longer fit together: what it was derived from was replaced. Else only the program's
        statements are others.
    """

    line: str
    is_broken: bool


@dataclass(frozen=True)
class Summary:
    """How a weave came out, in words.

    Attributes
    ----------
    line : str
        How many segments have music, and from where.
    mismatch : str or None
        Why no film's music was used, where there is a film.
    """

    line: str
    mismatch: str | None


def read(
    connection: duckdb.DuckDBPyConnection, media: Mapping[str, Medium]
) -> dict[str, list[dict[str, Any]]]:
    """Items with their stages, and titles with their figures.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    media : Mapping[str, Medium]
        By name.

    Returns
    -------
    dict
        ``items``: each with its stages that are done, failed (with the error) and left to do. ``titles``: each with its
        media, its numbers of segments, and a line if it is out of date.
    """
    jobs = connection.execute("SELECT item_id, stage, status, error FROM job ORDER BY ALL").fetchall()
    items = []
    for item_id, medium, files in connection.execute(
        "SELECT * FROM item ORDER BY medium, item_id"
    ).fetchall():
        item = Item(
            media[medium], item_id, {role: Path(path) for role, path in json.loads(files).items()}, {}
        )
        failed = {stage: error for i, stage, state, error in jobs if i == item_id and state == "failed"}
        done = {stage for i, stage, state, _ in jobs if i == item_id and state == "done"} - failed.keys()
        items.append(
            {
                "item": item_id,
                "main_file": str(next(iter(item.files.values()))),
                "n_files": len(item.files),
                "done": sorted(done),
                "failed": failed,
                "left": [s.name for s in item.stages() if s.name not in done],
            }
        )
    titles = fetch(
        connection,
        """
        SELECT name, book_id, film_id, album_id, count(s.method) AS n_segments,
            count(s.method) FILTER (s.method = 'film') AS n_film
        FROM title LEFT JOIN soundtrack AS s USING (title_id) GROUP BY ALL ORDER BY name
    """,
    )
    return {
        "items": items,
        "titles": [
            title | {"out_of_date": found.line if (found := stale(connection, title["name"])) else None}
            for title in titles.to_dicts()
        ],
    }


def lines(found: dict[str, list[dict[str, Any]]]) -> str:
    """What `read` found, for a terminal."""
    text = []
    for item in found["items"]:
        more = f" and {item['n_files'] - 1} more" if item["n_files"] > 1 else ""
        text.append(f"{item['item']}  {item['main_file']}{more}")
        text.append(f"  done: {', '.join(item['done']) or 'nothing'}")
        if item["left"]:
            text.append(f"  left: {', '.join(item['left'])}")
        text += [f"  {stage} failed: {error}" for stage, error in item["failed"].items()]
    for title in found["titles"]:
        made_of = ", ".join((title["book_id"], title["film_id"] or "no film", title["album_id"]))
        music = f"{title['n_segments']} segments, {title['n_film']} with the film's music"
        text.append(f"{title['name']}: {made_of}; {music}")
        if title["out_of_date"]:
            text.append(f"  {title['out_of_date']}")
    return "\n".join(text or ["nothing yet"])


def stale(connection: duckdb.DuckDBPyConnection, name: str) -> Stale | None:
    """Whether the title of that name is out of date; None where it is not, or there is none of that name.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    name : str
    """
    found = connection.execute("SELECT title_id FROM title WHERE name = ?", [name]).fetchall()
    changes = ledger.changes(connection, found[0][0]) if found else []
    if not changes:
        return None
    again = f"""weave it again with: bookscore weave --name "{name}\""""
    if changes[0].item_id == found[0][0]:
        return Stale(
            f"{name} is out of date: an earlier version of Bookscore did not record what it was woven from; {again}",
            True,
        )
    items = [change for change in changes if change.item_id != ledger.PROGRAM]
    if not items:
        return Stale(
            f"{name} is out of date: this version of Bookscore aligns or weaves differently; {again}", False
        )
    by_item: dict[str, list[str]] = {}
    for change in items:
        by_item.setdefault(change.item_id, []).append(change.stage)
    what = "; ".join(
        f"{item_id} has changed since ({', '.join(stages)})" for item_id, stages in by_item.items()
    )
    return Stale(f"{name} is out of date: {what}; {again}", True)


def notes(connection: duckdb.DuckDBPyConnection, item_id: str) -> list[str]:
    """Lines about an item for the user: what of a book is left out; unused files of a book or album; what a film lacks.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    item_id : str
    """
    unused = connection.execute(
        "SELECT path, reason FROM unused_file WHERE album_id = ? ORDER BY path", [item_id]
    ).fetchall()
    films = fetch(
        connection,
        """
        SELECT parse_filename(film.path) AS name, has_picture, has_sound, n_damaged, origin, format, language, offset_s, speed, fit,
            n_odd, n_left_out, left_out
        FROM film
        LEFT JOIN film_picture USING (film_id)
        LEFT JOIN cue_source USING (film_id)
        LEFT JOIN (
            SELECT film_id, string_agg(reason || ' (' || n || ')', ', ' ORDER BY n DESC, reason) AS left_out
            FROM (SELECT film_id, reason, count(*) AS n FROM left_out_cue GROUP BY ALL) GROUP BY film_id
        ) USING (film_id)
        WHERE film_id = ?
        """,
        [item_id],
    ).to_dicts()
    return [
        *_left_out(connection, item_id),
        *(f"{path}: {reason}" for path, reason in unused),
        *files_gone_without(connection, item_id),
        *(f"{film['name']}: {fact}" for film in films for fact in _facts(film)),
    ]


def files_gone_without(connection: duckdb.DuckDBPyConnection, book_id: str) -> list[str]:
    """A line on the files of a book's EPUB that exports go without; none where they have all.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    book_id : str
    """
    found = connection.execute(
        "SELECT parse_filename(book.path), unused.path || ' ' || reason FROM unused_book_file AS unused "
        "JOIN book USING (book_id) WHERE book_id = ? ORDER BY unused.path",
        [book_id],
    ).fetchall()
    if not found:
        return []
    first = "; ".join(file for _, file in found[:3]) + (f"; and {len(found) - 3} more" if found[3:] else "")
    return [f"{found[0][0]}: exports go without {len(found)} of its files: {first}"]


def _left_out(connection: duckdb.DuckDBPyConnection, book_id: str) -> Iterator[str]:
    """One line for all the words that are in no chapter, and one for each thing that could not be read."""
    for name, n_words, n_left_out, reasons in connection.execute(
        """
        WITH reason AS (
            SELECT book_id, reason, sum(n_words) AS n_words FROM left_out WHERE n_words > 0 GROUP BY ALL
        )
        SELECT
            parse_filename(path), any_value(book.n_words), sum(reason.n_words),
            string_agg(format('{} {:,}', reason, reason.n_words), ', ' ORDER BY reason.n_words DESC, reason)
        FROM book JOIN reason USING (book_id) WHERE book_id = ? GROUP BY path
        """,
        [book_id],
    ).fetchall():
        share = n_left_out / (n_left_out + n_words)
        what = f"{n_left_out:,} of {n_left_out + n_words:,} words ({share:.0%}) are in no chapter: {reasons}"
        if share > MOST_LEFT_OUT:
            what = f"WARNING: {what}. More than a fifth of the book is left out: see the table left_out, and if that is story, give another edition"
        yield f"{name}: {what}"
    yield from (
        f"{name}: {place} {reason}" if place != name else f"{name}: {reason}"
        for name, place, reason in connection.execute(
            "SELECT parse_filename(path), place, reason FROM book JOIN left_out USING (book_id) "
            "WHERE book_id = ? AND left_out.n_words = 0 ORDER BY left_out_no",
            [book_id],
        ).fetchall()
    )


def _facts(film: Mapping[str, Any]) -> Iterator[str]:
    if not film["has_picture"]:
        yield "has no picture: images cannot be used as evidence"
    if not film["has_sound"]:
        yield "has no sound: its music cannot be recognised"
    if film["n_damaged"]:
        yield f"{film['n_damaged']} damaged packets of its picture were left out"
    if film["origin"] == "none" and film["format"]:
        yield (
            f"has only subtitles that are images ({film['format']}): convert them to srt with Subtitle Edit and "
            "give that file with --subtitles, or use --transcribe"
        )
    elif film["origin"] == "none":
        yield ("has no subtitles: spoken lines cannot be matched; give --subtitles, or use --transcribe")
    if film["language"] not in (None, "eng"):
        yield f"its subtitles are in another language ({film['language']}): spoken lines match only a book in that language"
    if film["left_out"]:
        cues = "1 cue" if film["n_left_out"] == 1 else f"{film['n_left_out']} cues"
        yield f"{cues} of its subtitles left out: {film['left_out']}"
    if film["n_odd"]:
        places = "1 place that is" if film["n_odd"] == 1 else f"{film['n_odd']} places that are"
        yield f"its subtitles have {places} not valid in their encoding: read as Windows-1252, or as \ufffd"
    if film["origin"] and (film["offset_s"] or film["speed"] != 1):
        yield (
            f"its subtitles were moved by {film['offset_s']:+.1f} s and scaled by {film['speed']:.4f} to match "
            f"the speech (correlation {film['fit']:.2f})"
        )


def summary(connection: duckdb.DuckDBPyConnection, name: str) -> Summary:
    """The figures of one woven title.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    name : str
        Of the title.
    """
    n, by_film, by_reader, pieces = connection.execute(
        "SELECT count(*), count(*) FILTER (method = 'film'), count(*) FILTER (method = 'reader'), "
        "count(DISTINCT (track_no, music_segment_no)) FROM title JOIN soundtrack USING (title_id) WHERE name = ?",
        [name],
    ).fetchall()[0]
    films = connection.execute(
        "SELECT m.accepted, m.n_lines, m.nats FROM title JOIN title_film USING (title_id) JOIN film_match AS m "
        "ON m.title_id = title.title_id AND m.film_id = title_film.film_id WHERE name = ? ORDER BY film_no",
        [name],
    ).fetchall()
    rejected = [
        f"{n_lines} spoken lines in common, {nats:.0f} nats of evidence"
        for accepted, n_lines, nats in films
        if accepted is False
    ]
    music = f"music from the film for {by_film}, by emotion for {n - by_film - by_reader}"
    if by_reader:
        music += f", chosen by you for {by_reader}"
    if 0 < len(rejected) < len(films):
        music += f"; {len(rejected)} of {len(films)} films do not match the book, so their music is not used"
    return Summary(
        f"{name}: {n} segments; {music}; {pieces} pieces used",
        "; ".join(rejected) if rejected and len(rejected) == len(films) else None,
    )
