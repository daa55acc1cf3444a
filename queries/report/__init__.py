"""The report: one page that shows how a soundtrack was woven."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any

import duckdb
from markupsafe import Markup

from bookscore.engine.warehouse import fetch
from bookscore.queries import atomic, explain, saved, templates, woven
from bookscore.queries.report import charts
from bookscore.queries.report.charts import NAMES, Span
from bookscore.queries.why import matches, reasons
from bookscore.queries.woven import Segment, Woven

WORDS_PER_MIN = 250


def write(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    """Write the report of a title: one page that needs no other file. See `TitleWriter`."""
    soundtrack = woven.load(connection, name)
    settings = saved.run(connection, "weights", title=name)
    calm = next((float(str(row["value"])) for row in settings if row["name"] == "calm_arousal"), 1.0)
    page = templates.render(
        "report/report.html.j2",
        style=Markup(_asset("report.css")),  # our own file, which holds no "</style"
        title=soundtrack.title,
        films=soundtrack.films,
        figures=_figures(soundtrack),
        names=NAMES,
        clock=explain.clock,
        alignments=_alignments(connection, soundtrack),
        methods=[(method, NAMES[method]) for method, n in _methods(soundtrack.segments).items() if n],
        bars=charts.bars(
            [(number, title, _methods(inside)) for number, title, inside in _chapters(soundtrack)]
        ),
        calm=calm,
        course=_course(connection, soundtrack, calm),
        several_albums=len({s.track_album for s in soundtrack.segments}) > 1,
        chapters=_soundtrack(connection, soundtrack),
        tracks=_tracks(connection, name),
        decisions=[_decision(row) for row in saved.run(connection, "decisions", title=name)],
        settings=settings,
    )
    atomic.write_text(path, page)


def _asset(name: str) -> str:
    return files("bookscore.queries.report").joinpath(name).read_text(encoding="utf-8")


def _query(connection: duckdb.DuckDBPyConnection, query: str, name: str) -> list[dict[str, Any]]:
    return fetch(connection, _asset(query), {"title": name}).to_dicts()


def _methods(segments: Sequence[Segment]) -> dict[str, int]:
    return {method: sum(s.method == method for s in segments) for method in NAMES}


def _figures(soundtrack: Woven) -> list[tuple[str, object]]:
    segments = soundtrack.segments
    hours, minutes = divmod(round(soundtrack.title.n_words / WORDS_PER_MIN), 60)
    counts = _methods(segments)
    return [
        ("to read", f"{hours} h {minutes} min" if hours else f"{minutes} min"),
        ("chapters", len({s.chapter_no for s in segments})),
        ("text segments", len(segments)),
        *(
            (NAMES[method], n)
            for method, n in counts.items()
            if n or (method == "film" and soundtrack.title.film_title)
        ),
        ("pieces of music", len({s.piece for s in segments})),
    ]


def _chapters(soundtrack: Woven) -> list[tuple[int, str, list[Segment]]]:
    return [
        (number, title, list(inside))
        for (number, title), inside in groupby(
            soundtrack.segments, key=lambda s: (s.chapter_no, s.chapter_title)
        )
    ]


def _alignments(connection: duckdb.DuckDBPyConnection, soundtrack: Woven) -> list[dict[str, Any]]:
    """What is told of each film."""
    chapters = [(number, title) for number, title, _ in _chapters(soundtrack)]
    told = []
    cells = _query(connection, "alignment.sql", soundtrack.name)
    for (_, film), inside in groupby(cells, key=lambda c: (c["film_no"], c["film_title"])):
        rows = list(inside)
        scenes = sorted({row["scene_no"] for row in rows})
        path = {row["scene_no"]: (row["chapter_no"], row["confidence"]) for row in rows if row["on_path"]}
        evidence = {
            (row["chapter_no"], row["scene_no"]): row["nats"] for row in rows if row["nats"] is not None
        }
        told.append(
            {
                "film": film,
                "matches": rows[0]["matches"],
                "n_scenes": len(scenes),
                "n_path": len(path),
                "n_sure": sum(bool(row["on_path"] and row["accepted"]) for row in rows),
                "matrix": charts.matrix(chapters, scenes, evidence, path, film),
            }
        )
    return told


def _course(connection: duckdb.DuckDBPyConnection, soundtrack: Woven, calm: float) -> Markup:
    valence = {
        (row["chapter_no"], row["segment_no"]): row["valence"]
        for row in saved.run(connection, "emotional_arc", title=soundtrack.name)
    }
    strength = {
        (row["chapter_no"], row["segment_no"]): row["strength"]
        for row in _query(connection, "music_emotion.sql", soundtrack.name)
    }
    total = sum(s.n_words for s in soundtrack.segments) or 1
    ends = list(accumulate(s.n_words / total for s in soundtrack.segments))
    spans = [
        Span(
            start, end, f"{s.chapter_no}.{s.segment_no}", s.method, _number(valence[s.chapter_no, s.segment_no]),
            strength[s.chapter_no, s.segment_no], s.arousal, s.track_title,
        )
        for s, start, end in zip(soundtrack.segments, [0.0, *ends], ends, strict=False)
    ]  # fmt: skip
    begins: dict[int, float] = {}
    for s, span in zip(soundtrack.segments, spans, strict=True):
        begins.setdefault(s.chapter_no, span.start)
    return charts.course(spans, calm, [(at, no) for no, at in begins.items()])


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


def _soundtrack(connection: duckdb.DuckDBPyConnection, soundtrack: Woven) -> list[dict[str, Any]]:
    """By chapter: each segment with its opening, the best match, that match's frame and the reasons."""
    frames = {
        (row["chapter_no"], row["segment_no"]): row
        for row in _query(connection, "frames.sql", soundtrack.name)
    }
    opening: dict[object, str] = {}
    for row in saved.run(connection, "text", title=soundtrack.name):
        opening.setdefault((row["chapter_no"], row["segment_no"]), str(row["text"]))

    def told(segment: Segment) -> dict[str, Any]:
        place = segment.chapter_no, segment.segment_no
        return {
            "segment": segment,
            "passage": explain.short(opening.get(place, ""), 90),
            "match": next(iter(matches(segment, soundtrack.film_titles)), None),
            "frame": frames.get(place),
            "reasons": " ".join(reasons(segment, soundtrack.film_titles)),
        }

    return [
        {"heading": charts.headed(number, title), "rows": [told(segment) for segment in inside]}
        for number, title, inside in _chapters(soundtrack)
    ]


def _tracks(connection: duckdb.DuckDBPyConnection, name: str) -> list[dict[str, Any]]:
    """The album's tracks with their novelty; their albums where there are several."""
    rows = _query(connection, "novelty.sql", name)
    albums = len({row["album"] for row in rows}) > 1
    return [
        {
            "track_no": row["track_no"],
            "title": row["title"],
            "album": row["album"] if albums else None,
            "duration_s": row["duration_s"] or 0,
            "novelty": charts.novelty(
                [(p[0], p[1]) for p in row["curve"] or []],
                [(p["start_s"], p["end_s"], p["mode"], p["n"]) for p in row["pieces"]],
                row["duration_s"] or 0,
                row["title"],
            ),
        }
        for row in rows
    ]


def _decision(row: dict[str, Any]) -> str:
    place = f" {row['chapter_no']}.{row['segment_no']}" if row["chapter_no"] else ""
    music = f" “{row['track_title']}”" if row["track_title"] else ""
    at = f" at {explain.clock(row['at_s'])}" if row["at_s"] is not None else ""
    return f"{row['verb']}{place}{music}{at}"
