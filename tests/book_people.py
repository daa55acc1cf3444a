"""People of texts and books, and the speakers marked by hand, for tests and for the benchmark."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, cast

import polars as pl

from bookscore.engine.models import Models
from bookscore.engine.stage import Inputs, Tables
from bookscore.ingest.book.medium import read
from bookscore.ingest.book.people.cast import people
from bookscore.ingest.book.people.quotes import quote_spans, quote_style

with (Path(__file__).parent / "marked" / "speakers.tsv").open(encoding="utf-8", newline="") as file:
    MARKED = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def tables_of(texts: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Tables paragraph and quote of a book of one chapter."""
    spans = quote_spans(texts, quote_style(texts))
    quotes = [
        ("b", 1, i, j, text[start:end].replace("\n", " ").strip(), 1)
        for i, (text, found) in enumerate(zip(texts, spans, strict=True), 1)
        for j, (start, end) in enumerate(found, 1)
    ]
    paragraphs = [("b", 1, i, text) for i, text in enumerate(texts, 1)]
    return (
        pl.DataFrame(paragraphs, schema=["book_id", "chapter_no", "paragraph_no", "text"], orient="row"),
        pl.DataFrame(
            quotes,
            schema={
                "book_id": pl.String, "chapter_no": pl.Int64, "paragraph_no": pl.Int64, "quote_no": pl.Int64,
                "text": pl.String, "n_words": pl.Int64,
            },
            orient="row",
        ),
    )  # fmt: skip


def people_of(*texts: str, language: str = "en") -> Tables:
    return people(*tables_of(texts), language)


def read_book(path: Path) -> Tables:
    inputs = Inputs("b", 0, {"book": path}, {}, MappingProxyType({}), cast(Models, None))
    return read(inputs)


class Score(NamedTuple):
    """Precision over the quotes given a speaker; recall over those that the text gives one by a name or a
    pronoun beside them, and over all whose speaker a reader knows."""

    precision: float
    recall: float
    recall_of_all: float


def score(book: str, found: Mapping[str, pl.DataFrame]) -> Score:
    """Speakers of a marked chapter against the marks.

    Raises
    ------
    ValueError
        A marked quote is not where the mark says: the book is read differently now.
    """
    forms = {
        no: {name, *names}
        for no, name, names in found["person"].select("person_no", "name", "names").iter_rows()
    }
    keys = ("chapter_no", "paragraph_no", "quote_no")
    quotes = {tuple(row[key] for key in keys): row for row in found["quote"].iter_rows(named=True)}
    given = right = right_told = told = known = 0
    for mark in MARKED:
        if mark["book"] != book:
            continue
        place = tuple(int(mark[key]) for key in keys)
        quote = quotes.get(place)
        if quote is None or quote["text"].split()[:3] != mark["begins"].split():
            raise ValueError(f"{book}: the quote {place} does not begin {mark['begins']!r}")
        accepted = mark["speaker"].split("|")
        speaker = quote["speaker"]
        is_right = speaker is not None and (
            any(words.startswith(speaker) for words in accepted)
            or not forms.get(quote["person_no"], set()).isdisjoint(accepted)
        )
        is_told = mark["told_by"] in ("name", "pronoun")
        given += speaker is not None
        right += is_right
        told += is_told
        right_told += is_right and is_told
        known += mark["speaker"] != "-"
    return Score(right / given, right_told / told, right / known)
