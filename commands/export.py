"""Commands that read a woven title: ``read`` here and now, and ``export`` in every form there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from bookscore.commands.progress import show
from bookscore.commands.session import Session
from bookscore.queries import epub, playlist, reader, report, soundtrack_json, tables
from bookscore.queries.playlist.forms import FORMS
from bookscore.queries.report import scenes as scenes_page
from bookscore.queries.sound import audio, mix
from bookscore.queries.sound.sound_file import CODECS
from bookscore.queries.writer import TitleWriter

Option = Callable[[Callable[..., Any]], Callable[..., Any]]


@dataclass(frozen=True)
class Export:
    """A command ``export form NAME -o OUTPUT``.

    Attributes
    ----------
    form : str
    write : TitleWriter
    what, example : str
        For the help; an output that the example writes to.
    options : tuple of callable
        Click's.
    then : str
        What to do with the output.
    """

    form: str
    write: TitleWriter
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
        help=f"Your reading speed in words per minute{meaning}.",
    )


def _codec(names: list[str], default: str) -> Option:
    return click.option(
        "--codec",
        type=click.Choice(names),
        default=default,
        show_default=True,
        help="Codec of the audio files.",
    )


EXPORTS = (
    Export(
        "playlist", playlist.write, "Playlist: m3u8, xspf, jspf or csv.", "title.m3u8",
        (
            click.option("--form", type=click.Choice(list(FORMS)), help="Format; default: by the suffix of the output."),
            _speed(None, ", to which the duration of the music is fitted. Default: each piece plays once"),
            click.option("--cut", is_flag=True, help="Write each piece as an audio file, for players that ignore start and stop times."),
            _codec(list(CODECS), "opus"),
        ),
    ),
    Export("json", soundtrack_json.write, "The soundtrack as JSON, with times, loop points, scores and evidence.", "title.json"),
    Export(
        "reader", reader.write, "Reader: a folder with a web page that plays the music as you read.", "reader/",
        then=": open its index.html in a browser",
    ),
    Export(
        "epub", epub.write, "EPUB 3 with the music, for reading apps that play a book's soundtrack.", "title.epub",
        (_codec(list(epub.FORMS), "aac"),),
    ),
    Export(
        "audio", audio.write, "One audio file with chapters: m4b, m4a, opus, mp3 or flac.", "title.m4b",
        (
            _speed(mix.WORDS_PER_MIN, ""),
            click.option("--fade", type=click.FloatRange(0, 60), default=mix.FADE_S, show_default=True,
                         help="Length of a cross-fade, in seconds."),
        ),
    ),
    Export("tables", tables.write, "Folder with a Parquet file for each table, and a data dictionary.", "tables/"),
    Export("report", report.write, "Web page that shows the alignment and the reasons for each choice of music.", "report.html"),
    Export("scenes", scenes_page.write, "Web page of a film's scenes; NAME is a title or a film.", "scenes.html"),
)  # fmt: skip


@click.command()
@click.argument("name")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Port of the web server; 0: any free one. Default: a fixed one, so that the browser remembers your place.",
)
@click.option("--no-open", is_flag=True, help="Do not open the browser.")
@click.pass_obj
def read(session: Session, name: str, port: int | None, no_open: bool) -> None:
    """Open a woven title in the browser, with its music; Ctrl-C ends. Example: bookscore read "A Title\""""
    import webbrowser
    from tempfile import TemporaryDirectory

    from bookscore.queries.reader.serve import address, serve

    with TemporaryDirectory(prefix="bookscore-") as folder, serve(Path(folder), port) as server:
        session.reporter.say("making the reader …")
        with session.reading_title(name) as connection:
            reader.write(connection, name, Path(folder))
        show(address(server))
        if not no_open:
            webbrowser.open(address(server))
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            session.reporter.say("closed")


@click.group()
def export() -> None:
    """Export a woven title, to read it, to listen to it or to analyse it.

    \b
    Example:
      bookscore export playlist "A Title" -o title.m3u8 --wpm 250 --cut
    """


def add_export(wanted: Export) -> None:
    """Add its command."""

    def command(session: Session, name: str, output: Path, **chosen: object) -> None:
        with session.reading_title(name) as connection:
            note = wanted.write(connection, name, output, **chosen)
        if isinstance(note, str):
            session.reporter.say(note)
        session.reporter.say(f"wrote {output}{wanted.then}")

    given: Callable[..., object] = click.pass_obj(command)
    for option in reversed(wanted.options):
        given = option(given)
    given = click.option("-o", "--output", type=click.Path(path_type=Path), required=True)(given)
    example = f'bookscore export {wanted.form} "A Title" -o {wanted.example}'
    export.command(wanted.form, help=f"{wanted.what} Example: {example}")(click.argument("name")(given))


for exported in EXPORTS:
    add_export(exported)
