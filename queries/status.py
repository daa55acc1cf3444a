"""What is in the warehouse, what is left to do, and how a weave came out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from engine.jobs import Item
from engine.stage import Medium
from engine.warehouse import fetch


@dataclass(frozen=True)
class Summary:
    """How a weave came out, in words."""

    line: str
    film_lacks: list[str]
    film_accepted: bool
    match: str


def read(
    connection: duckdb.DuckDBPyConnection, media: Mapping[str, Medium]
) -> dict[str, list[dict[str, Any]]]:
    """Items with the stages done, failed and left, and titles with their figures."""
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
    return {"items": items, "titles": titles.to_dicts()}


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
    return "\n".join(text or ["nothing yet"])


def unused(connection: duckdb.DuckDBPyConnection, item_id: str) -> list[str]:
    """A line for each file of an album that is not used: which, and why."""
    return [
        f"{path}: {reason}"
        for path, reason in connection.execute(
            "SELECT path, reason FROM unused_file WHERE album_id = ? ORDER BY path", [item_id]
        ).fetchall()
    ]


def summary(connection: duckdb.DuckDBPyConnection, name: str) -> Summary:
    """The figures of one woven title."""
    row = connection.execute(
        """
        SELECT count(*), count(*) FILTER (method = 'film'), count(DISTINCT (track_no, music_segment_no)),
            any_value(film_match.accepted), any_value(film_match.n_lines), any_value(film_match.nats),
            any_value(film.film_id), any_value(film.has_picture), any_value(film.has_sound),
            (SELECT count(*) FROM cue WHERE cue.film_id = any_value(film.film_id))
        FROM title
        JOIN soundtrack USING (title_id)
        LEFT JOIN film_match USING (title_id)
        LEFT JOIN film USING (film_id)
        WHERE title.name = ?
        """,
        [name],
    ).fetchone()
    n, by_film, pieces, accepted, n_lines, nats, film_id, has_picture, has_sound, n_cues = row or (0,) * 10
    lacks = {
        "no picture: no image can be evidence": has_picture,
        "no sound: no music can be heard in it": has_sound,
        "no subtitles: no spoken line can be matched; scenes are placed by time alone": n_cues,
    }
    return Summary(
        f"{name}: {n} segments; music from the film for {by_film}, by emotion for {n - by_film}; {pieces} pieces used",
        [lack for lack, has in lacks.items() if not has] if film_id else [],
        not film_id or accepted is not False,
        f"{n_lines} spoken lines in common, {nats or 0:.0f} nats of evidence",
    )
