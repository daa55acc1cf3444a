"""The report: one page that shows how a soundtrack was woven."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from itertools import accumulate, groupby
from pathlib import Path
from string import Template
from typing import Any

import duckdb

from bookscore.engine.warehouse import fetch
from bookscore.queries import atomic, explain, saved, woven
from bookscore.queries.report import charts
from bookscore.queries.report.charts import NAMES, Span
from bookscore.queries.why import matches, reasons
from bookscore.queries.woven import Segment, Woven

WORDS_PER_MIN = 250


def write(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    """Write the report of a title.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        On the warehouse; it is only read.
    name : str
        Name of the title.
    path : Path
        The page: one file that needs no other; replaced whole.

    Raises
    ------
    BookscoreError
        Unknown or unwoven title, or `path` cannot be written.
    """
    soundtrack = woven.load(connection, name)
    title = soundtrack.title
    made_with = f"Music from <cite>{escape(title.album_title)}</cite>"
    if soundtrack.films:
        films = [f"<cite>{escape(film.film_title)}</cite>" for film in soundtrack.films]
        made_with += f", along the film{'s' if len(films) > 1 else ''} {', '.join(films)}"
    sections = [
        *_alignment(connection, soundtrack),
        _chapters(soundtrack),
        _course(connection, soundtrack),
        _soundtrack(connection, soundtrack),
        _tracks(connection, name),
        _settings(connection, name),
    ]
    page = Template(_asset("report.html")).substitute(
        title=escape(f"{title.book_title}: how its soundtrack was woven"),
        style=_asset("report.css"),
        book=escape(title.book_title) + (f"<small>by {escape(title.author)}</small>" if title.author else ""),
        made_with=made_with,
        figures=_figures(soundtrack),
        sections="\n".join(sections),
    )
    atomic.write_text(path, page)


def _asset(name: str) -> str:
    return files("bookscore.queries.report").joinpath(name).read_text(encoding="utf-8")


def _query(connection: duckdb.DuckDBPyConnection, query: str, name: str) -> list[dict[str, Any]]:
    return fetch(connection, _asset(query), {"title": name}).to_dicts()


def _section(heading: str, told: str, *inside: str) -> str:
    return f"<section><h2>{heading}</h2><p>{told}</p>{''.join(inside)}</section>"


def _key(entries: Iterable[tuple[str, str]]) -> str:
    """What the colours mean."""
    items = "".join(
        f'<li><svg viewBox="0 0 10 10" aria-hidden="true"><rect class="{name}" width="10" height="10"/></svg>{text}</li>'
        for name, text in entries
    )
    return f'<ul class="key">{items}</ul>'


def _methods(segments: Sequence[Segment]) -> dict[str, int]:
    return {method: sum(s.method == method for s in segments) for method in NAMES}


def _figures(soundtrack: Woven) -> str:
    segments = soundtrack.segments
    hours, minutes = divmod(round(soundtrack.title.n_words / WORDS_PER_MIN), 60)
    counts = _methods(segments)
    facts = [
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
    return "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)


def _by_chapter(soundtrack: Woven) -> list[tuple[int, str, list[Segment]]]:
    return [
        (number, title, list(inside))
        for (number, title), inside in groupby(
            soundtrack.segments, key=lambda s: (s.chapter_no, s.chapter_title)
        )
    ]


def _alignment(connection: duckdb.DuckDBPyConnection, soundtrack: Woven) -> list[str]:
    """A section for each film."""
    chapters = [(number, title) for number, title, _ in _by_chapter(soundtrack)]
    several = len(soundtrack.films) > 1
    sections: list[str] = []
    cells = _query(connection, "alignment.sql", soundtrack.name)
    for (_, film), inside in groupby(cells, key=lambda c: (c["film_no"], c["film_title"])):
        rows = list(inside)
        scenes = sorted({row["scene_no"] for row in rows})
        path = {row["scene_no"]: (row["chapter_no"], row["confidence"]) for row in rows if row["on_path"]}
        evidence = {
            (row["chapter_no"], row["scene_no"]): row["nats"] for row in rows if row["nats"] is not None
        }
        sure = sum(bool(row["on_path"] and row["accepted"]) for row in rows)
        told = f"{sure} of the {len(scenes)} scenes of <cite>{escape(film)}</cite> tell one of the book’s chapters"
        told += f"; {len(path) - sure} more may, but not surely enough to go by." if sure < len(path) else "."
        if not rows[0]["matches"]:
            told = f"<cite>{escape(film)}</cite> does not match the book: the weave does not go by it."
        if not sections:
            told += (
                " The darker a cell, the more speaks for scene and chapter telling the same story: spoken lines, names, words "
                "and pictures. Framed is the path that was taken, the fainter the less sure; a column without a frame is the "
                "film’s own invention."
            )
        heading = "Scenes and chapters" + (f": {escape(film)}" if several else "")
        sections.append(_section(heading, told, charts.matrix(chapters, scenes, evidence, path, film)))
    return sections


def _chapters(soundtrack: Woven) -> str:
    counted = [(number, title, _methods(inside)) for number, title, inside in _by_chapter(soundtrack)]
    used = [
        (method, name) for method, name in NAMES.items() if any(counts[method] for _, _, counts in counted)
    ]
    told = "How many text segments of each chapter have music that is heard in the film there, and how many by their emotion."
    return _section("Where the music comes from", told, _key(used), charts.bars(counted))


def _course(connection: duckdb.DuckDBPyConnection, soundtrack: Woven) -> str:
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
    settings = {row["name"]: row["value"] for row in saved.run(connection, "weights", title=soundtrack.name)}
    calm = float(str(settings.get("calm_arousal", 1)))
    told = (
        f"Above, what each text segment feels like, and as a line its music: as far up as it is major, as far down as it is minor. "
        f"Below, how stirring the music is, coloured by where it comes from; up to the dashed line, at {calm:g}, it counts as calm."
    )
    key = _key(
        [
            ("glad", "glad text"),
            ("sad", "sad text"),
            ("line", "its music: major above, minor below"),
            *((m, NAMES[m]) for m, n in _methods(soundtrack.segments).items() if n),
        ]
    )
    return _section(
        "The course of the book",
        told,
        key,
        charts.course(spans, calm, [(at, no) for no, at in begins.items()]),
    )


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


def _soundtrack(connection: duckdb.DuckDBPyConnection, soundtrack: Woven) -> str:
    frames = {
        (row["chapter_no"], row["segment_no"]): row
        for row in _query(connection, "frames.sql", soundtrack.name)
    }
    opening: dict[object, str] = {}
    for row in saved.run(connection, "text", title=soundtrack.name):
        opening.setdefault((row["chapter_no"], row["segment_no"]), str(row["text"]))
    albums = len({s.track_album for s in soundtrack.segments}) > 1
    lines = []
    for number, title, inside in _by_chapter(soundtrack):
        lines.append(
            f'<tr class="chapter"><th colspan="4" scope="rowgroup">{escape(charts.headed(number, title))}</th></tr>'
        )
        for s in inside:
            album = f"<br><small>{escape(s.track_album)}</small>" if albums and s.track_album else ""
            lines.append(
                f'<tr id="s{number}-{s.segment_no}"><th scope="row">{number}.{s.segment_no}</th>'
                f'<td class="passage">{escape(explain.short(opening.get((number, s.segment_no), ""), 90))}</td>'
                f'<td>{escape(s.track_title)}{album}<br><span class="part">{explain.clock(s.start_s)} to {explain.clock(s.end_s)}</span></td>'
                f'<td class="why">{_why(s, soundtrack.film_titles, frames.get((s.chapter_no, s.segment_no)))}</td></tr>'
            )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Segment", "Passage", "Music", "Why"))
    table = f'<table class="soundtrack"><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table>'
    told = "Every text segment in reading order. <code>bookscore explain</code> tells more of each."
    return _section("The soundtrack", told, f'<div class="scroll">{table}</div>')


def _why(segment: Segment, films: Mapping[str, str], frame: dict[str, Any] | None) -> str:
    """Where the music comes from; the best match, book and film side by side, with its frame; the reasons."""
    told = [f'<span class="tag {segment.method}">{NAMES[segment.method]}</span>']
    for match in matches(segment, films)[:1]:
        if frame:
            told.append(_picture(frame["jpeg"], f"The film at {explain.clock(frame['film_s'])}"))
        at = "" if match.film_s is None else f" {explain.clock(match.film_s)}"
        there = f"“{escape(match.film_text)}”" if match.film_text else "shows something like it"
        film = escape(f"{match.film_title or 'Film'}{at}")
        told.append(
            f'<dl class="match"><dt>Book</dt><dd>“{escape(match.book_text)}”</dd><dt>{film}</dt><dd>{there}</dd></dl>'
        )
    return f"{''.join(told)}<p>{escape(' '.join(reasons(segment, films)))}</p>"


def _picture(jpeg: bytes, alt: str) -> str:
    return f'<img src="data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}" alt="{alt}">'


def _tracks(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    inside = []
    rows = _query(connection, "novelty.sql", name)
    albums = len({row["album"] for row in rows}) > 1
    for row in rows:
        pieces = [(p["start_s"], p["end_s"], p["mode"], p["n"]) for p in row["pieces"]]
        album = f" <small>{escape(row['album'])}</small>" if albums and row["album"] else ""
        inside.append(
            f"<h3>{row['track_no']} {escape(row['title'])}{album} <small>{explain.clock(row['duration_s'] or 0)}</small></h3>"
            + charts.novelty(
                [(p[0], p[1]) for p in row["curve"] or []], pieces, row["duration_s"] or 0, row["title"]
            )
        )
    told = (
        "Each track’s novelty: it peaks where the key changes, and there the track is cut. Below, the parts, in major or minor, "
        "and in how many text segments each is heard; the faint ones are not."
    )
    return _section("The music", told, _key([("major", "major"), ("minor", "minor")]), *inside)


def _settings(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    rows = "".join(
        f"<tr><th scope='row'><code>{escape(str(r['name']))}</code></th><td class='number'>{escape(str(r['value']))}</td>"
        f"<td>{escape(str(r['reason'] or ''))}</td></tr>"
        for r in saved.run(connection, "weights", title=name)
    )
    decided = "".join(
        f"<li>{escape(_decision(row))}</li>" for row in saved.run(connection, "decisions", title=name)
    )
    told = "What the weave goes by. <code>bookscore --set weave.NAME=VALUE weave --name …</code> changes a setting."
    head = "".join(f'<th scope="col">{heading}</th>' for heading in ("Setting", "Value", "Why"))
    table = f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    return _section(
        "The rules",
        told,
        f"<h3>What you decided</h3><ul>{decided}</ul>" if decided else "",
        f"<details><summary>All settings</summary>{table}</details>",
    )


def _decision(row: dict[str, Any]) -> str:
    place = f" {row['chapter_no']}.{row['segment_no']}" if row["chapter_no"] else ""
    music = f" “{row['track_title']}”" if row["track_title"] else ""
    at = f" at {explain.clock(row['at_s'])}" if row["at_s"] is not None else ""
    return f"{row['verb']}{place}{music}{at}"
