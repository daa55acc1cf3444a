"""The reading model that every export shares: one title's text segments, each with its music."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any

import duckdb

from bookscore.engine.errors import BookscoreError
from bookscore.queries import saved


@dataclass(frozen=True)
class Title:
    """A title's book, film and album: the row of ``title.sql``."""

    book_title: str
    author: str | None
    language: str | None
    n_words: int
    book_path: str
    film_title: str | None
    film_duration_s: float | None
    album_title: str
    album_artist: str | None
    album_path: str
    woven_at: datetime | None


@dataclass(frozen=True)
class Film:
    """A film of a title: a row of ``films.sql``."""

    film_no: int
    film_id: str
    film_title: str
    duration_s: float


@dataclass(frozen=True)
class Segment:
    """A text segment with its music: a row of ``soundtrack.sql``, its evidence read."""

    chapter_no: int
    chapter_title: str
    segment_no: int
    first_paragraph_no: int
    last_paragraph_no: int
    n_words: int
    emotion: str
    track_no: int
    track_title: str
    track_artist: str | None
    track_album: str | None
    track_path: str
    file_start_s: float
    music_segment_no: int
    start_s: float
    end_s: float
    loop_start_s: float | None
    loop_end_s: float | None
    mode: str
    arousal: float
    gain_db: float
    method: str
    score: float
    evidence: dict[str, Any]

    @property
    def piece(self) -> tuple[int, int]:
        """Track and music segment: what is heard."""
        return self.track_no, self.music_segment_no

    def in_file(self, start_s: float, end_s: float) -> tuple[float, float]:
        """Places in the track as places in its file, which may hold other tracks before it.

        Parameters
        ----------
        start_s, end_s : float
            Seconds from the track's start.
        """
        return self.file_start_s + start_s, self.file_start_s + end_s


@dataclass(frozen=True)
class Woven:
    """A woven title; its segments are in reading order, its films in their own: a series has several."""

    name: str
    title: Title
    films: list[Film]
    segments: list[Segment]

    @property
    def film_titles(self) -> dict[str, str]:
        """Titles of the films by their ids."""
        return {film.film_id: film.film_title for film in self.films}


def load(connection: duckdb.DuckDBPyConnection, name: str) -> Woven:
    """The woven title of that name.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        On the warehouse; it is only read.
    name : str
        Name of the title.

    Raises
    ------
    BookscoreError
        There is no such title (lists the names there are), or a segment of it has no music.
    """
    check_known(connection, name)
    found: list[Any] = saved.run(connection, "title", title=name)
    films: list[Any] = saved.run(connection, "films", title=name)
    rows: list[Any] = saved.run(connection, "soundtrack", title=name)
    silent = [row for row in rows if row["start_s"] is None]
    if silent or not rows:
        where = f"segment {silent[0]['chapter_no']}.{silent[0]['segment_no']}" if silent else "any segment"
        raise BookscoreError(f"{name!r} has no music for {where}: weave it first")
    segments = [Segment(**{**row, "evidence": json.loads(row["evidence"])}) for row in rows]
    return Woven(name, Title(**found[0]), [Film(**film) for film in films], segments)


def check_known(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Refuse a name that no title has.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        On the warehouse; it is only read.
    name : str
        The name to look for.

    Raises
    ------
    BookscoreError
        Lists the names there are.
    """
    known = [row[0] for row in connection.execute("SELECT name FROM title ORDER BY name").fetchall()]
    if name not in known:
        advice = (
            f"choose one of {', '.join(map(repr, known))}"
            if known
            else "the warehouse has none yet, weave one first"
        )
        raise BookscoreError(f"there is no title {name!r}: {advice}")


def path_in_album(track_path: str, album_path: str) -> str:
    """A track's path below its album's folder, with ``/``, so that it does not depend on the machine.

    Parameters
    ----------
    track_path, album_path : str
        The track's file and the album's folder.
    """
    track = PurePath(track_path)
    inside = track.relative_to(album_path) if track.is_relative_to(album_path) else PurePath(track.name)
    return inside.as_posix()
