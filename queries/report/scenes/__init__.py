"""A page of every scene of a film: its pictures, what is said in it, and when."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
from markupsafe import Markup

from bookscore.engine.errors import BookscoreError
from bookscore.queries import atomic, saved, templates

PICTURES = 8  # of a scene at most, spread evenly over its shots
STRIP = 60  # pictures of the whole film, at most


def write(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    """Write the page of a film, or of all films of a title: one page that needs no other file. See `TitleWriter`.

    Parameters
    ----------
    name : str
        A title's name, or a film's title or id.
    """
    films = connection.execute(
        "SELECT film_id, title, duration_s FROM film WHERE $name IN (film_id, title) OR film_id IN "
        "(SELECT f.film_id FROM title_film AS f JOIN title USING (title_id) WHERE name = $name) ORDER BY ALL",
        {"name": name},
    ).fetchall()
    if not films:
        known = connection.execute("SELECT title FROM film ORDER BY ALL").fetchall()
        names = ", ".join(repr(title) for (title,) in known) or "no films yet"
        raise BookscoreError(f"there is no film or title {name!r}: the warehouse has {names}")
    style = files("bookscore.queries.report.scenes").joinpath("scenes.css").read_text(encoding="utf-8")
    page = templates.render(
        "report/scenes/scenes.html.j2",
        style=Markup(style),  # our own file, which holds no "</style"
        clock=clock,
        films=[_film(connection, *film) for film in films],
    )
    atomic.write_text(path, page)


def clock(seconds: float) -> str:
    """Hours, minutes and seconds as players show them."""
    minutes, second = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{second:02}"


def _film(
    connection: duckdb.DuckDBPyConnection, film_id: str, title: str, duration_s: float
) -> dict[str, Any]:
    scenes: list[dict[str, Any]] = saved.run(connection, "scenes", film=film_id)
    pictures, lines = _pictures(connection, film_id), _lines(connection, film_id)
    strip = connection.execute(
        "SELECT time_s, jpeg FROM thumbnail WHERE film_id = ? ORDER BY time_s", [film_id]
    ).fetchall()
    step = -(-len(strip) // STRIP) or 1
    return {
        "title": title,
        "duration_s": duration_s,
        "n_shots": sum(scene["n_shots"] for scene in scenes),
        "n_cues": sum(map(len, lines.values())),
        "strip": strip[::step],
        "scenes": [
            scene
            | {
                "pictures": pictures.get(scene["scene_no"], []),
                "lines": lines.get(scene["scene_no"], []),
            }
            for scene in scenes
        ],
    }


def _pictures(connection: duckdb.DuckDBPyConnection, film_id: str) -> dict[int, list[tuple[float, bytes]]]:
    """By scene: the middle frame of some of its shots."""
    rows = connection.execute(
        """
        WITH shown AS (
            SELECT scene_no, shot_no,
                row_number() OVER (PARTITION BY scene_no ORDER BY shot_no) - 1 AS nth,
                count(*) OVER (PARTITION BY scene_no) AS n_shots
            FROM shot
            JOIN scene ON scene.film_id = shot.film_id AND shot_no BETWEEN first_shot_no AND last_shot_no
            WHERE shot.film_id = $film_id
            QUALIFY n_shots <= $most OR nth * $most // n_shots > (nth - 1) * $most // n_shots OR nth = 0
        )
        SELECT scene_no, time_s, jpeg
        FROM shown
        JOIN frame ON frame.film_id = $film_id AND frame.shot_no = shown.shot_no
        QUALIFY row_number() OVER (PARTITION BY shown.shot_no ORDER BY frame_no)
            = (count(*) OVER (PARTITION BY shown.shot_no) + 1) // 2
        ORDER BY time_s
        """,
        {"film_id": film_id, "most": PICTURES},
    ).fetchall()
    found: dict[int, list[tuple[float, bytes]]] = {}
    for scene_no, time_s, jpeg in rows:
        found.setdefault(scene_no, []).append((time_s, jpeg))
    return found


def _lines(
    connection: duckdb.DuckDBPyConnection, film_id: str
) -> dict[int, list[tuple[float, str | None, str, bool]]]:
    """By scene: time, speaker and text of its cues, and whether they are sung."""
    rows = connection.execute(
        "SELECT scene_no, cue.start_s, speaker, text, coalesce(is_lyrics, false) FROM cue JOIN scene "
        "ON scene.film_id = cue.film_id AND cue.start_s >= scene.start_s AND cue.start_s < scene.end_s "
        "WHERE cue.film_id = ? ORDER BY cue_no",
        [film_id],
    ).fetchall()
    found: dict[int, list[tuple[float, str | None, str, bool]]] = {}
    for scene_no, *line in rows:
        found.setdefault(scene_no, []).append((line[0], line[1], line[2], line[3]))
    return found
