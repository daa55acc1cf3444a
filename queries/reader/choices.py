"""What a page offers for each text segment: its music and the next best, and the film's frames that explain it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

import duckdb

from bookscore.engine.warehouse import fetch
from bookscore.queries.why import Match, matches
from bookscore.queries.woven import Segment, Woven

PIECES = 3
"""Pieces offered for a segment; every further one makes the reader's folder larger."""
FRAME_REACH_S = 10.0


@dataclass(frozen=True)
class Offer:
    """What a page offers for a text segment.

    Attributes
    ----------
    choices : list of Segment
        The segment with each piece that it may have, at most `PIECES`; the soundtrack's own first.
    matches : list of (Match, bytes or None)
        What in the film it matches, each with its frame as JPEG, where there is one.
    """

    choices: list[Segment]
    matches: list[tuple[Match, bytes | None]]


def offers(connection: duckdb.DuckDBPyConnection, soundtrack: Woven) -> list[Offer]:
    """What is offered for each segment of a woven title, in reading order.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        On the warehouse; it is only read.
    soundtrack : Woven
        The title as `woven.load` read it on this connection.
    """
    others = _others(connection, soundtrack.name)
    found = [matches(segment, soundtrack.film_titles) for segment in soundtrack.segments]
    frames = _frames(connection, soundtrack.name, [match for some in found for match in some])
    return [
        Offer(
            _distinct([segment, *(replace(segment, **row) for row in others[_place(segment)])]),
            [(match, frames.get((match.film_id, match.film_s))) for match in some],
        )
        for segment, some in zip(soundtrack.segments, found, strict=True)
    ]


def _place(segment: Segment) -> tuple[int, int]:
    return segment.chapter_no, segment.segment_no


def _distinct(choices: Iterable[Segment]) -> list[Segment]:
    by_piece: dict[tuple[int, int], Segment] = {}
    for choice in choices:
        by_piece.setdefault(choice.piece, choice)
    return list(by_piece.values())[:PIECES]


def _query(
    connection: duckdb.DuckDBPyConnection, name: str, parameters: dict[str, Any]
) -> list[dict[str, Any]]:
    sql = files("bookscore.queries.reader").joinpath(name).read_text(encoding="utf-8")
    return fetch(connection, sql, parameters).to_dicts()


def _others(connection: duckdb.DuckDBPyConnection, title: str) -> dict[tuple[int, int], list[dict[str, Any]]]:
    """The candidates of each segment as changes to it. Why they were not taken is not evidence for them."""
    by_segment: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
    for row in _query(connection, "candidates.sql", {"title": title}):
        by_segment[row.pop("chapter_no"), row.pop("segment_no")].append({**row, "evidence": {}})
    return by_segment


def _frames(
    connection: duckdb.DuckDBPyConnection, title: str, wanted: list[Match]
) -> dict[tuple[str | None, float | None], bytes]:
    """The frame nearest to each match, by its film and moment."""
    (first,) = connection.execute("SELECT film_id FROM title WHERE name = ?", [title]).fetchall()[0]
    timed = [match for match in wanted if match.film_s is not None]
    rows = _query(
        connection,
        "film_frames.sql",
        {
            "film_id": [match.film_id or first for match in timed],
            "film_s": [match.film_s for match in timed],
            "reach_s": FRAME_REACH_S,
        },
    )
    by_moment = {(row["film_id"], row["film_s"]): row["jpeg"] for row in rows}
    return {
        (match.film_id, match.film_s): by_moment[key]
        for match in timed
        if (key := (match.film_id or first, match.film_s)) in by_moment
    }
