"""Why this music, told on a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
import woven_fixture as woven_title

from bookscore.engine.errors import BookscoreError
from bookscore.queries import explain


@pytest.fixture
def warehouse(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    connection = woven_title.make(tmp_path)
    connection.execute(
        "INSERT INTO candidate VALUES ('t', 1, 1, 2, 2, 1, 'emotion', 0.1, 0, 0.6, -0.3, -0.2, 0)"
    )
    return connection


def test_a_segment_is_explained_in_about_ten_lines(warehouse: duckdb.DuckDBPyConnection) -> None:
    lines = explain.text(warehouse, woven_title.NAME, "1.1").splitlines()
    assert lines == [
        "1.1 On the 1th evening of part 1 the keeper climbed the stair and trimmed … (positive, "
        f"{_words(warehouse)} words)",
        "♪ “Träume, No. 1 <b>” 0:00 to 0:04, from the film, score 0.75",
        "  book  “Keep the lamp burning”",
        "  film  “Keep that lamp burning!” in The Lamp 1:02:03, 0.81",
        "  heard “Träume, No. 1 <b>” from 1:02:00 to 1:03:10",
        "→  3.35 “Träume, No. 1 <b>” 0:00: heard in the film there, continues inside one scene, fits positive text, "
        "stirring or short, repeats too often or too soon (film +2.25 emotion +0.90 calm -0.20 variety -0.10 continuity +0.50)",
        "   0.10 “Ebb” 0:00: fits positive text less well, stirring or short, repeats too often or too soon "
        "(emotion +0.60 calm -0.30 variety -0.20)",
    ]


def _words(warehouse: duckdb.DuckDBPyConnection) -> int:
    return int(
        warehouse.execute("SELECT n_words FROM segment WHERE chapter_no = 1 AND segment_no = 1").fetchall()[
            0
        ][0]
    )


def test_a_frame_is_told_with_its_time_and_how_far_the_music_is(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("UPDATE heard SET start_s = 90, end_s = 100")
    lines = explain.text(warehouse, woven_title.NAME, "1.2").splitlines()
    assert lines[2:5] == [
        "  book  “A grey wave </script> stood up”",
        "  frame of The Lamp 1:01, 0.50",
        "  heard “Träume, No. 1 <b>” from 1:30 to 1:40, 29 s away",
    ]


def test_a_moment_without_music_and_a_segment_without_a_moment_say_so(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    assert (
        "  no music of the album is heard near it"
        in explain.text(warehouse, woven_title.NAME, "1.2").splitlines()
    )
    lines = explain.text(warehouse, woven_title.NAME, "1.3").splitlines()
    assert lines[2:] == ["  nothing in the film matches it", "  not from the film: no film scene matches"]


def test_further_moments_are_counted(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute(
        "INSERT INTO moment BY NAME SELECT m.* REPLACE (film_s + i AS film_s) FROM moment AS m, range(1, 4) AS r(i) WHERE segment_no = 2"
    )
    assert "weaker moments not shown: 2" in explain.text(warehouse, woven_title.NAME, "1.2")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("“It is late.”", "“It is late.”"),
        ("“No!” she cried. “Never.”", "“‘No!’ she cried. ‘Never.’”"),
        ("She said nothing.", "“She said nothing.”"),
    ],
)
def test_quotation_marks_are_not_doubled(
    warehouse: duckdb.DuckDBPyConnection, written: str, told: str
) -> None:
    warehouse.execute("UPDATE moment SET book_text = ? WHERE segment_no = 1", [written])
    assert explain.text(warehouse, woven_title.NAME, "1.1").splitlines()[2] == f"  book  {told}"


@pytest.mark.parametrize("reason", [None, "the music heard there does not fit the emotion"])
def test_the_readers_own_choice_is_told_as_such(
    warehouse: duckdb.DuckDBPyConnection, reason: str | None
) -> None:
    evidence = {"reader": ["pin"]} | ({"reason": reason} if reason else {})
    warehouse.execute(
        "UPDATE soundtrack SET method = 'reader', evidence = ? WHERE segment_no = 3", [json.dumps(evidence)]
    )
    lines = explain.text(warehouse, woven_title.NAME, "1.3").splitlines()
    assert lines[1].startswith("♪ “Ebb” 0:00 to 0:03, chosen by you")
    assert lines[2:] == ["  nothing in the film matches it", "  you decided: pin"]


@pytest.mark.parametrize("place", ["3.1", "1", "x"])
def test_a_segment_that_is_not_there_is_told(warehouse: duckdb.DuckDBPyConnection, place: str) -> None:
    with pytest.raises(BookscoreError, match=rf"no segment {place}: .*from 1\.1 to 2\.2"):
        explain.text(warehouse, woven_title.NAME, place)


def test_it_works_without_a_film(tmp_path: Path) -> None:
    text = explain.text(woven_title.make(tmp_path, film=False), woven_title.NAME, "1.1")
    assert "by emotion" in text and "nothing in the film matches it" in text
