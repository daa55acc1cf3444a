"""The files of sql/weave and sql/audits, row by row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import sql_runner, weave
from engine.errors import BookscoreError
from engine.warehouse import Warehouse

IDS = {"title_id": "title-1", "book_id": "book-1", "film_id": "film-1", "album_id": "album-1"}
PARAMETERS = {name.removeprefix("weave."): value for name, value in weave.SETTINGS.items()} | IDS

# (track_no, music_segment_no, start_s, end_s, mode, arousal)
PIECES = [
    (1, 1, 0, 40, "major", 0.2),
    (1, 2, 40, 80, "minor", 0.3),
    (1, 3, 80, 120, "major", 0.4),
    (2, 1, 0, 60, "minor", 0.1),
    (3, 1, 0, 60, "major", 0.95),
]
EMOTIONS = ["positive", "negative", "neutral", "positive", "negative"]


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    with Warehouse(tmp_path) as opened:
        execute = opened.connection.execute
        execute("INSERT INTO chapter VALUES ('book-1', 1, '', 500)")
        for number, emotion in enumerate(EMOTIONS, 1):
            execute(
                "INSERT INTO paragraph (book_id, chapter_no, paragraph_no, text, n_words) VALUES ('book-1', 1, ?, '', 100)",
                [number],
            )
            execute(
                "INSERT INTO segment VALUES ('book-1', 1, ?, ?, ?, 100, ?)", [number, number, number, emotion]
            )
        for track_no in (1, 2, 3):
            execute(
                "INSERT INTO track (album_id, track_no, title, artist, path, duration_s, lufs) VALUES ('album-1', ?, '', NULL, '', 120, NULL)",
                [track_no],
            )
        for piece in PIECES:
            execute(
                "INSERT INTO music_segment (album_id, track_no, music_segment_no, start_s, end_s, mode, mode_strength, arousal, gain_db) VALUES ('album-1', ?, ?, ?, ?, ?, 0, ?, 0)",
                list(piece),
            )
        yield opened


def add_moment(
    warehouse: Warehouse, segment_no: int, film_s: float, score: float = 0.6, method: str = "dialogue"
) -> None:
    warehouse.connection.execute(
        "INSERT INTO moment VALUES ('title-1', 1, ?, ?, ?, ?, 'as written', 'as spoken')",
        [segment_no, film_s, method, score],
    )


def add_heard(warehouse: Warehouse, start_s: float, end_s: float, track_no: int, offset_s: float) -> None:
    warehouse.connection.execute(
        "INSERT INTO heard (film_id, album_id, start_s, end_s, track_no, offset_s, score) VALUES ('film-1', 'album-1', ?, ?, ?, ?, 0.4)",
        [start_s, end_s, track_no, offset_s],
    )


def woven(warehouse: Warehouse, **changed: Any) -> dict[int, tuple[int, int, str, dict[str, Any]]]:
    """{segment_no: (track_no, music_segment_no, method, evidence)}, audited."""
    with warehouse.transaction():
        sql_runner.derive(warehouse, "weave", PARAMETERS | changed)
        sql_runner.audit(warehouse, PARAMETERS | changed)
    found = warehouse.connection.execute(
        "SELECT segment_no, track_no, music_segment_no, method, evidence FROM soundtrack"
    ).fetchall()
    return {no: (track, piece, method, json.loads(evidence)) for no, track, piece, method, evidence in found}


def test_the_piece_that_sounds_at_the_moment_is_taken(warehouse: Warehouse) -> None:
    add_heard(warehouse, 100, 160, 1, 50)  # at film second 140 the track is at 90 s: its third piece
    add_moment(warehouse, 1, 140)
    track, piece, method, evidence = woven(warehouse)[1]
    assert (track, piece, method) == (1, 3, "film")
    assert evidence["heard"]["track_no"] == 1
    assert evidence["moments"][0]["film_text"] == "as spoken"


def test_another_piece_of_the_track_is_taken_where_the_one_that_sounds_has_the_wrong_mode(
    warehouse: Warehouse,
) -> None:
    add_heard(warehouse, 100, 160, 1, 0)  # the first piece, major
    add_moment(warehouse, 2, 110)  # of a negative segment
    assert woven(warehouse)[2][:3] == (1, 2, "film")


def test_film_music_of_the_wrong_mode_throughout_gives_way_to_emotion(warehouse: Warehouse) -> None:
    add_heard(warehouse, 100, 160, 2, 0)  # track 2 is minor only
    add_moment(warehouse, 1, 110)  # of a positive segment
    _, _, method, evidence = woven(warehouse)[1]
    assert method == "emotion" and "does not fit the emotion" in evidence["reason"]


def test_music_is_heard_in_the_neighbourhood_of_a_moment_only(warehouse: Warehouse) -> None:
    add_heard(warehouse, 100, 160, 1, 0)
    add_moment(warehouse, 1, 175)
    add_moment(warehouse, 4, 300)
    found = woven(warehouse, neighbourhood_s=20)
    assert found[1][2] == "film"
    assert found[4][2] == "emotion" and "no music of the album is heard" in found[4][3]["reason"]


def test_stronger_evidence_wins(warehouse: Warehouse) -> None:
    add_heard(warehouse, 100, 130, 1, 0)
    add_heard(warehouse, 200, 230, 3, 0)
    add_moment(warehouse, 1, 110, score=0.3, method="image")
    add_moment(warehouse, 1, 210, score=0.7)
    assert woven(warehouse)[1][:3] == (3, 1, "film")


def test_emotion_keeps_off_stirring_pieces_while_there_are_calm_ones(warehouse: Warehouse) -> None:
    found = woven(warehouse)
    assert all((track, piece) != (3, 1) for track, piece, _, _ in found.values())
    assert {entry[3]["reason"] for entry in found.values()} == {"no film scene matches"}


def test_pieces_take_turns(warehouse: Warehouse) -> None:
    found = woven(warehouse)
    assert found[1][:2] != found[4][:2], "two positive segments, two calm major pieces"
    assert found[2][:2] != found[5][:2], "two negative segments, two minor pieces"


def test_an_album_without_the_mode_still_gives_every_segment_music(warehouse: Warehouse) -> None:
    warehouse.connection.execute("UPDATE music_segment SET mode = 'major'")
    found = woven(warehouse)
    assert len(found) == len(EMOTIONS)
    assert found[2][3]["fits"] is False and found[1][3]["fits"] is True


def test_weaving_is_deterministic_and_another_seed_chooses_otherwise(warehouse: Warehouse) -> None:
    assert woven(warehouse) == woven(warehouse)
    assert any(woven(warehouse, seed=seed) != woven(warehouse) for seed in range(2, 8))


def test_without_a_film_all_music_is_by_emotion(warehouse: Warehouse) -> None:
    assert {entry[3]["reason"] for entry in woven(warehouse, film_id=None).values()} == {"no film"}


@pytest.mark.parametrize(
    ("harm", "audit"),
    [
        ("DELETE FROM soundtrack WHERE segment_no = 2", "10_one_piece_a_segment"),
        ("INSERT INTO soundtrack SELECT * FROM soundtrack WHERE segment_no = 2", "10_one_piece_a_segment"),
        ("UPDATE segment SET last_paragraph_no = 2 WHERE segment_no = 1", "20_segments_tile_chapters"),
        (
            "DELETE FROM segment WHERE segment_no = 5; DELETE FROM soundtrack WHERE segment_no = 5",
            "20_segments_tile_chapters",
        ),
        (
            "UPDATE music_segment SET end_s = 200 WHERE track_no = 1 AND music_segment_no = 3",
            "30_music_inside_track",
        ),
        (
            "UPDATE music_segment SET end_s = 50 WHERE track_no = 1 AND music_segment_no = 1",
            "30_music_inside_track",
        ),
        ("UPDATE soundtrack SET music_segment_no = 9 WHERE segment_no = 1", "40_music_exists"),
        ("UPDATE soundtrack SET score = 'nan' WHERE segment_no = 1", "40_music_exists"),
        (
            "UPDATE soundtrack SET track_no = 2, music_segment_no = 1 WHERE segment_no = 1",
            "50_emotion_agrees",
        ),
        (
            "INSERT INTO heard (film_id, album_id, start_s, end_s, track_no, offset_s, score) VALUES ('film-1', 'album-1', 0, 200, 1, 0, 1)",
            "60_heard_apart",
        ),
    ],
)
def test_each_audit_finds_what_it_is_for(warehouse: Warehouse, harm: str, audit: str) -> None:
    woven(warehouse)
    warehouse.connection.execute(harm)
    with pytest.raises(BookscoreError, match=audit):
        sql_runner.audit(warehouse, PARAMETERS)
