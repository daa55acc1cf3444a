"""The soundtrack as one sound file with chapters."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import duckdb

from bookscore.queries import atomic, woven
from bookscore.queries.epub import source
from bookscore.queries.sound import mix, sound_file
from bookscore.queries.sound.mix import Stretch
from bookscore.queries.sound.sound_file import Chapter


def write(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    path: Path,
    *,
    wpm: float = mix.WORDS_PER_MIN,
    fade: float = mix.FADE_S,
) -> None:
    """Write a title's soundtrack as one file, for a reader of a given speed. See `TitleWriter`.

    Parameters
    ----------
    path : Path
        Its suffix tells the form: .m4b, .m4a, .opus, .mp3 or .flac.
    wpm : float
        Words read in a minute.
    fade : float
        Seconds of a cross-fade.

    Raises
    ------
    BookscoreError
        Also where the suffix is none of these.
    """
    codec = sound_file.codec_of(path)
    soundtrack = woven.load(connection, name)
    title = soundtrack.title
    book = mix.stretches(soundtrack.segments, wpm)
    marks = chapters(book)
    with atomic.replacing(path) as part:
        with sound_file.SoundFile(part, codec, marks) as file:
            for block in mix.mixed(book, codec.rate_hz, fade):
                file.write(block)
        tags = {
            "title": title.book_title,
            "album": title.book_title,
            "artist": title.album_artist or "",
            "albumartist": title.author or "",
        }
        sound_file.tag(part, codec, tags, source.cover(connection, name), marks)


def chapters(book: list[Stretch]) -> list[Chapter]:
    """The book's chapters at their place in the reading time."""
    placed = [
        (segment, start_s, end_s)
        for stretch in book
        for segment, start_s, end_s in zip(
            stretch.segments, stretch.borders_s, stretch.borders_s[1:], strict=False
        )
    ]
    found = []
    for (_, title), inside in groupby(placed, key=lambda p: (p[0].chapter_no, p[0].chapter_title)):
        spans = list(inside)
        found.append(Chapter(title, spans[0][1], spans[-1][2]))
    return found
