"""The ends of each setting's range: alignment and weave come through, with figures that are numbers."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from pathlib import Path

import pytest
import weave_rows

from bookscore.engine import sql_runner
from bookscore.engine.settings import Value
from bookscore.engine.warehouse import Warehouse
from bookscore.sql.settings import SETTINGS

pytestmark = pytest.mark.long

SECOND = [
    "Grandmother pickles radishes inside copper kettles",
    "Seventeen lanterns drifted beyond the lighthouse",
]
SPOKEN = [*weave_rows.OPENINGS[:2], SECOND[0], "Nobody told the giraffe about submarines", SECOND[1], *SECOND]
ENDS = [
    (setting.name.removeprefix("weave."), value)
    for setting in SETTINGS
    for value in (setting.choices or (setting.least, setting.most))
    if value is not None
]


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    """Two chapters, seven scenes, in most of them a line of the book over music of the album."""
    with Warehouse(tmp_path) as opened:
        weave_rows.fill(opened)
        execute = opened.connection.execute
        execute("INSERT INTO chapter VALUES ('book-1', 2, '', 200)")
        for no, text in enumerate(SECOND, 1):
            execute(
                "INSERT INTO paragraph (book_id, chapter_no, paragraph_no, text, n_words, p_positive, p_negative) "
                "VALUES ('book-1', 2, ?, ?, 100, 0.5, 0.2)",
                [no, text],
            )
            execute("INSERT INTO segment VALUES ('book-1', 2, ?, ?, ?, 100, 'positive')", [no, no, no])
        execute("INSERT INTO sentence SELECT book_id, chapter_no, paragraph_no, 1, text, true FROM paragraph")
        for no, line in enumerate(SPOKEN, 1):
            at_s = 30.0 * no
            execute("INSERT INTO scene VALUES ('film-1', ?, NULL, NULL, ?, ?)", [no, at_s, at_s + 30])
            execute(
                "INSERT INTO cue VALUES ('film-1', ?, ?, ?, ?, NULL, false, NULL)",
                [no, at_s + 5, at_s + 8, line],
            )
            execute(
                "INSERT INTO heard_window (film_id, album_id, window_no, start_s, end_s, track_no, offset_s, score, speed, "
                "recogniser) VALUES ('film-1', 'album-1', ?, ?, ?, 1, ?, 0.6, 1, 'album')",
                [no, at_s, at_s + 10, at_s / 3],
            )
            execute(
                "INSERT INTO image_hit (title_id, film_id, chapter_no, paragraph_no, sentence_no, film_s, similarity, z) "
                "VALUES ('title-1', 'film-1', ?, 1, 1, ?, 0.5, ?)",
                [
                    1 if no <= 2 else 2,
                    at_s + 1,
                    40.0 - no,
                ],  # far out: few scenes have to earn the images their weight
            )
        yield opened


def hear(warehouse: Warehouse, parameters: dict[str, object]) -> None:
    """Make the runs of heard music, and have the title go by them."""
    hearing = {"recogniser": parameters["recogniser"], "min_score": parameters["heard_score"]}
    sql_runner.derive(warehouse, "heard", parameters | hearing)
    warehouse.connection.execute(
        "UPDATE title_film SET recogniser = $recogniser, min_score = $min_score", hearing
    )


@pytest.mark.parametrize(("name", "value"), ENDS)
def test_the_ends_of_a_range_can_be_woven_with(warehouse: Warehouse, name: str, value: Value) -> None:
    kind = next(type(s.default) for s in SETTINGS if s.name == f"weave.{name}")
    changed = weave_rows.parameters(**{name: kind(value)})
    with warehouse.transaction():
        hear(warehouse, changed)
        sql_runner.derive(warehouse, "align", changed)
        sql_runner.derive(warehouse, "weave", changed)
        sql_runner.audit(warehouse, changed)
    asked = warehouse.connection.execute
    assert asked("SELECT count(*) FROM soundtrack").fetchall() == [(7,)]
    told = [
        *asked("SELECT score FROM soundtrack").fetchall(),
        *asked("SELECT score FROM candidate").fetchall(),
        *asked("SELECT confidence FROM chapter_scene").fetchall(),
    ]
    assert all(isfinite(figure) for (figure,) in told)


def test_the_book_and_the_film_of_these_tests_are_aligned(warehouse: Warehouse) -> None:
    """Else the ends of the alignment's ranges would be tested on nothing."""
    hear(warehouse, weave_rows.parameters())
    sql_runner.derive(warehouse, "align", weave_rows.parameters(match_nats=0.0))
    assert warehouse.connection.execute(
        "SELECT count(DISTINCT chapter_no), (SELECT count(*) > 0 FROM moment WHERE method = 'dialogue'), "
        "(SELECT count(*) > 0 FROM moment WHERE method = 'image'), (SELECT count(*) > 0 FROM heard) FROM chapter_scene"
    ).fetchall() == [(2, True, True, True)]
