"""How fast books are read in, by stage, and how much memory that takes.

Run: python benchmarks/book.py [BOOK...]; default: Vanity Fair and A Little Princess.
Each book goes through the program, with the embedded models, into a warehouse of its own. The times are
the job ledger's; the whole is the command's, from its start to its end.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
import duckdb

from bookscore.engine.warehouse import DATABASE

PROJECT = Path(__file__).parents[1]
BOOKS = PROJECT.parent / "shared" / "data" / "books"


def measure(book: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "bookscore", "--models", "embedded", "--warehouse", folder]
        started = time.perf_counter()
        subprocess.run([*command, "--quiet", "ingest", "book", book], check=True, cwd=PROJECT)
        whole_s = time.perf_counter() - started
        with duckdb.connect(str(Path(folder) / DATABASE), read_only=True) as connection:
            ((n_words,),) = connection.execute("SELECT n_words FROM book").fetchall()
            stages = connection.execute(
                "SELECT stage, epoch(finished_at - started_at) FROM job ORDER BY started_at"
            ).fetchall()
    click.echo(f"{book.name}: {n_words:,} words")
    for stage, seconds in [*stages, ("whole", whole_s)]:
        click.echo(f"  {stage:15} {seconds:6.1f} s {n_words / max(seconds, 0.05):10,.0f} words/s")


def main(books: list[Path]) -> None:
    for book in books or [BOOKS / "vanity-fair.epub", BOOKS / "a-little-princess.epub"]:
        measure(book)
    peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024  # Linux counts in KiB
    click.echo(f"most memory in use: {peak_mib:,.0f} MiB")


if __name__ == "__main__":
    main([Path(book).resolve() for book in sys.argv[1:]])
