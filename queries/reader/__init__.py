"""The reader: a folder with the book's text and its music, opened by double click or from a server."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from html import escape
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from string import Template
from typing import Any

import duckdb

from engine.errors import BookscoreError
from queries import atomic, music_files, saved, woven
from queries.reader.why import why
from queries.woven import Segment, Woven

WORDS_PER_MIN = 250
GENERATOR = '<meta name="generator" content="Bookscore">'
LOOP_TAIL_S = 0.1  # beyond the loop's end, so that no encoder's last frame lies at the seam
AUDIO_NAME = re.compile(r"\d{2,}-\d{2,}-[0-9a-f]{8}\.js")


def write(connection: duckdb.DuckDBPyConnection, name: str, out_dir: Path) -> list[Path]:
    """Write a title's reader: ``index.html`` and a file in ``audio/`` for every music segment in use.

    A page opened from a file may not fetch, so style, program and text stand in ``index.html`` and the
    music in classic scripts that the page loads when it needs them. Music files are named by their
    content and ``index.html`` is replaced last: an export cut short leaves the reader that was there.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        On the warehouse; it is only read.
    name : str
        Name of the title.
    out_dir : Path
        Folder to write to; made where it is absent. Of what is in it, an older reader is replaced.

    Returns
    -------
    list of Path
        The files of the reader.

    Raises
    ------
    BookscoreError
        Unknown or unwoven title, a track that cannot be read, or `out_dir` cannot be written or has an
        ``index.html`` that is no reader.
    """
    soundtrack = woven.load(connection, name)
    index = out_dir / "index.html"
    _check_may_replace(index)
    scripts = _music_scripts(soundtrack.segments)
    audio = {key: out_dir / "audio" / f"{key}-{_digest(script)}.js" for key, script in scripts.items()}
    for key, path in audio.items():
        atomic.write_text(path, scripts[key])
    paragraphs: list[Any] = saved.run(connection, "text", title=name)
    atomic.write_text(index, _page(soundtrack, paragraphs, audio))
    for old in (out_dir / "audio").iterdir():
        if AUDIO_NAME.fullmatch(old.name) and old not in audio.values():
            old.unlink()
    return [index, *audio.values()]


def _check_may_replace(index: Path) -> None:
    try:
        if index.exists() and GENERATOR not in index.read_text(encoding="utf-8", errors="replace"):
            raise BookscoreError(f"{index} was not made by Bookscore: choose another folder")
    except OSError as error:
        raise BookscoreError(f"{index}: cannot be read ({error.strerror}): choose another folder") from error


def _key(segment: Segment) -> str:
    return f"{segment.track_no:02}-{segment.music_segment_no:02}"


def _digest(script: str) -> str:
    return hashlib.sha256(script.encode()).hexdigest()[:8]


def _music_scripts(segments: Iterable[Segment]) -> dict[str, str]:
    """A script for every music segment in use, by its key."""
    by_track: dict[str, dict[str, Segment]] = defaultdict(dict)
    for segment in sorted(segments, key=lambda s: s.piece):
        by_track[segment.track_path].setdefault(_key(segment), segment)

    def encode(track: str) -> list[bytes]:
        return music_files.encode(Path(track), [_played(s) for s in by_track[track].values()])

    scripts = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # FFmpeg works outside the interpreter's lock
        for track, encoded in zip(by_track, pool.map(encode, by_track), strict=True):
            for key, mp3 in zip(by_track[track], encoded, strict=True):
                scripts[key] = f'bookscoreAudio("{key}","{base64.b64encode(mp3).decode()}");\n'
    return scripts


def _loops(segment: Segment) -> bool:
    """Whether the segment has loop points that lie inside its file."""
    return segment.loop_end_s is not None and segment.loop_end_s - segment.start_s <= music_files.LONGEST_S


def _played(segment: Segment) -> tuple[float, float]:
    """The part of the track that is heard: up to the loop's end, where there is one."""
    end_s = segment.loop_end_s if _loops(segment) else None
    return segment.start_s, segment.end_s if end_s is None else min(end_s + LOOP_TAIL_S, segment.end_s)


def _loop(segment: Segment) -> dict[str, float]:
    """Loop points in seconds of the piece's file; nothing where its raw ends are cross-faded."""
    if not _loops(segment) or segment.loop_start_s is None or segment.loop_end_s is None:
        return {}
    return {
        "loop_start_s": round(segment.loop_start_s - segment.start_s, 6),
        "loop_end_s": round(segment.loop_end_s - segment.start_s, 6),
    }


def _page(soundtrack: Woven, paragraphs: list[Any], audio: dict[str, Path]) -> str:
    title = soundtrack.title
    style, script = _asset("reader.css"), _asset("music.js") + _asset("reader.js")
    made_with = f"Music from <cite>{escape(title.album_title)}</cite>"
    if title.album_artist:
        made_with += f" by {escape(title.album_artist)}"
    if title.film_title:
        made_with += f", woven along the film <cite>{escape(title.film_title)}</cite>"
    return Template(_asset("index.html")).substitute(
        generator=GENERATOR,
        language=escape(title.language or "", quote=True),
        title=escape(title.book_title),
        author=escape(title.author or ""),
        made_with=made_with,
        reading_time=_reading_time(title.n_words),
        style=style,
        style_hash=_csp_hash(style),
        script=script,
        script_hash=_csp_hash(script),
        contents=_contents(soundtrack.segments),
        text=_text(soundtrack.segments, paragraphs),
        # "<" must not end the script element.
        soundtrack=json.dumps(_soundtrack(soundtrack, audio), ensure_ascii=False).replace("<", "\\u003c"),
    )


def _asset(name: str) -> str:
    return files("queries.reader").joinpath(name).read_text(encoding="utf-8")


def _csp_hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _reading_time(n_words: int) -> str:
    hours, minutes = divmod(max(1, round(n_words / WORDS_PER_MIN)), 60)
    return " ".join([*([f"{hours} h"] if hours else []), *([f"{minutes} min"] if minutes else [])])


def _chapters(segments: Iterable[Segment]) -> Iterable[tuple[tuple[int, str], Iterable[Segment]]]:
    return groupby(segments, key=lambda s: (s.chapter_no, s.chapter_title))


def _contents(segments: Iterable[Segment]) -> str:
    return "\n".join(
        f'<li><a href="#c{number}">{escape(title)}</a></li>' for (number, title), _ in _chapters(segments)
    )


def _text(segments: list[Segment], paragraphs: list[Any]) -> str:
    """The chapters' HTML; ingest has made the paragraphs' markup, with nothing in it but emphasis."""
    by_segment: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for paragraph in paragraphs:
        by_segment[paragraph["chapter_no"], paragraph["segment_no"]].append(paragraph)
    lines, playing = [], None
    for (number, title), inside in _chapters(segments):
        lines.append(f'<section class="chapter" aria-labelledby="c{number}">')
        # The heading stands inside the first segment, so that the reading line never falls between two.
        heading = [f'<h2 id="c{number}">{escape(title)}</h2>']
        for segment in inside:
            note = (
                "" if segment.piece == playing else f' data-music="{escape(segment.track_title, quote=True)}"'
            )
            playing = segment.piece
            lines.append(f'<div class="segment" id="s{number}-{segment.segment_no}"{note}>')
            lines += [*heading, *map(_paragraph, by_segment[number, segment.segment_no]), "</div>"]
            heading = []
        lines.append("</section>")
    return "\n".join(lines)


def _paragraph(paragraph: dict[str, Any]) -> str:
    anchor = f'id="p{paragraph["chapter_no"]}-{paragraph["paragraph_no"]}"'
    verses = paragraph["markup"].split("<br/>")
    if len(verses) == 1:
        return f"<p {anchor}>{verses[0]}</p>"
    return f'<p {anchor} class="verse">{"".join(f"<span>{verse}</span>" for verse in verses)}</p>'


def _soundtrack(soundtrack: Woven, audio: dict[str, Path]) -> dict[str, Any]:
    """What the page's program knows: the pieces by key, and the segments in reading order."""
    title = soundtrack.title
    used = {_key(s): s for s in soundtrack.segments}
    return {
        "name": soundtrack.name,
        "album": title.album_title,
        "pieces": {
            key: {
                "src": f"audio/{path.name}",
                "title": used[key].track_title,
                "artist": used[key].track_artist or title.album_artist or "",
                "gain_db": round(used[key].gain_db, 2),
                **_loop(used[key]),
            }
            for key, path in audio.items()
        },
        "segments": [
            {
                "id": f"s{s.chapter_no}-{s.segment_no}",
                "place": f"{s.chapter_no}.{s.segment_no}",
                "chapter": f"c{s.chapter_no}",
                "n_words": s.n_words,
                "piece": _key(s),
                "why": why(s, title.film_title),
            }
            for s in soundtrack.segments
        ],
    }
