"""What a segment may choose from: sql/weave up to `choice`, given rows, expected rows."""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose
from pathlib import Path

import pytest
from weave_rows import add_decision, add_heard, add_many_pieces, add_moment, derived, fill, rows, woven

from bookscore.engine import sql_runner
from bookscore.engine.warehouse import Warehouse


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    with Warehouse(tmp_path) as opened:
        fill(opened)
        yield opened


# --- weave_setting ---


def test_every_setting_of_the_weave_is_kept_with_its_reason(warehouse: Warehouse) -> None:
    derived(warehouse, film_weight=7.5)
    found = {
        name: (value, reason)
        for name, value, reason in rows(warehouse, "SELECT name, value, reason FROM weave_setting")
    }
    assert found["film_weight"][0] == "7.5" and found["rule"][0] == "ours"
    named = {name for file in sql_runner.sql_files("weave") for name in found if f"${name}" in file.text}
    assert len(named) >= 12 and all(found[name][1] for name in named)


# --- decided ---


def decided(warehouse: Warehouse) -> list[tuple]:
    derived(warehouse)
    return rows(
        warehouse, "SELECT verb, chapter_no, segment_no, track_no, applies FROM decided ORDER BY decision_no"
    )


def test_a_decision_follows_the_words_its_segment_opens_with(warehouse: Warehouse) -> None:
    add_decision(warehouse, "pin", 4, "Dawn")
    warehouse.connection.execute(
        "UPDATE paragraph SET text = CASE paragraph_no WHEN 2 THEN 'IN the morning — and MORE!' ELSE 'Other words' END"
    )
    assert decided(warehouse) == [("pin", 1, 2, 1, True)]


def test_of_segments_that_begin_alike_the_nearer_has_the_decision(warehouse: Warehouse) -> None:
    warehouse.connection.execute("UPDATE paragraph SET text = 'The same words' WHERE paragraph_no IN (1, 4)")
    add_decision(warehouse, "pin", 4, "Dawn")
    assert decided(warehouse) == [("pin", 1, 4, 1, True)]


def test_a_decision_about_words_or_music_that_are_gone_does_not_stand(warehouse: Warehouse) -> None:
    add_decision(warehouse, "pin", 4, "Ebb")
    add_decision(warehouse, "ban", None, "Storm")
    add_decision(warehouse, "ban", None, "Dawn")
    warehouse.connection.execute("UPDATE paragraph SET text = 'Other words' WHERE paragraph_no = 4")
    warehouse.connection.execute("UPDATE track SET title = 'Calm' WHERE track_no = 3")
    assert [row[-1] for row in decided(warehouse)] == [False, False, True]
    assert woven(warehouse)[4][2] == "emotion"


def test_a_track_is_known_by_its_title_when_numbers_change(warehouse: Warehouse) -> None:
    add_decision(warehouse, "ban", None, "Dawn")
    warehouse.connection.execute(
        "UPDATE track SET title = CASE track_no WHEN 1 THEN 'Ebb' WHEN 2 THEN 'Dawn' ELSE title END"
    )
    assert decided(warehouse) == [("ban", None, None, 2, True)]


# --- compatibility ---


def test_major_fits_positive_minor_negative_and_either_neutral(warehouse: Warehouse) -> None:
    derived(warehouse)
    found = rows(warehouse, "SELECT DISTINCT emotion, mode, fits FROM compatibility ORDER BY ALL")
    assert found == [
        ("negative", "major", False),
        ("negative", "minor", True),
        ("neutral", "major", True),
        ("neutral", "minor", True),
        ("positive", "major", True),
        ("positive", "minor", False),
    ]


def closeness(warehouse: Warehouse, nth: int) -> dict[tuple[int, int], float]:
    """That of a segment and each piece, by track and music segment."""
    derived(warehouse)
    found = rows(
        warehouse, f"SELECT track_no, music_segment_no, closeness FROM compatibility WHERE nth = {nth}"
    )
    return {(track_no, music_segment_no): near for track_no, music_segment_no, near in found}


def test_closeness_is_between_the_saddest_and_the_happiest(warehouse: Warehouse) -> None:
    found = closeness(warehouse, 1)  # as happy as the book gets
    expected = {(1, 1): 1, (1, 2): 0.25, (1, 3): 0.75, (2, 1): 0, (3, 1): 1}
    assert all(isclose(found[piece], near, abs_tol=1e-6) for piece, near in expected.items())


def test_closeness_leans_where_a_neutral_passage_leans(warehouse: Warehouse) -> None:
    warehouse.connection.execute(
        "UPDATE paragraph SET p_positive = 0.4, p_negative = 0.1 WHERE paragraph_no = 3"
    )
    found = closeness(warehouse, 3)
    assert found[1, 3] > found[1, 1] > found[1, 2] > found[2, 1]


def test_a_track_may_have_more_than_a_thousand_pieces(warehouse: Warehouse) -> None:
    add_many_pieces(warehouse, arousal=0.1)
    add_decision(warehouse, "pin", 2, "Ebb")
    add_decision(warehouse, "ban", None, "Storm")
    assert woven(warehouse)[2][:3] == (2, 1, "reader"), "no other piece has the number of the pinned one"
    numbers = rows(
        warehouse, "SELECT DISTINCT piece_no, track_no, music_segment_no FROM compatibility ORDER BY ALL"
    )
    assert [number for number, _, _ in numbers] == list(range(1, 1203))
    places = [place for _, *place in numbers]
    assert places == sorted(places), "numbers follow the order of the album"


# --- heard_near ---


def heard_near(warehouse: Warehouse, **settings: float) -> list[tuple]:
    derived(warehouse, **settings)
    return rows(
        warehouse, "SELECT segment_no, track_no, away_s, place_s, weight FROM heard_near ORDER BY ALL"
    )


def test_a_moment_hears_what_sounds_at_it(warehouse: Warehouse) -> None:
    add_heard(warehouse, 100, 160, 1, 50)
    add_heard(warehouse, 170, 200, 2, 0)
    add_moment(warehouse, 1, 140)
    assert heard_near(warehouse) == [(1, 1, 0, 90, 0.6)]


def test_the_neighbourhood_grows_until_it_hears_something_up_to_the_setting(warehouse: Warehouse) -> None:
    add_heard(warehouse, 100, 160, 1, 0)
    add_heard(warehouse, 220, 230, 2, 5)
    add_moment(warehouse, 1, 200)  # 40 s after the first, 20 s before the second
    add_moment(warehouse, 2, 300)  # 70 s after the second
    assert heard_near(warehouse, near_s=20, neighbourhood_s=60) == [(1, 2, 20, 5, 0.3)]


def test_a_recording_that_plays_too_fast_is_further_on(warehouse: Warehouse) -> None:
    add_heard(warehouse, 100, 160, 1, 10)
    warehouse.connection.execute("UPDATE heard SET speed = 1.5")
    add_moment(warehouse, 1, 120)
    assert heard_near(warehouse)[0][3] == 40


def test_each_film_of_a_series_is_heard_at_its_own_moments(warehouse: Warehouse) -> None:
    warehouse.connection.execute("INSERT INTO title_film VALUES ('title-1', 2, 'film-2', 'album', 0.1)")
    add_heard(warehouse, 100, 160, 1, 0)
    add_heard(warehouse, 100, 160, 3, 0, film_id="film-2")
    add_moment(warehouse, 1, 110)
    add_moment(warehouse, 4, 110, film_id="film-2")
    assert [row[:2] for row in heard_near(warehouse)] == [(1, 1), (4, 3)]


# --- film_music ---


def test_moments_that_hear_the_same_track_add_up(warehouse: Warehouse) -> None:
    add_heard(warehouse, 100, 160, 1, 0)
    add_heard(warehouse, 300, 360, 2, 0)
    add_moment(warehouse, 1, 110, score=0.5)
    add_moment(warehouse, 1, 150, score=0.6)
    add_moment(warehouse, 1, 310, score=0.3)
    derived(warehouse)
    found = rows(
        warehouse, "SELECT track_no, score, place_s, len(moments), heard.film_s FROM film_music ORDER BY ALL"
    )
    assert found == [(1, pytest.approx(0.8), 50, 2, 100), (2, pytest.approx(0.3), 10, 1, 300)]


# --- choice ---


def choices(warehouse: Warehouse, segment_no: int, **settings: object) -> list[tuple]:
    """Pieces that a segment may choose from, by track and music segment, best first."""
    derived(warehouse, **settings)
    return rows(
        warehouse,
        f"SELECT track_no, music_segment_no FROM choice WHERE segment_no = {segment_no} ORDER BY worth DESC, piece_no",
    )


def test_a_segment_chooses_from_what_fits_the_closer_and_calmer_first(warehouse: Warehouse) -> None:
    assert choices(warehouse, 1, chance_weight=0) == [(1, 1), (1, 3), (3, 1)]
    assert choices(warehouse, 2, chance_weight=0) == [(2, 1), (1, 2)]
    assert choices(warehouse, 1, candidates=2) == [(1, 1), (1, 3)]


def test_the_piece_that_sounds_comes_before_its_track_and_both_before_the_rest(warehouse: Warehouse) -> None:
    add_heard(warehouse, 100, 130, 1, 80)
    add_moment(warehouse, 1, 110)
    assert choices(warehouse, 1, emotion_weight=0, chance_weight=0) == [(1, 3), (1, 1), (3, 1)]


def test_short_pieces_are_worth_less(warehouse: Warehouse) -> None:
    warehouse.connection.execute(
        "UPDATE music_segment SET end_s = start_s + 9 WHERE music_segment_no = 1 AND track_no = 1"
    )
    assert choices(warehouse, 1, chance_weight=0)[0] == (1, 3)


def test_a_pool_without_the_mode_offers_all_of_it(warehouse: Warehouse) -> None:
    warehouse.connection.execute("UPDATE music_segment SET mode = 'major'")
    assert len(choices(warehouse, 2)) == 5
    assert woven(warehouse)[2][3]["fits"] is False


def test_a_pinned_piece_is_the_only_choice_even_where_it_does_not_fit(warehouse: Warehouse) -> None:
    add_decision(warehouse, "pin", 1, "Ebb")
    add_decision(warehouse, "pin", 2, "Dawn", at_s=100)
    add_decision(warehouse, "pin", 4, "Dawn")
    add_decision(warehouse, "ban", None, "Ebb")
    assert choices(warehouse, 1) == [(2, 1)]
    assert choices(warehouse, 2) == [(1, 3)]
    assert choices(warehouse, 4, chance_weight=0) == [(1, 1), (1, 3)], "of a pinned track, what fits"
    assert [entry[2] for entry in woven(warehouse).values()] == [
        "reader",
        "reader",
        "emotion",
        "reader",
        "emotion",
    ]


def test_a_banned_track_is_no_choice_where_it_is_banned(warehouse: Warehouse) -> None:
    add_decision(warehouse, "ban", 1, "Dawn")
    add_decision(warehouse, "ban", None, "Dawn", at_s=50)
    assert choices(warehouse, 1) == [(3, 1)]
    assert set(choices(warehouse, 4)) == {(1, 1), (1, 3), (3, 1)}
    assert choices(warehouse, 5) == [(2, 1)]


def test_calmer_and_louder_hold_as_far_as_there_is_such_music(warehouse: Warehouse) -> None:
    add_decision(warehouse, "calmer", 1, arousal=0.4)
    add_decision(warehouse, "louder", 4, arousal=0.5)
    add_decision(warehouse, "calmer", 2, arousal=0.05)
    assert choices(warehouse, 1) == [(1, 1)]
    assert choices(warehouse, 4) == [(3, 1)]
    assert choices(warehouse, 2, chance_weight=0) == [(2, 1), (1, 2)]
    assert woven(warehouse)[4][3]["reader"] == ["louder"]


def test_the_papers_rule_takes_a_fitting_piece_of_the_film_else_any_by_a_throw(warehouse: Warehouse) -> None:
    add_heard(warehouse, 100, 160, 1, 0)
    add_moment(warehouse, 1, 110, score=0.01)
    taken = [woven(warehouse, rule="paper", seed=seed) for seed in range(12)]
    assert {entry[1][:3] for entry in taken} == {(1, 1, "film"), (1, 3, "film")}
    assert {entry[4][:3] for entry in taken} == {(1, 1, "emotion"), (1, 3, "emotion"), (3, 1, "emotion")}
