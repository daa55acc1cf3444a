"""The models: what there is, and how the full set's weights get here."""

from __future__ import annotations

import click
import polars as pl

from bookscore.commands.progress import show
from bookscore.commands.session import Session
from bookscore.queries import output


@click.group(invoke_without_command=True)
@click.pass_context
def models(ctx: click.Context) -> None:
    """List the models with size and licence, and whether they are on disk. Example: bookscore models"""
    if ctx.invoked_subcommand:
        return
    from bookscore.engine.models.catalogue import CATALOGUE

    rows = [
        {
            "set": e.model_set,
            "task": e.task,
            "model": e.model_id,
            "MB": e.size_mb,
            "licence": e.licence,
            "state": "on disk" if e.is_present() else "not on disk",
        }
        for e in CATALOGUE
    ]
    show(output.render(pl.DataFrame(rows), "table"), nl=False)


@models.command("pull")
@click.pass_obj
def models_pull(session: Session) -> None:
    """Download the weights of the full set from the Hugging Face Hub. Example: bookscore models pull"""
    from bookscore.engine.models.catalogue import CATALOGUE

    for entry in CATALOGUE:
        if entry.model_set == "full":
            session.reporter.say(f"{entry.model_id}: {entry.size_mb} MB")
            session.reporter.say(f"stored in {entry.pull()}")
