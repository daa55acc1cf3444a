"""Playlists as text: M3U8, XSPF, JSPF and CSV."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import polars as pl

from bookscore.engine.errors import BookscoreError
from bookscore.queries.output import guarded
from bookscore.queries.soundtrack_json import rounded
from bookscore.queries.why import why
from bookscore.queries.woven import Woven
from bookscore.queries.xml_text import allowed

if TYPE_CHECKING:
    from bookscore.queries.playlist import Entry

EXTENSION = "urn:bookscore:playlist:1"
XSPF = "http://xspf.org/ns/0/"


def m3u8(soundtrack: Woven, entries: Sequence[Entry]) -> str:
    """M3U8; places in tracks by ``start-time`` and ``stop-time``, which VLC alone obeys.

    VLC takes an entry for a URL, so ``#``, ``?`` and ``%`` in a file's name are written as there.

    Parameters
    ----------
    soundtrack : Woven
    entries : sequence of Entry
        What plays, in order.
    """
    lines = ["#EXTM3U", f"#PLAYLIST:{_one_line(soundtrack.title.book_title)}"]
    for entry in entries:
        segment = entry.segment
        played = " - ".join(filter(None, [segment.track_artist, segment.track_title]))
        lines.append(f"# {_one_line(f'{_place(entry)} {segment.chapter_title}')}")
        lines.append(f"#EXTINF:{round(entry.duration_s)},{_one_line(played)}")
        if entry.start_s is not None and entry.stop_s is not None:
            lines.append(f"#EXTVLCOPT:start-time={entry.start_s:.3f}")
            lines.append(f"#EXTVLCOPT:stop-time={entry.stop_s:.3f}")
        lines.append(re.sub("[#?%]", lambda sign: quote(sign[0]), entry.location))
    return "\n".join(lines) + "\n"


def xspf(soundtrack: Woven, entries: Sequence[Entry]) -> str:
    """XSPF version 1; place, method and evidence stand in an extension.

    Parameters
    ----------
    soundtrack : Woven
    entries : sequence of Entry
        What plays, in order.
    """
    from lxml import etree
    from lxml.builder import ElementMaker

    e = ElementMaker(namespace=XSPF, nsmap={None: XSPF, "bookscore": EXTENSION})
    own = ElementMaker(namespace=EXTENSION)
    tracks = []
    for entry in entries:
        known = _track(soundtrack, entry)
        parts = [getattr(e, name)(str(value)) for name, value in known.items() if value is not None]
        facts = {
            name: str(value)
            for name, value in _facts(entry).items()
            if name != "evidence" and value is not None
        }
        evidence = json.dumps(rounded(entry.segment.evidence), ensure_ascii=False)
        extension = e.extension(own.segment(allowed(evidence), facts), application=EXTENSION)
        tracks.append(e.track(*parts, extension))
    title = soundtrack.title
    head = [e.title(allowed(title.book_title))]
    if title.album_artist:
        head.append(e.creator(allowed(title.album_artist)))
    playlist = e.playlist(*head, e.trackList(*tracks), version="1")
    return etree.tostring(playlist, xml_declaration=True, encoding="utf-8", pretty_print=True).decode()


def jspf(soundtrack: Woven, entries: Sequence[Entry]) -> str:
    """JSPF: what XSPF says, in JSON.

    Parameters
    ----------
    soundtrack : Woven
    entries : sequence of Entry
        What plays, in order.
    """
    tracks = []
    for entry in entries:
        track: dict[str, Any] = {k: v for k, v in _track(soundtrack, entry).items() if v is not None}
        track["location"] = [track["location"]]
        tracks.append(track | {"extension": {EXTENSION: [_facts(entry)]}})
    title = soundtrack.title
    playlist = {"title": title.book_title, "track": tracks}
    if title.album_artist:
        playlist["creator"] = title.album_artist
    return json.dumps({"playlist": playlist}, ensure_ascii=False, indent=1) + "\n"


def csv(soundtrack: Woven, entries: Sequence[Entry]) -> str:
    """CSV with a head: an entry a line, for spreadsheets, with texts guarded as `guarded` says.

    Parameters
    ----------
    soundtrack : Woven
    entries : sequence of Entry
        What plays, in order.
    """
    rows = [
        {
            "chapter_no": entry.segment.chapter_no,
            "segment_no": entry.segment.segment_no,
            "chapter": entry.segment.chapter_title,
            "track_no": entry.segment.track_no,
            "track": entry.segment.track_title,
            "artist": entry.segment.track_artist,
            "file": entry.location,
            "start_s": entry.start_s,
            "stop_s": entry.stop_s,
            "duration_s": entry.duration_s,
            "method": entry.segment.method,
            "score": entry.segment.score,
        }
        for entry in entries
    ]
    types = {"artist": pl.String, "start_s": pl.Float64, "stop_s": pl.Float64}
    texts = ("chapter", "track", "artist", "file")
    return guarded(pl.DataFrame(rows, schema_overrides=types), texts).write_csv(float_precision=3)


FORMS: dict[str, Callable[[Woven, Sequence[Entry]], str]] = {
    "m3u8": m3u8, "xspf": xspf, "jspf": jspf, "csv": csv,
}  # fmt: skip


def form_of(path: Path) -> str:
    """The form that a file's suffix asks for; M3U8 where it has none.

    Raises
    ------
    BookscoreError
        There is none; lists the forms there are.
    """
    suffix = path.suffix.lower().removeprefix(".")
    form = {"m3u": "m3u8", "": "m3u8"}.get(suffix, suffix)
    if form not in FORMS:
        raise BookscoreError(f"{path}: name it .{', .'.join(FORMS)}, or give its format with --form")
    return form


def _track(soundtrack: Woven, entry: Entry) -> dict[str, str | int | None]:
    """XSPF's own elements, in the order of its schema."""
    title, segment = soundtrack.title, entry.segment
    return {
        "location": quote(entry.location),
        "title": allowed(segment.track_title),
        "creator": allowed(segment.track_artist or "") or None,
        "annotation": allowed(" ".join(why(segment, soundtrack.film_titles))),
        "album": allowed(segment.track_album or title.album_title),
        "trackNum": segment.track_no,
        "duration": round(1000 * entry.duration_s),
    }


def _facts(entry: Entry) -> dict[str, Any]:
    """What other programs may want to know and XSPF has no element for."""
    segment = entry.segment
    return {
        "chapter_no": segment.chapter_no,
        "segment_no": segment.segment_no,
        "chapter": allowed(segment.chapter_title),
        "start_s": None if entry.start_s is None else round(entry.start_s, 3),
        "stop_s": None if entry.stop_s is None else round(entry.stop_s, 3),
        "gain_db": round(segment.gain_db, 2),
        "emotion": segment.emotion,
        "method": segment.method,
        "score": round(segment.score, 4),
        "evidence": rounded(segment.evidence),
    }


def _place(entry: Entry) -> str:
    return f"{entry.segment.chapter_no}.{entry.segment.segment_no}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
