"""The files of sql/align together: a small book, film and album, and what comes of them; and what is heard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from align_rows import DEFAULTS, IDS

from bookscore.engine import sql_runner
from bookscore.engine.warehouse import Warehouse

# Lines nobody else says; the filler is what everybody says.
CHAPTERS = {
    1: "The walrus borrowed my umbrella yesterday evening",
    2: "Seventeen lanterns drifted beyond the crooked lighthouse",
    3: "Grandmother pickles radishes inside copper kettles",
    4: "A velvet balloon burst above the parliament clock",
}
FILLER = "Yes of course I know that you are going to be there and I will come too"


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    with Warehouse(tmp_path) as opened:
        yield opened


def add_book(warehouse: Warehouse, chapters: dict[int, str] = CHAPTERS) -> None:
    for chapter_no, line in chapters.items():
        warehouse.connection.execute("INSERT INTO chapter VALUES ('book-1', ?, '', 100)", [chapter_no])
        for paragraph_no, text in enumerate((line, FILLER, FILLER), 1):
            row = [chapter_no, paragraph_no, text]
            warehouse.connection.execute(
                "INSERT INTO paragraph (book_id, chapter_no, paragraph_no, text, n_words) VALUES ('book-1', ?, ?, ?, 8)",
                row,
            )
            warehouse.connection.execute("INSERT INTO sentence VALUES ('book-1', ?, ?, 1, ?, true)", row)
            warehouse.connection.execute(
                "INSERT INTO quote (book_id, chapter_no, paragraph_no, quote_no, text, n_words) VALUES ('book-1', ?, ?, 1, ?, 8)",
                row,
            )
        warehouse.connection.execute(
            "INSERT INTO segment VALUES ('book-1', $1, 1, 1, 1, 8, 'neutral'), ('book-1', $1, 2, 2, 3, 16, 'neutral')",
            [chapter_no],
        )


def add_film(warehouse: Warehouse, scenes: list[str]) -> None:
    """A scene of 30 s for each line, said at its start, among what everybody says."""
    cue_no = 0
    for scene_no, line in enumerate(scenes, 1):
        start_s = (scene_no - 1) * 30.0
        warehouse.connection.execute(
            "INSERT INTO scene VALUES ('film-1', ?, NULL, NULL, ?, ?)", [scene_no, start_s, start_s + 30]
        )
        for text in (line, FILLER):
            cue_no += 1
            warehouse.connection.execute(
                "INSERT INTO cue VALUES ('film-1', ?, ?, ?, ?, NULL, false, NULL)",
                [cue_no, start_s, start_s + 3, text],
            )
            start_s += 15


def align(warehouse: Warehouse, **changed: Any) -> None:
    sql_runner.derive(warehouse, "align", {**DEFAULTS, **IDS, **changed})


def rows(warehouse: Warehouse, statement: str) -> list[tuple[Any, ...]]:
    return warehouse.connection.execute(statement).fetchall()


def test_a_line_is_matched_though_words_are_changed_and_it_is_split_over_cues(warehouse: Warehouse) -> None:
    add_book(warehouse)
    add_film(warehouse, [FILLER, "That walrus, I borrowed"])
    warehouse.connection.execute("UPDATE cue SET cue_no = 10 WHERE cue_no = 4")
    warehouse.connection.execute(
        "INSERT INTO cue VALUES ('film-1', 9, 33.5, 36, 'my big umbrella, yesterday evening!', NULL, false, NULL)"
    )
    align(warehouse)
    found = rows(
        warehouse, "SELECT chapter_no, paragraph_no, scene_no, film_s, n_words, film_text FROM dialogue_match"
    )
    assert [row[:4] for row in found] == [(1, 1, 2, 30.0)]
    assert found[0][4] >= 5 and "umbrella" in found[0][5]


def test_what_everybody_says_matches_nothing(warehouse: Warehouse) -> None:
    add_book(warehouse)
    add_film(warehouse, [FILLER, FILLER, FILLER])
    align(warehouse)
    assert rows(warehouse, "SELECT * FROM dialogue_match") == []
    assert rows(warehouse, "SELECT accepted FROM film_match") == [(False,)]


def test_the_path_skips_a_chapter_and_leaves_out_invented_scenes(warehouse: Warehouse) -> None:
    add_book(warehouse)
    add_film(
        warehouse,
        [
            CHAPTERS[1],
            "Purple submarines annoy the dentist",
            "Nobody told the giraffe",
            CHAPTERS[3],
            CHAPTERS[4],
        ],
    )
    align(warehouse, invented_share=0.8)
    on_path = dict(rows(warehouse, "SELECT scene_no, chapter_no FROM chapter_scene"))
    assert on_path == {1: 1, 4: 3, 5: 4}


def test_the_path_goes_back_for_a_flashback(warehouse: Warehouse) -> None:
    add_book(warehouse)
    add_film(warehouse, [CHAPTERS[1], CHAPTERS[3], CHAPTERS[2], CHAPTERS[4]])
    align(warehouse)
    found = rows(warehouse, "SELECT scene_no, chapter_no, accepted FROM chapter_scene ORDER BY ALL")
    assert found == [(1, 1, True), (2, 3, True), (3, 2, True), (4, 4, True)]


def test_what_is_sung_is_no_evidence(warehouse: Warehouse) -> None:
    add_book(warehouse)
    add_film(warehouse, [CHAPTERS[1], CHAPTERS[2]])
    warehouse.connection.execute("UPDATE cue SET is_lyrics = true WHERE cue_no = 3")
    align(warehouse)
    assert rows(warehouse, "SELECT DISTINCT scene_no FROM dialogue_match") == [(1,)]


def test_narration_that_is_spoken_is_evidence(warehouse: Warehouse) -> None:
    add_book(warehouse)
    warehouse.connection.execute("UPDATE sentence SET is_dialogue = false WHERE paragraph_no = 1")
    add_film(warehouse, [CHAPTERS[2]])
    align(warehouse)
    assert rows(warehouse, "SELECT chapter_no, is_quote, book_text FROM dialogue_match") == [
        (2, False, CHAPTERS[2])
    ]


def test_each_film_of_a_title_keeps_its_own_alignment(warehouse: Warehouse) -> None:
    add_book(warehouse)
    add_film(warehouse, [CHAPTERS[1], CHAPTERS[2]])
    align(warehouse)
    for table in ("scene", "cue"):
        warehouse.connection.execute(f"UPDATE {table} SET film_id = 'film-2'")
    align(warehouse, film_id="film-2")
    found = rows(warehouse, "SELECT film_id, scene_no, chapter_no FROM chapter_scene ORDER BY ALL")
    assert found == [(film, n, n) for film in ("film-1", "film-2") for n in (1, 2)]


def test_two_books_share_a_film_and_keep_their_own_alignment(warehouse: Warehouse) -> None:
    add_book(warehouse)
    add_film(warehouse, [CHAPTERS[2], CHAPTERS[3]])
    align(warehouse)
    for table in ("chapter", "paragraph", "sentence", "quote", "segment"):
        warehouse.connection.execute(f"UPDATE {table} SET book_id = 'book-2' WHERE chapter_no > 2")
    align(warehouse, title_id="title-2", book_id="book-2")
    told = "SELECT title_id, scene_no, chapter_no FROM dialogue_match ORDER BY ALL"
    assert rows(warehouse, told) == [("title-1", 1, 2), ("title-1", 2, 3), ("title-2", 2, 3)]


@pytest.mark.parametrize("is_bracketed", [False, True])
def test_a_name_that_only_one_chapter_has_places_a_scene(warehouse: Warehouse, is_bracketed: bool) -> None:
    add_book(warehouse)
    for chapter_no, name in {1: "Anselm", 2: "Beatrix", 3: "Caspian", 4: "Delphine"}.items():
        person = (chapter_no, name, [name], 3)
        warehouse.connection.execute("INSERT INTO person VALUES ('book-1', ?, ?, ?, NULL, ?)", person)
        for mention_no in (1, 2, 3):
            mention = (chapter_no, mention_no, chapter_no, name)
            warehouse.connection.execute("INSERT INTO mention VALUES ('book-1', ?, 2, ?, ?, ?, 1)", mention)
    if is_bracketed:
        add_film(warehouse, ["Where is he?", "Here he is."])
        warehouse.connection.execute(
            "UPDATE cue SET bracketed = CASE WHEN cue_no % 2 = 1 THEN 'CASPIAN' ELSE 'Laughter' END"
        )
    else:
        add_film(warehouse, ["Where is Caspian?", "Here is Caspian."])
    align(warehouse)
    best = (
        "SELECT scene_no, arg_max(chapter_no, characters) FROM chapter_scene_evidence GROUP BY ALL ORDER BY 1"
    )
    assert rows(warehouse, best) == [(1, 3), (2, 3)]


def test_moments_lie_in_the_chapters_own_scenes(warehouse: Warehouse) -> None:
    add_book(warehouse)
    add_film(warehouse, [CHAPTERS[1], CHAPTERS[2], CHAPTERS[3], CHAPTERS[4]])
    # Images are trusted because the right chapter's are the best in scenes that lines place; one is elsewhere.
    for chapter_no, scene_no, z in (
        (1, 1, 9.0),
        (2, 2, 9.0),
        (3, 3, 9.0),
        (4, 4, 9.0),
        (3, 1, 5.0),
        (3, 3, 1.0),
    ):
        warehouse.connection.execute(
            "INSERT INTO image_hit VALUES ('title-1', ?, 2, 1, 1, 1, ?, 0.3, ?, 'film-1')",
            [chapter_no, (scene_no - 1) * 30.0 + 1, z],
        )
    align(warehouse)
    assert rows(
        warehouse, "SELECT chapter_no, segment_no, film_s FROM moment WHERE method = 'image' ORDER BY ALL"
    ) == [(n, 2, (n - 1) * 30.0 + 1) for n in CHAPTERS]
    lines = (
        "SELECT chapter_no, segment_no, scene_no FROM segment_scene WHERE method = 'dialogue' ORDER BY ALL"
    )
    assert rows(warehouse, lines) == [(n, 1, n) for n in CHAPTERS]


def test_a_film_that_does_not_match_has_no_moments(warehouse: Warehouse) -> None:
    add_book(warehouse)
    add_film(warehouse, [CHAPTERS[1], CHAPTERS[2]])
    align(warehouse, match_nats=1000)
    assert rows(warehouse, "SELECT count(*) FROM dialogue_match") != [(0,)]
    assert rows(warehouse, "SELECT count(*) FROM moment") == [(0,)]
