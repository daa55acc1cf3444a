"""The stages of a book."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
from book_files import make_small_epub
from polars.testing import assert_frame_equal
from small_models import SmallModels

from bookscore.engine.settings import defaults
from bookscore.engine.stage import Inputs, Tables
from bookscore.ingest.book.medium import MEDIUM, majority_emotion, sources


def run_stages(path: Path, **changed: Any) -> Tables:
    """All stages of a book, one after the other, as the engine runs them."""
    made: Tables = {}
    for stage in MEDIUM.stages:
        named = {
            name: changed.get(name.removeprefix("book."), defaults(MEDIUM.settings)[name])
            for name in stage.settings
        }
        inputs = Inputs(
            "book-1", 0, sources(path), named, {name: made[name] for name in stage.given}, SmallModels()
        )
        found = stage.run(inputs)
        assert set(found) == set(stage.makes)
        made |= found
    return made


@pytest.fixture
def small_epub(tmp_path: Path) -> Path:
    return make_small_epub(tmp_path / "small.epub")


def test_rows_fit_the_schema(small_epub: Path) -> None:
    made = run_stages(small_epub)
    connection = duckdb.connect()
    for script in (
        "002_book.sql",
        "006_book_people.sql",
        "018_publication.sql",
        "019_left_out.sql",
        "023_unused_book_file.sql",
    ):
        connection.execute((Path(__file__).parents[2] / "sql" / "schema" / script).read_text())
    for table, rows in made.items():
        columns = [name for name, *_ in connection.execute(f"SELECT * FROM {table}").description]
        assert set(rows.columns) == set(columns), table
        connection.register("incoming", rows.to_arrow())
        connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming")
    assert {table: len(rows) for table, rows in made.items()} == {
        "book": 1, "chapter": 3, "paragraph": 6, "sentence": 93, "quote": 3, "paragraph_vector": 6,
        "segment": 3, "visual_sentence": 18, "sentence_vector": 18, "person": 0, "mention": 0,
        "book_metadata": 3, "book_file": 0, "unused_book_file": 0, "left_out": 1,  # its cover is not in the archive
    }  # fmt: skip


def test_the_same_book_gives_the_same_rows(small_epub: Path) -> None:
    first, second = run_stages(small_epub), run_stages(small_epub)
    for table in first:
        assert_frame_equal(first[table], second[table], check_exact=True)


def test_speech_is_told_from_narration(small_epub: Path) -> None:
    sentence = run_stages(small_epub)["sentence"]
    assert sentence.filter("is_dialogue")["text"].to_list() == [
        f"“Come in,” said number {n}." for n in (1, 2, 3)
    ]


def test_words_add_up(small_epub: Path) -> None:
    made = run_stages(small_epub)
    total = made["book"]["n_words"][0]
    assert (
        total
        == made["chapter"]["n_words"].sum()
        == made["paragraph"]["n_words"].sum()
        == made["segment"]["n_words"].sum()
    )
    assert total == 3 * (30 * 15 + 5)


def test_emotion_is_the_likeliest_of_the_three(small_epub: Path) -> None:
    paragraph = run_stages(small_epub)["paragraph"]
    p = paragraph.select("p_positive", "p_neutral", "p_negative").to_numpy()
    assert np.allclose(p.sum(axis=1), 1, atol=1e-5)
    assert paragraph["emotion"].to_list() == [
        ("positive", "neutral", "negative")[i] for i in p.argmax(axis=1)
    ]


def test_a_books_segments_are_as_many_as_the_setting_calls_for(data_dir: Path) -> None:
    made = run_stages(data_dir / "books" / "a-little-princess.epub")
    assert made["segment"]["n_words"].mean() == pytest.approx(
        defaults(MEDIUM.settings)["book.segment_words"], rel=0.1
    )
    longer = run_stages(data_dir / "books" / "a-little-princess.epub", segment_words=2000)
    assert longer["segment"]["n_words"].mean() == pytest.approx(2000, rel=0.2)


@pytest.mark.parametrize(
    ("rows", "winner"),
    [
        (
            [
                ("neutral", 0.1, 0.8, 0.1, 10),
                ("neutral", 0.1, 0.8, 0.1, 10),
                ("negative", 0.0, 0.0, 1.0, 900),
            ],
            "neutral",
        ),
        ([("neutral", 0.1, 0.8, 0.1, 10), ("negative", 0.1, 0.1, 0.8, 90)], "negative"),
        ([("negative", 0.0, 0.0, 1.0, 10), ("positive", 1.0, 0.0, 0.0, 10)], "positive"),
    ],
)
def test_a_segment_has_the_emotion_of_most_paragraphs(rows: list[Any], winner: str) -> None:
    columns = ["emotion", "p_positive", "p_neutral", "p_negative", "n_words"]
    assert majority_emotion(pl.DataFrame(rows, schema=columns, orient="row")) == winner
