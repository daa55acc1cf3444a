"""The work behind the commands: media are ingested, titles woven, each with the session's settings."""

from __future__ import annotations

from pathlib import Path

import click

from bookscore.commands.session import Session
from bookscore.engine.errors import BookscoreError
from bookscore.engine.models import Models
from bookscore.engine.runner import Item, Run
from bookscore.engine.settings import Setting, read_pairs
from bookscore.engine.stage import Medium
from bookscore.ingest.album import medium as album
from bookscore.ingest.book import medium as book
from bookscore.ingest.film import medium as film
from bookscore.queries import status
from bookscore.sql import settings as weave_settings
from bookscore.sql import title as weave
from bookscore.sql.decisions import Decisions

MEDIA: dict[str, Medium] = {m.name: m for m in (book.MEDIUM, film.MEDIUM, album.MEDIUM)}
SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for declared in (*(medium.settings for medium in MEDIA.values()), weave_settings.SETTINGS)
    for setting in declared
}


def film_sources(session: Session, path: Path, subtitles: Path | None) -> dict[str, Path]:
    """The film's files by role; says where other subtitles beside it would do as well.

    Parameters
    ----------
    session : Session
    path : Path
    subtitles : Path or None
        Those given.
    """
    language = str(session.settings["film.language"])
    sources = film.sources(path, subtitles, language)
    if subtitles is None and (line := film.doubt(path, language)):
        session.reporter.say(line)
    return sources


def ingest_items(run: Run, session: Session, *wanted: tuple[str, dict[str, Path]]) -> list[Item]:
    """Ingest media, and say what is to be noted about them.

    Parameters
    ----------
    run : Run
    session : Session
    *wanted : tuple of (str, dict)
        A medium's name and its files by their roles.

    Returns
    -------
    list of Item
        In the order wanted.
    """
    items = [Item.of(run.warehouse, MEDIA[medium], sources) for medium, sources in wanted]
    run.ingest(items, session.jobs)
    with run.warehouse.reading() as connection:
        for line in (line for item in items for line in status.notes(connection, item.item_id)):
            session.reporter.say(line)
    return items


def weave_title(run: Run, session: Session, title: weave.Title) -> None:
    """Weave a title whose media are ingested; say which of the user's decisions no longer apply.

    Parameters
    ----------
    run : Run
    session : Session
    title : Title
        The book, films and album to weave.
    """
    weave.TitleJob(run, title).run()
    for line in Decisions(run.warehouse, title).not_followed():
        session.reporter.say(line)


def weave_again(run: Run, session: Session, title: weave.Title) -> None:
    """Weave with the models and settings of the last time, except those given now.

    Parameters
    ----------
    run : Run
    session : Session
    title : Title

    Raises
    ------
    click.UsageError
        Settings of a medium are given, and none is read.
    BookscoreError
        The title was woven with a value that is refused now.
    """
    refuse_unread(session)
    with run.warehouse.reading() as connection:
        before = title.settings(connection).items()
    pairs = [f"{name}={value}" for name, value in before if name in SETTINGS.keys() - session.given.keys()]
    try:
        session.woven = read_pairs(SETTINGS, pairs)
    except BookscoreError as error:
        raise BookscoreError(
            f"{title.name} was woven with a value that is no longer valid: {error} with --set"
        ) from error
    run.settings = session.settings
    if session.models == "auto" and title.model_set not in (None, run.models.model_set):
        run.models = Models(title.model_set)
    weave_title(run, session, title)


def refuse_unread(session: Session, *media: str) -> None:
    """Refuse settings, given on the command line, of media that are not read.

    Parameters
    ----------
    session : Session
    *media : str
        Those that are read.

    Raises
    ------
    click.UsageError
        Names the setting and the options that are wanted.
    """
    for name, (_, how) in session.given.items():
        medium = name.partition(".")[0]
        if medium in MEDIA and medium not in media:
            raise click.UsageError(
                f"{how} changes how the {medium} is read, but no {medium} is read here: "
                "give --book, --album and --film to 'bookscore weave'"
            )
