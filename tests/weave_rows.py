"""A warehouse with one chapter of five segments and three tracks, for the tests of the weave."""

from __future__ import annotations

import json
from typing import Any

from bookscore.engine import sql_runner
from bookscore.engine.settings import defaults
from bookscore.engine.warehouse import Warehouse
from bookscore.sql import settings as sql_settings

IDS = {"title_id": "title-1", "book_id": "book-1", "film_id": "film-1", "album_id": "album-1"}

# (track_no, music_segment_no, start_s, end_s, mode_strength, arousal); track 3 stirs
PIECES = [
    (1, 1, 0, 40, 0.2, 0.2),
    (1, 2, 40, 80, -0.1, 0.3),
    (1, 3, 80, 120, 0.1, 0.4),
    (2, 1, 0, 60, -0.2, 0.1),
    (3, 1, 0, 60, 0.2, 0.95),
]
EMOTIONS = ["positive", "negative", "neutral", "positive", "negative"]
OPENINGS = ["The lamp", "A wave stood up", "Nobody was awake", "In the morning", "The end"]


def parameters(**changed: Any) -> dict[str, object]:
    own = {f"weave.{name}": value for name, value in changed.items() if name not in IDS}
    values = sql_settings.parameters(defaults(sql_settings.SETTINGS) | own)
    return values | IDS | {name: changed[name] for name in IDS if name in changed}


def fill(warehouse: Warehouse) -> None:
    execute = warehouse.connection.execute
    execute("INSERT INTO title VALUES ('title-1', 'One', 'book-1', 'film-1', 'album-1', 'embedded')")
    execute("INSERT INTO title_film VALUES ('title-1', 1, 'film-1', 'album', 0.1)")
    execute("INSERT INTO film VALUES ('film-1', 'The Film', '', 900, 25, 4, 3, true, true)")
    execute("INSERT INTO chapter VALUES ('book-1', 1, '', 500)")
    for number, (emotion, opening) in enumerate(zip(EMOTIONS, OPENINGS, strict=True), 1):
        chances = {"positive": (0.8, 0.1), "negative": (0.1, 0.8), "neutral": (0.2, 0.2)}[emotion]
        execute(
            "INSERT INTO paragraph (book_id, chapter_no, paragraph_no, text, n_words, p_positive, p_negative) "
            "VALUES ('book-1', 1, ?, ?, 100, ?, ?)",
            [number, f"{opening}, and more.", *chances],
        )
        execute(
            "INSERT INTO segment VALUES ('book-1', 1, ?, ?, ?, 100, ?)", [number, number, number, emotion]
        )
    for track_no, title in enumerate(("Dawn", "Ebb", "Storm"), 1):
        execute(
            "INSERT INTO track (album_id, track_no, title, path, duration_s) VALUES ('album-1', ?, ?, '', 120)",
            [track_no, title],
        )
    for piece in PIECES:
        add_piece(warehouse, *piece)


def add_piece(
    warehouse: Warehouse,
    track_no: int,
    no: int,
    start_s: float,
    end_s: float,
    mode_strength: float,
    arousal: float,
) -> None:
    warehouse.connection.execute(
        "INSERT INTO music_segment (album_id, track_no, music_segment_no, start_s, end_s, mode, mode_strength, arousal, "
        "gain_db) VALUES ('album-1', ?, ?, ?, ?, ?, ?, ?, 0)",
        [track_no, no, start_s, end_s, "major" if mode_strength > 0 else "minor", mode_strength, arousal],
    )


def add_many_pieces(warehouse: Warehouse, arousal: float) -> None:
    """The first track has 1,200 pieces: those of `fill` and 1,197 minor ones."""
    warehouse.connection.execute("UPDATE track SET duration_s = 3000 WHERE track_no = 1")
    warehouse.connection.execute(
        "INSERT INTO music_segment (album_id, track_no, music_segment_no, start_s, end_s, mode, mode_strength, arousal, "
        "gain_db) SELECT 'album-1', 1, n, 2 * n + 200, 2 * n + 202, 'minor', -0.2, ?, 0 FROM range(4, 1201) AS r(n)",
        [arousal],
    )


def add_moment(
    warehouse: Warehouse, segment_no: int, film_s: float, score: float = 0.6, film_id: str = "film-1"
) -> None:
    warehouse.connection.execute(
        "INSERT INTO moment (title_id, film_id, chapter_no, segment_no, film_s, method, score, book_text, film_text) "
        "VALUES ('title-1', ?, 1, ?, ?, 'dialogue', ?, 'as written', 'as spoken')",
        [film_id, segment_no, film_s, score],
    )


def add_heard(
    warehouse: Warehouse,
    start_s: float,
    end_s: float,
    track_no: int,
    offset_s: float,
    film_id: str = "film-1",
) -> None:
    warehouse.connection.execute(
        "INSERT INTO heard (film_id, album_id, recogniser, min_score, start_s, end_s, track_no, offset_s, score) "
        "VALUES (?, 'album-1', 'album', 0.1, ?, ?, ?, ?, 0.4)",
        [film_id, start_s, end_s, track_no, offset_s],
    )


def add_decision(
    warehouse: Warehouse,
    verb: str,
    segment_no: int | None = None,
    track: str | None = None,
    at_s: float | None = None,
    arousal: float | None = None,
) -> None:
    opening = None
    if segment_no:
        [(opening,)] = warehouse.connection.execute(
            "SELECT opening FROM segment_opening WHERE segment_no = ?", [segment_no]
        ).fetchall()
    warehouse.connection.execute(
        "INSERT INTO decision SELECT 'title-1', count(*) + 1, ?, ?, ?, ?, (SELECT track_no FROM track WHERE title = ?), "
        "?, ?, ? FROM decision",
        [verb, segment_no and 1, segment_no, opening, track, track, at_s, arousal],
    )


def share_scene(warehouse: Warehouse, *segment_nos: int) -> None:
    """The segments lie in one scene of the film."""
    for segment_no in segment_nos:
        warehouse.connection.execute(
            "INSERT INTO segment_scene (title_id, film_id, chapter_no, segment_no, scene_no, method, score) "
            "VALUES ('title-1', 'film-1', 1, ?, 1, 'dialogue', 0.5)",
            [segment_no],
        )


def derived(warehouse: Warehouse, **changed: Any) -> None:
    """Weave and audit."""
    with warehouse.transaction():
        sql_runner.derive(warehouse, "weave", parameters(**changed))
        sql_runner.audit(warehouse, parameters(**changed))


def woven(warehouse: Warehouse, **changed: Any) -> dict[int, tuple[int, int, str, dict[str, Any]]]:
    """{segment_no: (track_no, music_segment_no, method, evidence)}, audited."""
    derived(warehouse, **changed)
    found = warehouse.connection.execute(
        "SELECT segment_no, track_no, music_segment_no, method, evidence FROM soundtrack ORDER BY segment_no"
    ).fetchall()
    return {no: (track, piece, method, json.loads(evidence)) for no, track, piece, method, evidence in found}


def rows(warehouse: Warehouse, statement: str) -> list[tuple[Any, ...]]:
    return warehouse.connection.execute(statement).fetchall()
