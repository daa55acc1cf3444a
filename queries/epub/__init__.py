"""The book as an EPUB 3 whose pages carry their music, for readers that know ``ibooks:soundtrack``."""

from __future__ import annotations

import io
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from bookscore.queries import atomic, saved, status, woven
from bookscore.queries.epub import documents, package, source
from bookscore.queries.epub.source import File
from bookscore.queries.sound import looping
from bookscore.queries.sound.sound_file import CODECS, Codec
from bookscore.queries.woven import Segment, Woven

FORMS = ("aac", "opus")
"""Of EPUB's sound formats those without silence at a loop's seam."""


def write(connection: duckdb.DuckDBPyConnection, name: str, path: Path, *, codec: str = "aac") -> str | None:
    """Write a title as an EPUB: a content document for every text segment, each naming its music.

    Every piece in use is encoded once, as a loop whose seam is in the file. Cover, style sheets and metadata
    are those of the book's file, where that was an EPUB; the warehouse has them. See `TitleWriter`.

    Parameters
    ----------
    codec : str
        aac, which all reading apps with soundtracks play, or opus, which is smaller.

    Returns
    -------
    str or None
        A line for the user where the warehouse lacks what the book's EPUB tells about itself, or where files
        of it are left out.
    """
    soundtrack = woven.load(connection, name)
    paragraphs: list[Any] = saved.run(connection, "text", title=name)
    original = source.read(connection, name)
    sound = CODECS[codec]
    pages = list(_pages(soundtrack, paragraphs, original, sound))
    with atomic.replacing(path) as part:
        package.write(part, soundtrack, original, pages, _music(soundtrack.segments, sound))
    return _note(soundtrack, original) or _gone_without(connection, name)


def _note(soundtrack: Woven, original: source.Source) -> str | None:
    path = soundtrack.title.book_path
    if original.metadata or not path.lower().endswith(".epub"):
        return None
    # A book that an older Bookscore read: every EPUB names its title.
    return (
        f"{path}: its cover and styles are not in the warehouse, so the export has Bookscore's own plain style "
        "and no cover; ingest the book again to keep them"
    )


def _gone_without(connection: duckdb.DuckDBPyConnection, name: str) -> str | None:
    book_id = connection.execute("SELECT book_id FROM title WHERE name = ?", [name]).fetchall()[0][0]
    return next(iter(status.files_gone_without(connection, book_id)), None)


def _name(segment: Segment, codec: Codec) -> str:
    return f"audio/{segment.track_no:02}-{segment.music_segment_no:02}{codec.suffix}"


def _music(segments: Iterable[Segment], codec: Codec) -> Iterator[File]:
    """A file for every piece in use."""
    used = {segment.piece: segment for segment in segments}
    ordered = [used[piece] for piece in sorted(used)]

    def encode(segment: Segment) -> bytes:
        file = io.BytesIO()
        looping.write(file, segment, codec)
        return file.getvalue()

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # FFmpeg works outside the interpreter's lock
        for segment, data in zip(ordered, pool.map(encode, ordered), strict=True):
            yield File(_name(segment, codec), codec.media_type, data)


def _pages(
    soundtrack: Woven, paragraphs: list[Any], original: source.Source, codec: Codec
) -> Iterator[documents.Page]:
    """The reading order."""
    title = soundtrack.title
    shown = documents.Writer(title.language, [f"source/{style}" for style in original.styles])
    if original.cover:
        yield documents.Page("cover.xhtml", shown.cover(original.cover.path, title.book_title))
    yield documents.Page("title.xhtml", shown.title(soundtrack))
    by_segment: dict[tuple[int, int], list[str]] = defaultdict(list)
    for p in paragraphs:
        anchor = f"p{p['chapter_no']}-{p['paragraph_no']}"
        by_segment[p["chapter_no"], p["segment_no"]].append(shown.paragraph(anchor, p["markup"]))
    for (chapter_no, chapter_title), inside in groupby(
        soundtrack.segments, key=lambda s: (s.chapter_no, s.chapter_title)
    ):
        heading: str | None = chapter_title
        for segment in inside:
            text = by_segment[chapter_no, segment.segment_no]
            document = shown.segment(chapter_title, heading, text, _name(segment, codec))
            yield documents.Page(f"text/{chapter_no:03}-{segment.segment_no:03}.xhtml", document, heading)
            heading = None
