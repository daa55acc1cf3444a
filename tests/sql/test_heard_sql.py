"""Runs of music heard in a film, from the windows of its recognisers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from weave_rows import rows

from bookscore.engine import sql_runner
from bookscore.engine.warehouse import Warehouse


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    with Warehouse(tmp_path) as opened:
        yield opened


def hear(warehouse: Warehouse, *, recogniser: str = "album", min_score: float = 0.1) -> None:
    """Make the runs of the film and the album by one recogniser."""
    parameters = {
        "film_id": "film-1",
        "album_id": "album-1",
        "recogniser": recogniser,
        "min_score": min_score,
    }
    sql_runner.derive(warehouse, "heard", parameters)


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
    hear(warehouse)
    [(start_s, end_s, track_no, offset_s)] = rows(
        warehouse, "SELECT start_s, end_s, track_no, offset_s FROM heard"
    )
    assert track_no == 1 and abs(offset_s - (start_s - 10)) < 1e-9
    assert 10 <= start_s <= 15 and 30 <= end_s <= 35


def test_two_tracks_in_succession_do_not_overlap(warehouse: Warehouse) -> None:
    add_windows(warehouse, {3: (1, -10.0, 0.3), 4: (1, -10.0, 0.3), 5: (2, 3.0, 0.3), 6: (2, 3.0, 0.3)})
    hear(warehouse)
    found = rows(warehouse, "SELECT track_no, start_s, end_s FROM heard ORDER BY start_s")
    assert [row[0] for row in found] == [1, 2]
    assert found[0][2] <= found[1][1]


def test_nothing_is_heard_below_the_score(warehouse: Warehouse) -> None:
    add_windows(warehouse, {})
    hear(warehouse)
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
    hear(warehouse)
    found = rows(warehouse, "SELECT start_s, end_s, track_no, offset_s FROM heard ORDER BY start_s")
    assert found == [(1.3, 10.8, 1, pytest.approx(11.3)), (10.8, 17.2, 2, pytest.approx(30.8))]


def test_at_another_speed_the_track_runs_on_faster_than_the_film(warehouse: Warehouse) -> None:
    add_windows(warehouse, {n: (1, 0.0, 0.3) for n in range(5, 19)})
    warehouse.connection.execute(
        "UPDATE heard_window SET speed = 25 / 24, offset_s = 25 / 24 * start_s - 25 WHERE window_no BETWEEN 5 AND 18"
    )
    hear(warehouse)  # the track of 60 s ends after 57.6 s of the film
    [(start_s, end_s, offset_s, speed)] = rows(warehouse, "SELECT start_s, end_s, offset_s, speed FROM heard")
    assert (end_s, speed) == (pytest.approx((60 + 25) / 25 * 24), pytest.approx(25 / 24))
    assert start_s >= 24 and offset_s == pytest.approx(25 / 24 * start_s - 25)


def test_weak_windows_count_in_a_run_that_has_a_sure_one(warehouse: Warehouse) -> None:
    add_windows(
        warehouse,
        {3: (1, 0.0, 0.07), 4: (1, 0.0, 0.11), 5: (1, 0.0, 0.07), 9: (2, 0.0, 0.07), 10: (2, 0.0, 0.07)},
    )
    hear(warehouse)
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
    hear(warehouse, recogniser="landmarks", min_score=0.5)
    [(track_no, lag_s)] = rows(warehouse, "SELECT track_no, offset_s - start_s FROM heard")
    assert track_no == 2 and abs(lag_s - 4) < 0.05
