"""Commands by which a reader changes the choice of music, and the one that explains it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from bookscore.commands.progress import show
from bookscore.commands.session import Session
from bookscore.commands.work import weave_again
from bookscore.queries import explain as explanation
from bookscore.sql.decisions import Decisions
from bookscore.sql.title import Title


@contextmanager
def deciding(session: Session, name: str) -> Iterator[Decisions]:
    """Decisions about a title, which is woven again once they are taken; prints what is heard otherwise.

    Parameters
    ----------
    session : Session
    name : str
        Name of the title.
    """
    session.in_force()  # a fault of the configuration is told before the warehouse is looked at
    with session.reading_title(name) as connection:
        title = Title.woven(connection, name)
        before = explanation.music(connection, name)
    with session.run() as run:
        decisions = Decisions(run.warehouse, title)
        with decisions.changing():
            yield decisions
            weave_again(run, session, title)
        with run.warehouse.reading() as connection:
            after = explanation.music(connection, name)
    for place, music in after.items():
        if music != before.get(place):
            show(f"{place}: {music}")


@click.command()
@click.argument("name")
@click.argument("place", metavar="CHAPTER.SEGMENT")
@click.argument("music", metavar="TRACK[@TIME]")
@click.pass_obj
def pin(session: Session, name: str, place: str, music: str) -> None:
    """Give a segment a track, or the piece of it at a time. Example: bookscore pin "A Title" 3.2 "Ebb@1:05" """
    with deciding(session, name) as decisions:
        decisions.pin(place, music)


@click.command()
@click.argument("name")
@click.argument("what", metavar="[CHAPTER.SEGMENT] TRACK[@TIME]", nargs=-1, required=True)
@click.pass_obj
def ban(session: Session, name: str, what: tuple[str, ...]) -> None:
    """Exclude a track from the book, or from one segment. Example: bookscore ban "A Title" 3.2 "Ebb" """
    if len(what) > 2:
        raise click.UsageError("give a segment and a track, or a track alone; quote titles with spaces")
    with deciding(session, name) as decisions:
        decisions.ban(what[-1], *what[:-1])


@click.command()
@click.argument("name")
@click.argument("place", metavar="CHAPTER.SEGMENT")
@click.pass_obj
def calmer(session: Session, name: str, place: str) -> None:
    """Give a segment calmer music than it has now. Example: bookscore calmer "A Title" 3.2"""
    with deciding(session, name) as decisions:
        decisions.stir("calmer", place)


@click.command()
@click.argument("name")
@click.argument("place", metavar="CHAPTER.SEGMENT")
@click.pass_obj
def louder(session: Session, name: str, place: str) -> None:
    """Give a segment more stirring music than it has now. Example: bookscore louder "A Title" 3.2"""
    with deciding(session, name) as decisions:
        decisions.stir("louder", place)


@click.command()
@click.argument("name")
@click.argument("what", metavar="[CHAPTER.SEGMENT | TRACK]", required=False)
@click.pass_obj
def unpin(session: Session, name: str, what: str | None) -> None:
    """Remove your decisions about a segment, the ban of a track, or all decisions. Example: bookscore unpin "A Title" 3.2"""
    with deciding(session, name) as decisions:
        session.reporter.say(f"decisions removed: {decisions.undo(what)}")


@click.command()
@click.argument("name")
@click.argument("place", metavar="CHAPTER.SEGMENT")
@click.pass_obj
def explain(session: Session, name: str, place: str) -> None:
    """Explain why a segment has its music. Example: bookscore explain "A Title" 3.2"""
    with session.reading_title(name) as connection:
        show(explanation.text(connection, name, place))


COMMANDS = (pin, ban, calmer, louder, unpin, explain)
