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
                "INSERT INTO cue VALUES ('film-1', ?, ?, ?, ?, NULL, false)",
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
        "INSERT INTO cue VALUES ('film-1', 9, 33.5, 36, 'my big umbrella, yesterday evening!', NULL, false)"
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


def test_a_name_that_only_one_chapter_has_places_a_scene(warehouse: Warehouse) -> None:
    add_book(warehouse)
    for chapter_no, name in {1: "Anselm", 2: "Beatrix", 3: "Caspian", 4: "Delphine"}.items():
        person = (chapter_no, name, [name], 3)
        warehouse.connection.execute("INSERT INTO person VALUES ('book-1', ?, ?, ?, NULL, ?)", person)
        for mention_no in (1, 2, 3):
            mention = (chapter_no, mention_no, chapter_no, name)
            warehouse.connection.execute("INSERT INTO mention VALUES ('book-1', ?, 2, ?, ?, ?, 1)", mention)
    add_film(warehouse, ["Where is Caspian?", "Here is Caspian."])
    align(warehouse)
    best = (
        "SELECT scene_no, arg_max(chapter_no, characters) FROM chapter_scene_evidence GROUP BY ALL ORDER BY 1"
    )
    assert rows(warehouse, best) == [(1, 3), (2, 3)]


def test_moments_lie_in_the_chapters_own_scenes(warehouse: Warehouse) -> None:
    add_book(warehouse)
    add_film(warehouse, [CHAPTERS[1], CHAPTERS[2], CHAPTERS[3], CHAPTERS[4]])
    for scene_no, z in ((1, 9.0), (3, 5.0), (3, 1.0)):
        warehouse.connection.execute(
            "INSERT INTO image_hit VALUES ('title-1', 3, 2, 1, 1, 1, ?, 0.3, ?, 'film-1')",
            [(scene_no - 1) * 30.0 + 1, z],
        )
    align(warehouse)
    assert rows(warehouse, "SELECT chapter_no, segment_no, film_s FROM moment WHERE method = 'image'") == [
        (3, 2, 61.0)
    ]
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


def add_windows(warehouse: Warehouse, heard: dict[int, tuple[int, float, float]]) -> None:
    """Windows of 10 s every 5 s: {window_no: (track_no, lag_s, score)}; the others hear next to nothing."""
    warehouse.connection.execute(
        "INSERT INTO track (album_id, track_no, title, artist, path, duration_s, lufs) VALUES ('album-1', 1, 'a', NULL, 'a', 60, NULL), ('album-1', 2, 'b', NULL, 'b', 60, NULL)"
    )
    for window_no in range(1, 21):
        start_s = (window_no - 1) * 5.0
        track_no, lag_s, score = heard.get(window_no, (1, 7.7 * window_no, 0.02))
        warehouse.connection.execute(
            "INSERT INTO heard_window (film_id, album_id, window_no, start_s, end_s, track_no, offset_s, score, recogniser) VALUES ('film-1', 'album-1', ?, ?, ?, ?, ?, ?, 'album')",
            [window_no, start_s, start_s + 10, track_no, start_s + lag_s, score],
        )


def test_windows_of_one_recording_become_one_run(warehouse: Warehouse) -> None:
    # Windows 3 to 6 hear track 1 from film second 10 on; window 5 was lost under speech.
    add_windows(warehouse, {n: (1, -10.0, 0.3) for n in (3, 4, 6)})
    align(warehouse)
    [(start_s, end_s, track_no, offset_s)] = rows(
        warehouse, "SELECT start_s, end_s, track_no, offset_s FROM heard"
    )
    assert track_no == 1 and abs(offset_s - (start_s - 10)) < 1e-9
    assert 10 <= start_s <= 15 and 30 <= end_s <= 35


def test_two_tracks_in_succession_do_not_overlap(warehouse: Warehouse) -> None:
    add_windows(warehouse, {3: (1, -10.0, 0.3), 4: (1, -10.0, 0.3), 5: (2, 3.0, 0.3), 6: (2, 3.0, 0.3)})
    align(warehouse)
    found = rows(warehouse, "SELECT track_no, start_s, end_s FROM heard ORDER BY start_s")
    assert [row[0] for row in found] == [1, 2]
    assert found[0][2] <= found[1][1]


def test_nothing_is_heard_below_the_score(warehouse: Warehouse) -> None:
    add_windows(warehouse, {})
    align(warehouse)
    assert rows(warehouse, "SELECT * FROM heard") == []


def test_windows_that_do_not_overlap_speak_for_all_of_themselves(warehouse: Warehouse) -> None:
    add_windows(warehouse, {})
    warehouse.connection.execute("DELETE FROM heard_window")
    for window_no, (start_s, end_s, track_no) in enumerate(
        [
            (0, 1.3, None),
            (1.3, 5, 1),
            (5, 10, 1),
            (10, 10.8, 1),
            (10.8, 15, 2),
            (15, 17.2, 2),
            (17.2, 20, None),
        ],
        1,
    ):
        offset_s = None if track_no is None else start_s + 10 * track_no
        warehouse.connection.execute(
            "INSERT INTO heard_window (film_id, album_id, window_no, start_s, end_s, track_no, offset_s, score, recogniser) VALUES ('film-1', 'album-1', ?, ?, ?, ?, ?, ?, 'album')",
            [window_no, start_s, end_s, track_no, offset_s, 0.06 if window_no == 6 else 0.3],  # drowned
        )
    align(warehouse)
    found = rows(warehouse, "SELECT start_s, end_s, track_no, offset_s FROM heard ORDER BY start_s")
    assert found == [(1.3, 10.8, 1, pytest.approx(11.3)), (10.8, 17.2, 2, pytest.approx(30.8))]


def test_at_another_speed_the_track_runs_on_faster_than_the_film(warehouse: Warehouse) -> None:
    add_windows(warehouse, {n: (1, 0.0, 0.3) for n in range(5, 19)})
    warehouse.connection.execute(
        "UPDATE heard_window SET speed = 25 / 24, offset_s = 25 / 24 * start_s - 25 WHERE window_no BETWEEN 5 AND 18"
    )
    align(warehouse)  # the track of 60 s ends after 57.6 s of the film
    [(start_s, end_s, offset_s, speed)] = rows(warehouse, "SELECT start_s, end_s, offset_s, speed FROM heard")
    assert (end_s, speed) == (pytest.approx((60 + 25) / 25 * 24), pytest.approx(25 / 24))
    assert start_s >= 24 and offset_s == pytest.approx(25 / 24 * start_s - 25)


def test_weak_windows_count_in_a_run_that_has_a_sure_one(warehouse: Warehouse) -> None:
    add_windows(
        warehouse,
        {3: (1, 0.0, 0.07), 4: (1, 0.0, 0.11), 5: (1, 0.0, 0.07), 9: (2, 0.0, 0.07), 10: (2, 0.0, 0.07)},
    )
    align(warehouse)
    assert rows(warehouse, "SELECT start_s, end_s, track_no FROM heard") == [(12.5, 27.5, 1)]


def test_landmarks_vote_for_track_and_lag(warehouse: Warehouse) -> None:
    add_windows(warehouse, {})
    for n in range(60):
        film_s, chance = 10 + n * 0.15, (n * 7919) % 50
        warehouse.connection.execute("INSERT INTO film_landmark VALUES ('film-1', ?, ?)", [film_s, n])
        warehouse.connection.execute(
            "INSERT INTO track_landmark VALUES ('album-1', 2, ?, ?)", [film_s + 4, n]
        )
        warehouse.connection.execute("INSERT INTO track_landmark VALUES ('album-1', 1, ?, ?)", [chance, n])
    align(warehouse, recogniser="landmarks", heard_score=0.5)
    [(track_no, lag_s)] = rows(warehouse, "SELECT track_no, offset_s - start_s FROM heard")
    assert track_no == 2 and abs(lag_s - 4) < 0.05
