"""Makes the demo, runs Bookscore on it as a user would, and compares what comes out with the truth."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import webbrowser
from pathlib import Path

import click
import duckdb
from rich.console import Console

from bookscore.engine.warehouse import DATABASE
from demo import check, maker


def _bookscore(warehouse: Path, *arguments: str | Path) -> None:
    """Run the program; where it fails, fail with its exit code."""
    command = [sys.executable, "-m", "bookscore", "--warehouse", str(warehouse), *map(str, arguments)]
    finished = subprocess.run(command, check=False)
    if finished.returncode:
        raise SystemExit(finished.returncode)


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(__file__).parent / "out",
    help="Folder for all that is made.  [default: demo/out]",
)
@click.option("--open", "show", is_flag=True, help="Open the reader in the web browser.")
def main(out: Path, show: bool) -> None:
    """A made-up book, film and album, woven; exits 1 where a goal is missed."""
    started_s = time.monotonic()
    if maker.made(out):
        click.echo(f"The demo's book, film and album are in {out}.")
    else:
        click.echo(f"Making a book, a film and an album in {out}: about half a minute.")
        maker.make(out)
    truth: maker.Truth = json.loads((out / maker.TRUTH).read_text(encoding="utf-8"))
    title, warehouse = truth["title"], out / "warehouse"
    reader, playlist = out / "reader", out / "soundtrack.m3u8"
    sources = ("--book", out / maker.BOOK, "--film", out / maker.FILM, "--album", out / maker.ALBUM)
    _bookscore(warehouse, "weave", *sources, "--name", title)
    _bookscore(warehouse, "export", "reader", title, "-o", reader)
    _bookscore(warehouse, "export", "playlist", title, "-o", playlist)
    with duckdb.connect(str(warehouse / DATABASE), read_only=True) as connection:
        figures = check.figures(connection, title, truth)
    Console().print(check.table(figures))
    click.echo(
        f"{time.monotonic() - started_s:.0f} s in all. Reader: {reader / 'index.html'}  Playlist: {playlist}"
    )
    if show:
        webbrowser.open((reader / "index.html").resolve().as_uri())
    if any(goal.met is False for goal in check.goals(figures)):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
