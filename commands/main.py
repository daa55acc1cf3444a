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
from bookscore.commands.work import MEDIA, SETTINGS, ingest_items, refuse_unread, weave_again, weave_title
from bookscore.engine.errors import BelowGate, BookscoreError
from bookscore.engine.runner import Run
from bookscore.engine.settings import Settings, Value, read_pairs
from bookscore.ingest.album import medium as album_medium
from bookscore.ingest.album import probe as album_probe
from bookscore.ingest.book import medium as book_medium
from bookscore.ingest.film import medium as film_medium
from bookscore.ingest.heard.medium import RECOGNISERS
from bookscore.queries import evaluate as evaluation
from bookscore.queries import output as forms
from bookscore.queries import saved
from bookscore.queries import status as state
from bookscore.sql import settings as weave_settings
from bookscore.sql import title as title_job

EXISTING = click.Path(path_type=Path)


def taken(read: Callable[..., Any], *arguments: Any) -> Any:
    """What `read` makes of the value of an option; an error of it is one of usage."""
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
    help="Folder of the database.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Stages run at a time, each in its own process.",
)
@click.option(
    "--models",
    type=click.Choice(["auto", "full", "embedded"]),
    default="auto",
    show_default=True,
    help="Set of models; auto: full where its weights are on disk, else embedded.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    callback=lambda ctx, param, pairs: taken(read_pairs, SETTINGS, pairs),
    help="Change a setting ('bookscore settings' lists them).",
)
@click.option("--force", is_flag=True, help="Do again what is done.")
@click.option("-v", "--verbose", is_flag=True, help="Say more; show tracebacks.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but results and errors.")
@click.option("--no-progress", is_flag=True, help="No live display, only lines.")
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
    """Gives a book its soundtrack, from the film made of it and the film's album.

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
    help="How many scenes a film is cut into; default: a rule.",
)
TRANSCRIBE = changes(
    "film.transcribe", "--transcribe", is_flag=True, flag_value=1, default=None,
    help="Where there are no subtitles, write down what is heard (needs bookscore[transcribe]).",
)  # fmt: skip


@main.command()
@click.option("--book", type=EXISTING, help="EPUB, HTML, Markdown or text.")
@click.option(
    "--film",
    "films",
    type=EXISTING,
    multiple=True,
    help="Video, or a subtitle file alone; a series: once each, in order; none: music by emotion only.",
)
@click.option(
    "--subtitles",
    type=EXISTING,
    multiple=True,
    help="srt, ass or vtt, one for each film, in order; default: beside the film or inside it.",
)
@click.option(
    "--album",
    "albums",
    type=EXISTING,
    multiple=True,
    help="Folder of audio files, or of albums; several: one pool of music.",
)
@click.option("--name", required=True, help="What to call the result.")
@SCENES
@TRANSCRIBE
@changes(
    "weave.recogniser",
    "--recogniser",
    type=click.Choice(RECOGNISERS),
    help="How the film's music is recognised: by the album's own sound (default), by landmarks, by Shazam.",
)
@changes(
    "weave.rule",
    "--rule",
    type=click.Choice(weave_settings.RULES),
    help="How music is chosen: ours (default), or as the paper has it, by chance, to compare with.",
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
    """Do everything: ingest what is new, align, weave, check. Can be killed and run again.

    With --name alone, a title is woven again of the media and with the settings that it was woven of before.

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
            "a title wants --book and --album (any music will do); one that is woven, --name"
        )
    # All files are looked at before the first is read: that may take an hour.
    wanted = [("book", book_medium.sources(book)), ("album", album_medium.sources(*albums))]
    album_probe.check(wanted[1][1])
    if subtitles and len(subtitles) != len(films):
        raise click.UsageError(
            "--subtitles goes with --film, one for each; a subtitle file alone is given as --film"
        )
    for film, own in zip_longest(films, subtitles):
        wanted.append(("film", film_medium.sources(film, own)))
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
    """Read one medium into the warehouse; prints its id. Example: bookscore ingest book B.epub"""


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
    """Read an EPUB, HTML, Markdown or text. Example: bookscore ingest book B.epub"""
    ingest_one(session, "book", book_medium.sources(path))


@ingest_group.command("film")
@click.argument("path", type=EXISTING)
@click.option("--subtitles", type=EXISTING, help="Default: beside the film or inside it.")
@SCENES
@TRANSCRIBE
@click.pass_obj
def ingest_film(session: Session, path: Path, subtitles: Path | None) -> None:
    """Read a film. Example: bookscore ingest film F.mkv --subtitles F.srt"""
    ingest_one(session, "film", film_medium.sources(path, subtitles))


@ingest_group.command("album")
@click.argument("path", type=EXISTING)
@click.pass_obj
def ingest_album(session: Session, path: Path) -> None:
    """Read a folder of audio files. Example: bookscore ingest album ALBUM/"""
    sources = album_medium.sources(path)
    album_probe.check(sources)
    ingest_one(session, "album", sources)


@main.command()
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_obj
def status(session: Session, form: str) -> None:
    """What is in the warehouse, what each job did, what is left. Example: bookscore status"""
    with session.reading() as connection:
        found = state.read(connection, MEDIA)
    show(json.dumps(found, indent=2) if form == "json" else state.lines(found))


@main.command()
@click.argument("what", required=False)
@click.option("--title", help="Title for a saved query; default: the only one there is.")
@click.option("--book", help="Book for a saved query, by title or id; default: the title's or the only one.")
@click.option("--film", help="Film for a saved query, likewise.")
@click.option(
    "--format",
    "form",
    type=click.Choice(forms.FORMATS),
    help="Default: what the suffix of -o says, else table.",
)
@click.option("-o", "--output", type=EXISTING, help="File to write; needed for parquet.")
@click.option(
    "--allow-files", is_flag=True, help="Let the statement read and write files, and use the network."
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
    """Ask anything in SQL, or run a saved query by name; without either, list those.

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
@click.option(
    "--truth", type=EXISTING, required=True, help="JSON file: chapter numbers with stretches of film."
)
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
)
@click.pass_obj
def evaluate(session: Session, name: str, truth: Path, form: str) -> None:
    """Share of a film's shots that lie in the right chapter, by a truth that you give.

    The truth tells for each chapter number which stretches of the film show it, in seconds; what no chapter has
    is not in the book. A series: a list of such objects, one a film. Without picture, scenes count for shots.

    \b
    Example truth: {"1": [[0, 95.5], [301, 340]], "2": [[95.5, 301]]}
    Example:       bookscore evaluate "A Title" --truth truth.json
    """
    told = evaluation.read_truth(truth)
    with session.reading() as connection:
        shares = evaluation.shares(connection, name, told)
    show(forms.render(shares, form), nl=False)
