"""Every form in which a woven title can be had, as the command line offers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from queries import audio, epub, mix, playlist, reader, report, scenes_page, soundtrack_json, tables
from queries.playlist.forms import FORMS
from queries.sound_file import CODECS

Option = Callable[[Callable[..., Any]], Callable[..., Any]]


@dataclass(frozen=True)
class Export:
    """A command ``export form NAME -o OUTPUT``.

    Attributes
    ----------
    form : str
    write : callable
        Takes a connection, the title's name, the output and the values of the options; where it returns text,
        that is said to the user.
    what, example : str
        For the help; an output that the example writes to.
    options : tuple of callable
        Click's.
    then : str
        What to do with the output.
    """

    form: str
    write: Callable[..., object]
    what: str
    example: str
    options: tuple[Option, ...] = ()
    then: str = ""


def _speed(default: float | None, meaning: str) -> Option:
    """How fast the user reads."""
    return click.option(
        "--wpm",
        type=click.FloatRange(1, 10_000),
        default=default,
        show_default=True,
        help=f"Words you read in a minute{meaning}.",
    )


def _codec(names: list[str], default: str) -> Option:
    return click.option(
        "--codec", type=click.Choice(names), default=default, show_default=True, help="Of the music's files."
    )


EXPORTS = (
    Export(
        "playlist", playlist.write, "Playlist: m3u8, xspf, jspf or csv.", "title.m3u8",
        (
            click.option("--form", type=click.Choice(list(FORMS)), help="Default: as the suffix says."),
            _speed(None, ": music then lasts as long as its text. Default: each piece plays once"),
            click.option("--cut", is_flag=True, help="Cut the music into files, for players that know no offsets."),
            _codec(list(CODECS), "opus"),
        ),
    ),
    Export("json", soundtrack_json.write, "Everything about the soundtrack.", "title.json"),
    Export(
        "reader", reader.write, "Folder with a web page to read in.", "reader/",
        then=": open its index.html in a browser",
    ),
    Export(
        "epub", epub.write, "EPUB 3 whose pages carry their music.", "title.epub",
        (_codec(list(epub.FORMS), "aac"),),
    ),
    Export(
        "audio", audio.write, "One sound file with chapters: m4b, m4a, opus, mp3 or flac.", "title.m4b",
        (
            _speed(mix.WORDS_PER_MIN, ""),
            click.option("--fade", type=click.FloatRange(0, 60), default=mix.FADE_S, show_default=True,
                         help="Seconds of a cross-fade."),
        ),
    ),
    Export("tables", tables.write, "Parquet of every table, with a data dictionary.", "tables/"),
    Export("report", report.write, "Page that shows how the soundtrack was woven.", "report.html"),
    Export("scenes", scenes_page.write, "Page of a film's scenes; NAME: title or film.", "scenes.html"),
)  # fmt: skip
