"""The reader's page: what its template shows, and what its program is told."""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from collections.abc import Mapping
from importlib.resources import files
from itertools import groupby
from typing import Any

from markupsafe import Markup

from bookscore.queries import templates
from bookscore.queries.reader.choices import Offer
from bookscore.queries.sound import music_files
from bookscore.queries.why import reasons
from bookscore.queries.woven import Segment, Woven

WORDS_PER_MIN = 250
GENERATOR = Markup('<meta name="generator" content="Bookscore">')
EMPHASIS = {"em", "strong", "small", "sub", "sup"}
PROGRAM = ("music.js", "score.js", "controls.js", "page.js")


def page(
    soundtrack: Woven,
    offered: list[Offer],
    paragraphs: list[Any],
    audio: Mapping[str, str],
    frames: Mapping[bytes, str],
) -> str:
    """The reader's HTML.

    Parameters
    ----------
    soundtrack : Woven
    offered : list of Offer
        For each segment.
    paragraphs : list of dict
        Rows of ``text.sql``.
    audio : mapping of str to str
        Path of each piece's file from the page's folder, by the piece's key.
    frames : mapping of bytes to str
        The same for each frame, by the frame itself.
    """
    style, script = _asset("reader.css"), "".join(map(_asset, PROGRAM))
    told = {
        "name": soundtrack.name,
        "album": soundtrack.title.album_title,
        "pieces": _pieces(offered, audio),
        "segments": [
            _segment(s, offer, frames, soundtrack.film_titles)
            for s, offer in zip(soundtrack.segments, offered, strict=True)
        ],
    }
    return templates.render(
        "reader/index.html.j2",
        generator=GENERATOR,
        language=soundtrack.title.language or "",
        soundtrack=soundtrack,
        reading_time=_reading_time(soundtrack.title.n_words),
        style=Markup(style),  # our own files, which hold no "</style" and no "</script"
        style_hash=_csp_hash(style),
        script=Markup(script),
        script_hash=_csp_hash(script),
        chapters=_chapters(soundtrack.segments, paragraphs),
        told=told,
    )


def key(segment: Segment) -> str:
    """What a segment's piece is called in the page and in its file's name."""
    return f"{segment.track_no:02}-{segment.music_segment_no:02}"


def loops(segment: Segment) -> bool:
    """Whether a segment's piece has loop points that lie inside its file."""
    return segment.loop_end_s is not None and segment.loop_end_s - segment.start_s <= music_files.LONGEST_S


def _loop(segment: Segment) -> dict[str, float]:
    """Loop points in seconds of the piece's file; nothing where its raw ends are cross-faded."""
    if not loops(segment) or segment.loop_start_s is None or segment.loop_end_s is None:
        return {}
    return {
        "loop_start_s": round(segment.loop_start_s - segment.start_s, 6),
        "loop_end_s": round(segment.loop_end_s - segment.start_s, 6),
    }


def _pieces(offered: list[Offer], audio: Mapping[str, str]) -> dict[str, Any]:
    choices = {key(choice): choice for offer in offered for choice in offer.choices}
    return {
        name: {
            "src": audio[name],
            "title": choices[name].track_title,
            "artist": choices[name].track_artist or "",
            "arousal": round(choices[name].arousal, 3),
            "gain_db": round(choices[name].gain_db, 2),
            **_loop(choices[name]),
        }
        for name in sorted(choices)
    }


def _segment(
    segment: Segment, offer: Offer, frames: Mapping[bytes, str], films: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "id": _id(segment),
        "place": f"{segment.chapter_no}.{segment.segment_no}",
        "chapter": f"c{segment.chapter_no}",
        "n_words": segment.n_words,
        "choices": [{"piece": key(c), "why": reasons(c, films)} for c in offer.choices],
        "matches": [
            {
                "of": match.film_title,
                "when": match.when,
                "book": match.book_text,
                "film": match.film_text,
                "frame": frames[jpeg] if jpeg else None,
            }
            for match, jpeg in offer.matches
        ],
    }


def _asset(name: str) -> str:
    return files("bookscore.queries.reader").joinpath(name).read_text(encoding="utf-8")


def _csp_hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _reading_time(n_words: int) -> str:
    hours, minutes = divmod(max(1, round(n_words / WORDS_PER_MIN)), 60)
    return " ".join([*([f"{hours} h"] if hours else []), *([f"{minutes} min"] if minutes else [])])


def _chapters(segments: list[Segment], paragraphs: list[Any]) -> list[dict[str, Any]]:
    """The book's text; a segment names its music where it changes."""
    by_segment: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for paragraph in paragraphs:
        by_segment[paragraph["chapter_no"], paragraph["segment_no"]].append(paragraph)
    chapters, playing = [], None
    for (number, title), inside in groupby(segments, key=lambda s: (s.chapter_no, s.chapter_title)):
        shown: list[dict[str, Any]] = []
        for segment in inside:
            shown.append(
                {
                    "id": _id(segment),
                    "music": None if segment.piece == playing else segment.track_title,
                    "paragraphs": [_paragraph(p) for p in by_segment[number, segment.segment_no]],
                }
            )
            playing = segment.piece
        chapters.append({"number": number, "title": title, "segments": shown})
    return chapters


def _id(segment: Segment) -> str:
    return f"s{segment.chapter_no}-{segment.segment_no}"


def _paragraph(paragraph: dict[str, Any]) -> dict[str, Any]:
    """A paragraph's lines: whatever its markup holds, nothing but emphasis and line breaks comes through."""
    import nh3

    # A line break stands inside no element (see ingest.book.formats.markup), so that each line is whole by itself.
    lines = paragraph["markup"].split("<br/>")
    return {
        "id": f"p{paragraph['chapter_no']}-{paragraph['paragraph_no']}",
        # Markup, since it was cleaned of all but emphasis.
        "lines": [Markup(nh3.clean(line, tags=EMPHASIS, attributes={})) for line in lines],
    }
