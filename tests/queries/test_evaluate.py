"""How well scenes were placed, by a truth that a person gave."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from align_rows import given

from bookscore.engine.errors import BookscoreError
from bookscore.engine.warehouse import Warehouse
from bookscore.queries import evaluate

SCENES = "scene: scene_no, start_s, end_s"
SHOTS = "shot: shot_no, start_s, end_s, histogram"
PATH = "chapter_scene: chapter_no, scene_no, start_s, end_s, score, confidence, accepted"


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    """Chapters 1 to 3; three scenes of 30 s, in chapter 1, in none, and in chapter 3."""
    with Warehouse(tmp_path) as opened:
        opened.connection.execute(
            "INSERT INTO title VALUES ('title-1', 'A', 'book-1', 'film-1', 'album-1', 'embedded')"
        )
        opened.connection.execute("INSERT INTO title_film VALUES ('title-1', 1, 'film-1', 'album', 0.1)")
        given(opened, "chapter: chapter_no, title, n_words", *[(n, "", 9) for n in (1, 2, 3)])
        given(opened, SCENES, (1, 0, 30), (2, 30, 60), (3, 60, 90))
        given(opened, PATH, (1, 1, 0.0, 30.0, 9.0, 0.9, True), (3, 3, 60.0, 90.0, 9.0, 0.4, False))
        yield opened


def shares(warehouse: Warehouse, *truth: evaluate.Spans) -> list[tuple[str, int, int, float]]:
    return evaluate.shares(warehouse.connection, "A", truth).rows()


def test_shots_are_right_in_their_chapter_or_in_none(warehouse: Warehouse) -> None:
    given(warehouse, SHOTS, *[(n, n * 10 - 10, n * 10, [1.0]) for n in range(1, 10)])
    truth = {1: [(0.0, 20.0)], 2: [(60.0, 70.0)], 3: [(70.0, 90.0)]}
    assert shares(warehouse, truth) == [
        ("1", 2, 2, 1.0),
        ("2", 1, 0, 0.0),
        ("3", 2, 2, 1.0),
        ("not in the book", 4, 3, 0.75),
        ("all", 9, 7, pytest.approx(7 / 9)),
    ]


def test_a_shot_that_shows_two_chapters_is_right_in_either(warehouse: Warehouse) -> None:
    given(warehouse, SHOTS, (1, 0, 10, [1.0]))
    assert shares(warehouse, {1: [(0.0, 30.0)], 2: [(0.0, 30.0)]})[-1] == ("all", 1, 1, 1.0)


def test_without_a_picture_scenes_count(warehouse: Warehouse) -> None:
    assert shares(warehouse, {1: [(0.0, 60.0)], 3: [(60.0, 90.0)]})[-1] == ("all", 3, 2, pytest.approx(2 / 3))


def test_a_series_has_a_truth_for_each_film(warehouse: Warehouse) -> None:
    warehouse.connection.execute("INSERT INTO title_film VALUES ('title-1', 2, 'film-2', 'album', 0.1)")
    warehouse.connection.execute("INSERT INTO scene VALUES ('film-2', 1, NULL, NULL, 0, 10)")
    assert shares(warehouse, {1: [(0.0, 30.0)]}, {2: [(0.0, 10.0)]}) == [
        ("1", 1, 1, 1.0),
        ("2", 1, 0, 0.0),
        ("not in the book", 2, 1, 0.5),
        ("all", 4, 2, 0.5),
    ]


@pytest.mark.parametrize(
    ("name", "truth", "told"),
    [
        ("B", [{}], "no title 'B'"),
        ("A", [{}, {}], "has 2 films, but A has 1"),
        ("A", [{4: [(0.0, 1.0)]}], "has chapter 4, but A has chapters 1 to 3"),
    ],
)
def test_a_truth_about_something_else_is_refused(
    warehouse: Warehouse, name: str, truth: list[evaluate.Spans], told: str
) -> None:
    with pytest.raises(BookscoreError, match=told):
        evaluate.shares(warehouse.connection, name, truth)


def test_a_truth_is_read_for_one_film_or_several(tmp_path: Path) -> None:
    path = tmp_path / "truth.json"
    path.write_text(evaluate.FORMAT)
    one = {1: [(0.0, 95.5), (301.0, 340.0)], 2: [(95.5, 301.0)]}
    assert evaluate.read_truth(path) == [one]
    path.write_text(f"[{evaluate.FORMAT}, {{}}]")
    assert evaluate.read_truth(path) == [one, {}]


@pytest.mark.parametrize(
    "content",
    ["", "7", "[7]", '{"x": []}', '{"1": [[2]]}', '{"1": [[5, 4]]}', '{"1": [["a", 4]]}', '{"1": 3}'],
)
def test_a_bad_truth_is_told_of_in_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "truth.json"
    path.write_text(content)
    with pytest.raises(BookscoreError) as told:
        evaluate.read_truth(path)
    assert str(path) in str(told.value) and "\n" not in str(told.value)


def test_a_truth_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(BookscoreError, match="cannot be read"):
        evaluate.read_truth(tmp_path / "none.json")


def test_the_shares_are_a_table_of_plain_columns(warehouse: Warehouse) -> None:
    found = evaluate.shares(warehouse.connection, "A", [{}])
    assert found.schema == {
        "chapter": pl.String,
        "n_shots": pl.UInt32,
        "n_right": pl.UInt32,
        "share": pl.Float64,
    }
    assert json.loads(found.write_json()) == [
        {"chapter": "not in the book", "n_shots": 3, "n_right": 1, "share": pytest.approx(1 / 3)},
        {"chapter": "all", "n_shots": 3, "n_right": 1, "share": pytest.approx(1 / 3)},
    ]
