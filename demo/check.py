"""Compares what Bookscore found in the demo with what is true of it."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
from rich.table import Table

from demo.maker import HeardTruth, Truth

CUT_S, CHANGE_S, OFFSET_S = 0.1, 5.0, 0.5
# The film's sound is judged in windows; one that is nearer than MARGIN_S to music is neither with nor without.
WINDOW_S, HOP_S, MARGIN_S = 5.0, 1.0, 2.0


@dataclass(frozen=True)
class Heard:
    """A run of the film in which a track is heard; `lag_s` is its place in the track less that in the film."""

    start_s: float
    end_s: float
    track_no: int
    lag_s: float

    @classmethod
    def of(cls, span: HeardTruth) -> Heard:
        return cls(span["start_s"], span["end_s"], span["track_no"], span["offset_s"] - span["start_s"])

    def overlaps(self, start_s: float, end_s: float) -> bool:
        return self.start_s < end_s and start_s < self.end_s

    def agrees(self, other: Heard) -> bool:
        return self.track_no == other.track_no and abs(self.lag_s - other.lag_s) <= OFFSET_S


def _near(time_s: float, times_s: list[float], within_s: float) -> bool:
    # Times are floating-point sums: a thousandth of a second decides nothing.
    return any(abs(time_s - other_s) <= within_s + 1e-3 for other_s in times_s)


def _cuts(connection: duckdb.DuckDBPyConnection, film_id: str, truth: Truth) -> dict[str, int]:
    rows = connection.execute(
        "SELECT start_s FROM shot WHERE film_id = ? AND shot_no > 1 ORDER BY shot_no", [film_id]
    ).fetchall()
    found_s, true_s = [row[0] for row in rows], truth["cuts_s"]
    return {
        "cuts": len(true_s),
        "cuts_found": sum(_near(cut_s, found_s, CUT_S) for cut_s in true_s),
        "cuts_false": sum(not _near(cut_s, true_s, CUT_S) for cut_s in found_s),
    }


def _music(connection: duckdb.DuckDBPyConnection, album_id: str, truth: Truth) -> dict[str, int]:
    segments = connection.execute(
        "SELECT track_no, start_s, end_s, mode FROM music_segment WHERE album_id = ? ORDER BY ALL", [album_id]
    ).fetchall()
    changes: dict[int, list[float]] = {}
    boundaries: dict[int, list[float]] = {}
    for section in truth["music"]:
        if section["start_s"] > 0:
            changes.setdefault(section["track_no"], []).append(section["start_s"])
    for track_no, start_s, _, _ in segments:
        if start_s > 0:
            boundaries.setdefault(track_no, []).append(start_s)
    true_modes = [
        next(
            section["mode"]
            for section in reversed(truth["music"])
            if section["track_no"] == track_no and section["start_s"] <= (start_s + end_s) / 2
        )
        for track_no, start_s, end_s, _ in segments
    ]
    return {
        "changes": sum(map(len, changes.values())),
        "changes_found": sum(
            _near(time_s, boundaries.get(no, []), CHANGE_S)
            for no, times_s in changes.items()
            for time_s in times_s
        ),
        "boundaries_extra": sum(
            not _near(time_s, changes.get(no, []), CHANGE_S)
            for no, times_s in boundaries.items()
            for time_s in times_s
        ),
        "music_segments": len(segments),
        "modes_right": sum(row[3] == mode for row, mode in zip(segments, true_modes, strict=True)),
    }


def _heard(
    connection: duckdb.DuckDBPyConnection, film_id: str, album_id: str, truth: Truth
) -> dict[str, int]:
    """What is heard at the middle of each window that music fills, or that no music is near."""
    rows = connection.execute(
        "SELECT start_s, end_s, track_no, offset_s - start_s FROM heard WHERE film_id = ? AND album_id = ?",
        [film_id, album_id],
    ).fetchall()
    heard, spans = [Heard(*row) for row in rows], [Heard.of(span) for span in truth["heard"]]
    figures = {"with_music": 0, "with_music_right": 0, "without_music": 0, "heard_wrong": 0}
    for n in range(int((truth["duration_s"] - WINDOW_S) / HOP_S) + 1):
        start_s, end_s = n * HOP_S, n * HOP_S + WINDOW_S
        middle_s = (start_s + end_s) / 2
        claim = next((run for run in heard if run.start_s <= middle_s < run.end_s), None)
        span = next((s for s in spans if s.start_s <= start_s and end_s <= s.end_s), None)
        if span:
            figures["with_music"] += 1
            figures["with_music_right"] += claim is not None and claim.agrees(span)
            figures["heard_wrong"] += claim is not None and not claim.agrees(span)
        elif not any(s.overlaps(start_s - MARGIN_S, end_s + MARGIN_S) for s in spans):
            figures["without_music"] += 1
            figures["heard_wrong"] += claim is not None
    return figures


def _chapters(
    connection: duckdb.DuckDBPyConnection, film_id: str, title_id: str, truth: Truth
) -> dict[str, int]:
    """A shot's chapter is that of the scene, or part of one, in which its middle lies, if the weave goes by it."""
    rows = connection.execute(
        "SELECT start_s, end_s, chapter_no FROM chapter_scene "
        "WHERE title_id = $title_id AND film_id = $film_id AND accepted ORDER BY start_s",
        {"film_id": film_id, "title_id": title_id},
    ).fetchall()
    figures = {"shots": 0, "shots_right": 0, "book_shots": 0, "book_shots_right": 0}
    for shot in truth["shots"]:
        middle_s = (shot["start_s"] + shot["end_s"]) / 2
        chapters = [chapter_no for start_s, end_s, chapter_no in rows if start_s <= middle_s < end_s]
        right = (chapters or [None]) == [shot["chapter_no"]]
        figures["shots"] += 1
        figures["shots_right"] += right
        if shot["chapter_no"] is not None:
            figures["book_shots"] += 1
            figures["book_shots_right"] += right
    return figures


def figures(connection: duckdb.DuckDBPyConnection, title: str, truth: Truth) -> dict[str, int]:
    """Count what was found, missed and made up.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        A warehouse with the demo woven into it.
    title : str
        Its name there.
    truth : Truth

    Returns
    -------
    dict
        Counts: the things that are true (``cuts``, ``changes``, ``with_music``, ...), how many of them
        were found (``cuts_found``, ``with_music_right``, ...) and how much was found that is not true
        (``cuts_false``, ``boundaries_extra``, ``heard_wrong``). ``book_shots`` are those whose scene is in
        the book; ``shots`` include the film's inventions, right where they are in no chapter.

    Raises
    ------
    LookupError
        The warehouse has no such title.
    """
    row = connection.execute(
        "SELECT title_id, film_id, album_id FROM title WHERE name = ?", [title]
    ).fetchone()
    if row is None:
        raise LookupError(f"no title {title!r} in the warehouse")
    title_id, film_id, album_id = row
    return (
        _cuts(connection, film_id, truth)
        | _music(connection, album_id, truth)
        | _heard(connection, film_id, album_id, truth)
        | _chapters(connection, film_id, title_id, truth)
    )


@dataclass(frozen=True)
class Goal:
    """What was aimed at, what was reached; `met` is None where nothing was aimed at."""

    what: str
    reached: str
    aim: str
    met: bool | None


def goals(f: dict[str, int]) -> list[Goal]:
    """The figures against the demo's goals."""

    def share(part: str, whole: str) -> str:
        return f"{f[part]} of {f[whole]}"

    return [
        Goal("cuts found within 0.1 s", share("cuts_found", "cuts"), "all", f["cuts_found"] == f["cuts"]),
        Goal("cuts where there are none", str(f["cuts_false"]), "", None),
        Goal(
            "changes of key with a boundary within 5 s",
            share("changes_found", "changes"),
            "all",
            f["changes_found"] == f["changes"],
        ),
        Goal("boundaries where the key does not change", str(f["boundaries_extra"]), "", None),
        Goal(
            "music segments with the right mode",
            share("modes_right", "music_segments"),
            "all",
            f["modes_right"] == f["music_segments"] > 0,
        ),
        Goal(
            "music of the film recognised (5 s windows)",
            share("with_music_right", "with_music"),
            "95 %",
            f["with_music_right"] >= 0.95 * f["with_music"],
        ),
        Goal("other music claimed (5 s windows)", str(f["heard_wrong"]), "none", f["heard_wrong"] == 0),
        Goal(
            "shots in the right chapter, or in none",
            share("shots_right", "shots"),
            "90 %",
            f["shots_right"] >= 0.9 * f["shots"],
        ),
        Goal(
            "the same, of scenes in the book only",
            share("book_shots_right", "book_shots"),
            "",
            None,
        ),
    ]


def table(f: dict[str, int]) -> Table:
    """The goals as a table to print."""
    shown = Table("found in the demo", "", "goal", "")
    for goal in goals(f):
        mark = {True: "[green]met[/]", False: "[red]missed[/]", None: ""}[goal.met]
        shown.add_row(goal.what, goal.reached, goal.aim, mark)
    return shown
