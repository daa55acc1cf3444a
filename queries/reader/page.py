"""The reader's page: the book's text as HTML, and what its program is told."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from html import escape
from importlib.resources import files
from itertools import groupby
from string import Template
from typing import Any

from bookscore.queries.reader.choices import Offer
from bookscore.queries.sound import music_files
from bookscore.queries.why import reasons
from bookscore.queries.woven import Segment, Title, Woven

WORDS_PER_MIN = 250
GENERATOR = '<meta name="generator" content="Bookscore">'
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
    title = soundtrack.title
    style, script = _asset("reader.css"), "".join(map(_asset, PROGRAM))
    told = {
        "name": soundtrack.name,
        "album": title.album_title,
        "pieces": _pieces(offered, audio, title),
        "segments": [
            _segment(s, offer, frames, soundtrack.film_titles)
            for s, offer in zip(soundtrack.segments, offered, strict=True)
        ],
    }
    return Template(_asset("index.html")).substitute(
        generator=GENERATOR,
        language=escape(title.language or "", quote=True),
        title=escape(title.book_title),
        author=escape(title.author or ""),
        made_with=soundtrack.made_with(escape),
        reading_time=_reading_time(title.n_words),
        style=style,
        style_hash=_csp_hash(style),
        script=script,
        script_hash=_csp_hash(script),
        contents=_contents(soundtrack.segments),
        text=_text(soundtrack.segments, paragraphs),
        # "<" must not end the script element.
        soundtrack=json.dumps(told, ensure_ascii=False).replace("<", "\\u003c"),
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


def _pieces(offered: list[Offer], audio: Mapping[str, str], title: Title) -> dict[str, Any]:
    choices = {key(choice): choice for offer in offered for choice in offer.choices}
    return {
        name: {
            "src": audio[name],
            "title": choices[name].track_title,
            "artist": choices[name].track_artist or title.album_artist or "",
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
        "id": f"s{segment.chapter_no}-{segment.segment_no}",
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


def _chapters(segments: Iterable[Segment]) -> Iterable[tuple[tuple[int, str], Iterable[Segment]]]:
    return groupby(segments, key=lambda s: (s.chapter_no, s.chapter_title))


def _contents(segments: Iterable[Segment]) -> str:
    return "\n".join(
        f'<li><a href="#c{number}">{escape(title)}</a></li>' for (number, title), _ in _chapters(segments)
    )


def _text(segments: list[Segment], paragraphs: list[Any]) -> str:
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
    """A paragraph's HTML: whatever its markup holds, nothing but emphasis and line breaks comes through."""
    import nh3

    anchor = f'id="p{paragraph["chapter_no"]}-{paragraph["paragraph_no"]}"'
    # A line break stands inside no element (see ingest.book.formats.markup), so that each line is whole by itself.
    verses = [nh3.clean(line, tags=EMPHASIS, attributes={}) for line in paragraph["markup"].split("<br/>")]
    if len(verses) == 1:
        return f"<p {anchor}>{verses[0]}</p>"
    return f'<p {anchor} class="verse">{"".join(f"<span>{verse}</span>" for verse in verses)}</p>'
