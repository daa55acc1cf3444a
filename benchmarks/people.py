"""How fast the people of a book are found, and how well the speakers of its quotes.

Run: python benchmarks/people.py
Speakers are compared with the chapters marked by hand in tests/marked/speakers.tsv.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from bookscore.ingest.book.people.cast import people

PROJECT = Path(__file__).parents[1]
BOOKS = PROJECT.parent / "shared" / "data" / "books"
NOVELS = ("a-little-princess", "a-farewell-to-arms", "frankenstein", "vanity-fair")


def main() -> None:
    sys.path.append(str(PROJECT / "tests"))
    from book_people import MARKED, read_book, score

    for book in NOVELS:
        tables = read_book(BOOKS / f"{book}.epub")
        started = time.perf_counter()
        found = people(tables["paragraph"], tables["quote"], tables["book"]["language"][0])
        seconds = time.perf_counter() - started
        n_words = tables["book"]["n_words"][0]
        click.echo(
            f"{book}: {n_words:,} words in {seconds:.1f} s, {n_words / seconds:,.0f} words/s; "
            f"{len(found['person'])} persons, {len(found['mention']):,} mentions"
        )
        if any(mark["book"] == book for mark in MARKED):
            precision, recall, recall_of_all = score(book, found)
            click.echo(
                f"  speakers: precision {precision:.2f}, recall {recall:.2f}, of all {recall_of_all:.2f}"
            )


if __name__ == "__main__":
    main()
