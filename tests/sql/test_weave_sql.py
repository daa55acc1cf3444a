"""What is chosen for the whole book, and how it is checked: sql/weave from `goes_on`, and sql/audits, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import isclose
from pathlib import Path

import pytest
from weave_rows import (
    EMOTIONS,
    add_decision,
    add_heard,
    add_many_pieces,
    add_moment,
    add_piece,
    derived,
    fill,
    parameters,
    rows,
    share_scene,
    woven,
)

from bookscore.engine import sql_runner
from bookscore.engine.errors import BookscoreError
from bookscore.engine.warehouse import Warehouse


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    with Warehouse(tmp_path) as opened:
        fill(opened)
        yield opened


# --- goes_on ---


def test_music_may_go_on_where_two_segments_on_end_lie_in_one_scene(warehouse: Warehouse) -> None:
    share_scene(warehouse, 1, 2, 4)
    derived(warehouse)
    assert rows(warehouse, "FROM goes_on") == [(2,)]


# --- beam_search ---


def chosen(warehouse: Warehouse, **settings: object) -> list[tuple[int, int]]:
    """The pieces of the segments in order, by track and music segment."""
    derived(warehouse, **settings)
    return rows(
        warehouse, "SELECT track_no, music_segment_no FROM soundtrack ORDER BY chapter_no, segment_no"
    )


def test_a_piece_does_not_come_again_soon(warehouse: Warehouse) -> None:
    warehouse.connection.execute(
        "UPDATE segment SET emotion = 'positive'; UPDATE paragraph SET p_positive = 0.8, p_negative = 0.1"
    )
    add_piece(warehouse, 2, 2, 60, 100, 0.2, 0.2)
    assert len(set(chosen(warehouse, theme_weight=0)[:4])) == 4, (
        "the stirring one, too, before one again at once"
    )
    assert set(chosen(warehouse, theme_weight=0, again_weight=0, chance_weight=0)) < {(1, 1), (2, 2)}


def test_a_piece_comes_again_where_the_film_says_so(warehouse: Warehouse) -> None:
    add_heard(warehouse, 100, 160, 1, 0)
    for segment_no in (1, 3, 4):
        add_moment(warehouse, segment_no, 110, score=0.9)
    found = chosen(warehouse, chance_weight=0, emotion_weight=0)
    assert [found[0], found[2], found[3]] == [(1, 1), (1, 1), (1, 1)]


def test_a_track_that_has_had_its_share_gives_way(warehouse: Warehouse) -> None:
    warehouse.connection.execute(
        "UPDATE segment SET emotion = 'neutral'; UPDATE paragraph SET p_positive = 0.2, p_negative = 0.2"
    )
    only = {"again_weight": 0, "chance_weight": 0, "emotion_weight": 0, "calm_weight": 0}
    tracks = [track_no for track_no, _ in chosen(warehouse, **only, theme_weight=1)]
    assert sorted(tracks) == [1, 1, 1, 2, 3], (
        "five segments, and three of the five pieces are the first track's"
    )


def test_a_track_keeps_its_share_however_many_pieces_it_has(warehouse: Warehouse) -> None:
    warehouse.connection.execute(
        "UPDATE segment SET emotion = 'neutral'; DELETE FROM music_segment WHERE track_no = 3"
    )
    add_many_pieces(warehouse, arousal=0.8)
    warehouse.connection.execute(
        "UPDATE music_segment SET arousal = 0.9 WHERE track_no = 1 AND music_segment_no < 1100"
    )
    add_decision(warehouse, "ban", 1, "Ebb")
    only = {"chance_weight": 0, "emotion_weight": 0, "short_weight": 0, "theme_weight": 1}
    tracks = [track_no for track_no, _ in chosen(warehouse, **only)]
    assert tracks.count(2) == 1, "the first track's pieces do not count as the second's"


def test_music_runs_on_inside_a_scene(warehouse: Warehouse) -> None:
    warehouse.connection.execute("UPDATE segment SET emotion = 'neutral'")
    share_scene(warehouse, 2, 3)
    found = chosen(warehouse)
    assert found[1] == found[2] and found[0] != found[1] and found[3] != found[2]


def test_the_beam_search_finds_the_best_of_all_sequences(warehouse: Warehouse) -> None:
    share_scene(warehouse, 3, 4)
    add_heard(warehouse, 100, 160, 1, 0)
    add_moment(warehouse, 3, 110, score=0.4)
    found = chosen(warehouse)
    worth = dict(
        ((nth, (track, piece)), (worth, film))
        for nth, track, piece, worth, film in rows(
            warehouse, "SELECT nth, track_no, music_segment_no, worth, film_score FROM choice"
        )
    )
    fair = {1: 3.0, 2: 1.0, 3: 1.0}

    def total(pieces: tuple[tuple[int, int], ...]) -> float:
        score = 0.0
        for nth, piece in enumerate(pieces, 1):
            own, film = worth[nth, piece]
            score += own
            before = pieces[: nth - 1]
            if nth == 4 and before[-1] == piece:
                score += 0.5
                continue
            since = next((n for n, other in enumerate(reversed(before), 1) if other == piece), None)
            if since:
                score -= (1 - film) * (1 - (since - 1) / 6)
            track = piece[0]
            score -= 0.5 * max(0, sum(other == track for other, _ in before) + 1 - fair[track]) / fair[track]
        return score

    every = product(*([piece for n, piece in worth if n == nth] for nth in range(1, len(EMOTIONS) + 1)))
    best = max(every, key=total)
    assert isclose(total(tuple(found)), total(best))


def test_weaving_is_deterministic_and_another_seed_settles_ties_otherwise(warehouse: Warehouse) -> None:
    warehouse.connection.execute(
        "UPDATE music_segment SET mode_strength = 0.2, mode = 'major', arousal = 0.2"
    )
    assert chosen(warehouse) == chosen(warehouse)
    assert len({tuple(chosen(warehouse, seed=seed)) for seed in range(8)}) > 1


# --- soundtrack ---


def test_a_row_tells_what_it_rests_on(warehouse: Warehouse) -> None:
    add_heard(warehouse, 100, 160, 1, 0)
    add_moment(warehouse, 1, 110)
    add_moment(warehouse, 2, 400)
    add_heard(warehouse, 700, 760, 2, 0)
    add_moment(warehouse, 4, 710)  # of a minor track, and the segment is positive
    found = woven(warehouse)
    assert found[1][:3] == (1, 1, "film")
    assert found[1][3]["heard"] == {"track_no": 1, "film_id": "film-1", "film_s": 100, "score": 0.4}
    assert [m["film_text"] for m in found[1][3]["moments"]] == ["as spoken"]
    assert found[1][3]["emotion"] == "positive" and found[1][3]["mode"] == "major"
    reasons = {no: entry[3].get("reason") for no, entry in found.items()}
    assert reasons == {
        1: None,
        2: "no music of the album is heard at the matching moments",
        3: "no film scene matches",
        4: "the music heard there does not fit the emotion",
        5: "no film scene matches",
    }


def test_pinned_music_has_no_reason_for_not_being_from_the_film(warehouse: Warehouse) -> None:
    add_heard(warehouse, 100, 160, 1, 0)
    add_moment(warehouse, 1, 110)
    add_moment(warehouse, 4, 110)
    add_decision(warehouse, "pin", 1, "Dawn")
    add_decision(warehouse, "pin", 4, "Storm")
    found = woven(warehouse)
    assert [found[no][2] for no in (1, 4)] == ["reader", "reader"]
    assert found[1][3]["moments"] and "reason" not in found[1][3], "the film plays what is pinned"
    assert "moments" not in found[4][3] and "reason" not in found[4][3], "the film plays another track"
    assert found[4][3]["reader"] == ["pin"] and found[4][3]["mode"] == "major"


def test_an_alignment_that_is_not_sure_is_told_of(warehouse: Warehouse) -> None:
    warehouse.connection.execute(
        "INSERT INTO chapter_scene (title_id, film_id, chapter_no, scene_no, score, confidence, accepted) "
        "VALUES ('title-1', 'film-1', 1, 1, 2, 0.4, false)"
    )
    assert {entry[3]["reason"] for entry in woven(warehouse).values()} == {
        "the scenes of the chapter are uncertain"
    }
    warehouse.connection.execute(
        "INSERT INTO film_match (title_id, film_id, n_lines, nats, accepted) VALUES ('title-1', 'film-1', 0, 0, false)"
    )
    assert {entry[3]["reason"] for entry in woven(warehouse).values()} == {"the film does not match the book"}


def test_without_a_film_all_music_is_by_emotion(warehouse: Warehouse) -> None:
    warehouse.connection.execute("DELETE FROM title_film")
    assert {entry[3]["reason"] for entry in woven(warehouse, film_id=None).values()} == {"no film"}


def test_two_titles_share_a_film_and_keep_their_own_music(warehouse: Warehouse) -> None:
    add_heard(warehouse, 100, 160, 1, 0)
    add_moment(warehouse, 1, 110)
    first = woven(warehouse)
    warehouse.connection.execute("INSERT INTO title_film VALUES ('title-2', 1, 'film-1', 'album', 0.1)")
    derived(warehouse, title_id="title-2")  # of the same film, with no moment of its own
    assert rows(
        warehouse,
        "SELECT title_id, count(*), count(*) FILTER (method = 'film') FROM soundtrack GROUP BY ALL ORDER BY 1",
    ) == [
        ("title-1", len(first), 1),
        ("title-2", len(first), 0),
    ]


# --- candidate ---


def test_candidates_are_judged_beside_the_music_around_them(warehouse: Warehouse) -> None:
    add_decision(warehouse, "pin", 3, "Dawn", at_s=0)
    add_decision(warehouse, "pin", 5, "Ebb")
    derived(warehouse, chance_weight=0, theme_weight=0, again_weight=1, again_segments=4)
    found = rows(
        warehouse,
        "SELECT rank, track_no, music_segment_no, variety, abs(score - film - emotion - calm - variety - continuity) < 1e-9 "
        "FROM candidate WHERE segment_no = 4 ORDER BY rank",
    )
    assert [row[0] for row in found] == [1, 2, 3] and all(row[4] for row in found)
    variety = {row[1:3]: row[3] for row in found}
    assert variety[1, 1] == pytest.approx(-1), "it is heard in the segment before"
    chosen = rows(warehouse, "SELECT track_no, music_segment_no FROM soundtrack WHERE segment_no = 4")
    assert chosen == [found[0][1:3]] and chosen != [(1, 1)]


def test_a_candidate_that_runs_on_earns_continuity(warehouse: Warehouse) -> None:
    share_scene(warehouse, 2, 3)
    derived(warehouse, go_on_weight=2)
    found = rows(warehouse, "SELECT segment_no, rank, continuity FROM candidate WHERE continuity > 0")
    assert found == [(2, 1, 2), (3, 1, 2)], "into the next, and from the one before"


def test_a_candidate_loses_little_for_what_the_film_plays_after_it(warehouse: Warehouse) -> None:
    add_heard(warehouse, 100, 160, 1, 0)
    add_moment(warehouse, 4, 110, score=0.75)
    derived(warehouse, theme_weight=0, emotion_weight=0, chance_weight=0, again_segments=4)
    assert rows(warehouse, "SELECT track_no, music_segment_no FROM soundtrack WHERE segment_no = 4") == [
        (1, 1)
    ]
    [(variety,)] = rows(
        warehouse,
        "SELECT variety FROM candidate WHERE segment_no = 3 AND track_no = 1 AND music_segment_no = 1",
    )
    assert variety == pytest.approx(-0.75 - 0.25), "heard two segments before; after it mostly from the film"


# --- audits ---


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
        ("UPDATE soundtrack SET evidence = '{}' WHERE segment_no = 1", "40_music_exists"),
        (
            "UPDATE soundtrack SET track_no = 2, music_segment_no = 1 WHERE segment_no = 1",
            "50_emotion_agrees",
        ),
        (
            "INSERT INTO heard (film_id, album_id, recogniser, min_score, start_s, end_s, track_no, offset_s, score) VALUES ('film-1', 'album-1', 'album', 0.1, 0, 200, 1, 0, 1)",
            "60_heard_apart",
        ),
        (
            "UPDATE soundtrack SET track_no = 3, music_segment_no = 1 WHERE segment_no = 4",
            "70_decisions_followed",
        ),
        (
            "UPDATE soundtrack SET track_no = 2, music_segment_no = 1 WHERE segment_no = 2",
            "70_decisions_followed",
        ),
    ],
)
def test_each_audit_finds_what_it_is_for(warehouse: Warehouse, harm: str, audit: str) -> None:
    add_decision(warehouse, "pin", 4, "Dawn", at_s=10)
    add_decision(warehouse, "ban", 2, "Ebb")
    derived(warehouse)
    warehouse.connection.execute(harm)
    with pytest.raises(BookscoreError, match=audit):
        sql_runner.audit(warehouse, parameters())


def test_bans_that_leave_no_piece_of_the_mode_are_no_fault(warehouse: Warehouse) -> None:
    add_decision(warehouse, "ban", None, "Ebb")
    add_decision(warehouse, "ban", None, "Dawn", at_s=50)
    assert {woven(warehouse)[no][3]["fits"] for no in (2, 5)} == {False}
