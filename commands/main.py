"""Bookscore: gives a book its soundtrack. The command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from typing import Any

import click
import duckdb

from bookscore.commands import decide, models, settings
from bookscore.commands.export import export, read
from bookscore.commands.progress import show
from bookscore.commands.session import Front, Session
from bookscore.commands.work import (
    MEDIA,
    SETTINGS,
    film_sources,
    ingest_items,
    refuse_unread,
    weave_again,
    weave_title,
)
from bookscore.engine.errors import BelowGate, BookscoreError
from bookscore.engine.runner import Run
from bookscore.engine.settings import Settings, Value, read_pairs
from bookscore.ingest.album import medium as album_medium
from bookscore.ingest.book import medium as book_medium
from bookscore.ingest.heard.medium import RECOGNISERS
from bookscore.queries import evaluate as evaluation
from bookscore.queries import output as forms
from bookscore.queries import saved
from bookscore.queries import status as state
from bookscore.sql import settings as weave_settings
from bookscore.sql import title as title_job

EXISTING = click.Path(path_type=Path)


def taken(read: Callable[..., Any], *arguments: Any) -> Any:
    """What `read` makes of the value of an option.

    Parameters
    ----------
    read : callable
        Parses or checks the value.
    *arguments
        Passed to `read`.

    Raises
    ------
    click.BadParameter
        `read` raised a BookscoreError.
    """
    try:
        return read(*arguments)
    except BookscoreError as error:
        raise click.BadParameter(str(error)) from error


@click.group(cls=Front, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bookscore")
@click.option(
    "--warehouse",
    type=EXISTING,
    default=Path("warehouse"),
    envvar="BOOKSCORE_WAREHOUSE",
    show_default=True,
    show_envvar=True,
    help="Folder that holds the database.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Number of stages that run at a time, each in its own process.",
)
@click.option(
    "--models",
    type=click.Choice(["auto", "full", "embedded"]),
    default="auto",
    show_default=True,
    help="Set of models; auto: full if its weights are on disk, else embedded.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    callback=lambda ctx, param, pairs: taken(read_pairs, SETTINGS, pairs),
    help="Change a setting; 'bookscore settings' lists them. May be repeated.",
)
@click.option("--force", is_flag=True, help="Repeat stages that are already done.")
@click.option("-v", "--verbose", is_flag=True, help="Print more, and tracebacks of errors.")
@click.option("-q", "--quiet", is_flag=True, help="Print only results and errors.")
@click.option("--no-progress", is_flag=True, help="Print plain lines instead of a live display.")
@click.pass_context
def main(
    ctx: click.Context,
    warehouse: Path,
    jobs: int,
    models: str,
    settings: Settings,
    force: bool,
    verbose: bool,
    quiet: bool,
    no_progress: bool,
) -> None:
    """Gives a book a soundtrack, from its film adaptation and the film's soundtrack album.

    \b
    Example:
      bookscore weave --book B.epub --film F.mkv --album ALBUM/ --name "A Title"
      bookscore export reader "A Title" -o reader/
    """
    ctx.obj = Session(
        warehouse,
        jobs,
        -1 if quiet else int(verbose),
        not no_progress,
        force,
        models,
        SETTINGS,
    )
    ctx.obj.given = {name: (value, f"--set {name}") for name, value in settings.items()}


def changes(setting: str, *names: str, **of_option: Any) -> Callable[..., Any]:
    """An option that changes a setting, as --set does.

    Parameters
    ----------
    setting : str
        Full name of the setting, such as ``film.scenes``.
    *names : str
        Names of the option.
    **of_option
        Whatever else ``click.option`` takes.
    """

    def change(ctx: click.Context, option: click.Parameter, value: Value | None) -> None:
        if value is not None:
            ctx.obj.given[setting] = taken(SETTINGS[setting].checked, value), option.opts[0]

    return click.option(*names, expose_value=False, callback=change, **of_option)


SCENES = changes(
    "film.scenes",
    "--scenes",
    type=click.IntRange(1),
    help="Number of scenes to cut a film into; default: found from the film.",
)
TRANSCRIBE = changes(
    "film.transcribe", "--transcribe", is_flag=True, flag_value=1, default=None,
    help="Transcribe the speech if there are no subtitles (needs bookscore[transcribe]).",
)  # fmt: skip
KEEP_SPEECH = changes(
    "album.keep_speech", "--keep-speech", is_flag=True, flag_value=1, default=None,
    help="Keep the album's tracks that are speech; they are left out.",
)  # fmt: skip


@main.command()
@click.option("--book", type=EXISTING, help="EPUB, FB2, DOCX, HTML, Markdown or text file.")
@click.option(
    "--film",
    "films",
    type=EXISTING,
    multiple=True,
    help="Video, or a subtitle file alone. Once for each film of a series, in order. Without it, music is chosen by emotion.",
)
@click.option(
    "--subtitles",
    type=EXISTING,
    multiple=True,
    help="Subtitle file (srt, ass, vtt or ttml), one for each film, in order. Default: beside the video or inside it.",
)
@click.option(
    "--album",
    "albums",
    type=EXISTING,
    multiple=True,
    help="Folder of audio files or of albums. May be repeated: all of it is one pool of music.",
)
@click.option("--name", required=True, help="Name of the title, by which other commands find it.")
@SCENES
@TRANSCRIBE
@KEEP_SPEECH
@changes(
    "weave.recogniser",
    "--recogniser",
    type=click.Choice(RECOGNISERS),
    help="How the film's music is recognised: by correlation with the album's audio (default), by audio fingerprints "
    "(landmarks), or by Shazam.",
)
@changes(
    "weave.rule",
    "--rule",
    type=click.Choice(weave_settings.RULES),
    help="How music is chosen: optimized over the whole book (ours, default), or by the paper's rule, for comparison.",
)
@click.pass_obj
def weave(
    session: Session,
    book: Path | None,
    films: tuple[Path, ...],
    subtitles: tuple[Path, ...],
    albums: tuple[Path, ...],
    name: str,
) -> None:
    """Make a title: read book, films and album, align them, and choose the music.

    What is done is kept: if the command is interrupted, run it again and it resumes.

    With --name alone, an existing title is woven again from its media and with its settings, except those that you
    give now.

    \b
    Example:
      bookscore weave --book B.epub --film F.mkv --subtitles F.srt --album ALBUM/ --name "A Title"
      bookscore --set weave.seed=2 weave --name "A Title"
    """
    if not (book or albums or films or subtitles):
        with session.run() as run:
            with run.warehouse.reading() as connection:
                title = title_job.Title.woven(connection, name)
            weave_again(run, session, title)
            say_woven(run, name)
        return
    if not (book and albums):
        raise click.UsageError(
            "give --book and --album (any music will do), or --name alone for a title that exists"
        )
    wanted = [("book", book_medium.sources(book)), ("album", album_medium.sources(*albums))]
    if subtitles and len(subtitles) != len(films):
        raise click.UsageError(
            "give as many --subtitles as --film; a subtitle file without a video is given as --film"
        )
    for film, own in zip_longest(films, subtitles):
        wanted.append(("film", film_sources(session, film, own)))
    refuse_unread(session, *(medium for medium, _ in wanted))
    with session.run() as run:
        items = ingest_items(run, session, *wanted)
        ids = {item.medium.name: item.item_id for item in items}
        film_ids = tuple(dict.fromkeys(item.item_id for item in items if item.medium.name == "film"))
        title = title_job.Title(name, ids["book"], film_ids, ids["album"])
        weave_title(run, session, title)
        say_woven(run, name)


def say_woven(run: Run, name: str) -> None:
    """Print a summary of the woven title.

    Parameters
    ----------
    run : Run
    name : str
        Name of the title.

    Raises
    ------
    BelowGate
        The film does not match the book.
    """
    with run.warehouse.reading() as connection:
        summary = state.summary(connection, name)
    show(summary.line)
    if summary.mismatch:
        raise BelowGate(
            f"{name}: the film does not match the book ({summary.mismatch}): all music was chosen by emotion"
        )


for command in (*decide.COMMANDS, models.models, read, export, settings.settings):
    main.add_command(command)


@main.group(name="ingest")
def ingest_group() -> None:
    """Read a book, film or album into the warehouse and print its id. Example: bookscore ingest book B.epub"""


def ingest_one(session: Session, medium: str, sources: dict[str, Path]) -> None:
    """Ingest one medium and print its id.

    Parameters
    ----------
    session : Session
    medium : str
        book, film or album.
    sources : dict of str to Path
        Its files by their roles.
    """
    with session.run() as run:
        show(ingest_items(run, session, (medium, sources))[0].item_id)


@ingest_group.command("book")
@click.argument("path", type=EXISTING)
@click.pass_obj
def ingest_book(session: Session, path: Path) -> None:
    """Read an EPUB, FB2, DOCX, HTML, Markdown or text file. Example: bookscore ingest book B.epub"""
    ingest_one(session, "book", book_medium.sources(path))


@ingest_group.command("film")
@click.argument("path", type=EXISTING)
@click.option(
    "--subtitles",
    type=EXISTING,
    help="Subtitle file (srt, ass or vtt). Default: beside the video or inside it.",
)
@SCENES
@TRANSCRIBE
@click.pass_obj
def ingest_film(session: Session, path: Path, subtitles: Path | None) -> None:
    """Read a film. Example: bookscore ingest film F.mkv --subtitles F.srt"""
    ingest_one(session, "film", film_sources(session, path, subtitles))


@ingest_group.command("album")
@click.argument("path", type=EXISTING)
@KEEP_SPEECH
@click.pass_obj
def ingest_album(session: Session, path: Path) -> None:
    """Read a folder of audio files. Example: bookscore ingest album ALBUM/"""
    ingest_one(session, "album", album_medium.sources(path))


@main.command()
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_obj
def status(session: Session, form: str) -> None:
    """List the items and titles of the warehouse, what is done and left to do, and what is out of date. Example: bookscore status"""
    with session.reading() as connection:
        found = state.read(connection, MEDIA)
    show(json.dumps(found, indent=2) if form == "json" else state.lines(found))


@main.command()
@click.argument("what", required=False)
@click.option("--title", help="Title, for a saved query; default: the only one.")
@click.option(
    "--book", help="Title or id of a book, for a saved query; default: the title's, or the only one."
)
@click.option("--film", help="Title or id of a film, for a saved query; likewise.")
@click.option(
    "--format",
    "form",
    type=click.Choice(forms.FORMATS),
    help="Format; default: by the suffix of -o, else table.",
)
@click.option("-o", "--output", type=EXISTING, help="File to write to; required for parquet.")
@click.option(
    "--allow-files", is_flag=True, help="Allow the statement to read and write files and to use the network."
)
@click.pass_obj
def query(
    session: Session,
    what: str | None,
    title: str | None,
    book: str | None,
    film: str | None,
    form: str | None,
    output: Path | None,
    allow_files: bool,
) -> None:
    """Run an SQL statement, or a saved query by name; without either, list the saved queries.

    The statement can change nothing in the warehouse.

    In JSON and CSV a BLOB is base64; NaN and infinity are null in JSON. In CSV lists, structs and maps are JSON. In
    Parquet, types that it lacks (INTERVAL, BIT, TIME WITH TIME ZONE, UNION) are text.

    \b
    Examples:
      bookscore query "SELECT method, count(*) FROM soundtrack GROUP BY ALL"
      bookscore query coverage --format csv
    """
    form = forms.form_of(output, form)
    if form == "parquet" and output is None:
        raise click.UsageError("--format parquet needs -o FILE")
    if what is None:
        for name in saved.names():
            show(f"{name:22} {saved.read(name).what}")
        return
    with session.reading(closed=not allow_files) as connection:
        parameters: dict[str, str] = {}
        if what in saved.names():
            asked = saved.read(what)
            what = asked.sql
            if "title" in asked.parameters:
                parameters["title"] = title or saved.only_title(connection)
            for medium, given in (("book", book), ("film", film)):
                if medium in asked.parameters:
                    parameters[medium] = saved.one_item(connection, medium, title, given)
        try:
            rows = connection.sql(what, params=parameters or None)
            if output:
                forms.write(rows, form, output)
            else:
                show(forms.render(rows, form), nl=False)
        except duckdb.Error as error:
            raise BookscoreError(f"query: {error}") from error


@main.command()
@click.argument("name")
@click.option("--truth", type=EXISTING, required=True, help="JSON file: for each chapter, spans of the film.")
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
)
@click.pass_obj
def evaluate(session: Session, name: str, truth: Path, form: str) -> None:
    """Measure the alignment against your ground truth: the share of shots assigned to the right chapter.

    The ground truth is a JSON object: for each chapter number, the spans of the film that show it, in seconds. What
    lies in no span is not in the book. For a series, it is a list of such objects, one for each film. For a film
    without a picture, scenes are counted instead of shots.

    \b
    Example truth: {"1": [[0, 95.5], [301, 340]], "2": [[95.5, 301]]}
    Example:       bookscore evaluate "A Title" --truth truth.json
    """
    told = evaluation.read_truth(truth)
    with session.reading() as connection:
        shares = evaluation.shares(connection, name, told)
    show(forms.render(shares, form), nl=False)
