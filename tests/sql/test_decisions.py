"""What readers decide: how it is said, kept, followed and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from weave_rows import derived, fill, rows, woven

from bookscore.engine.errors import BookscoreError
from bookscore.engine.warehouse import Warehouse
from bookscore.sql.decisions import Decisions, seconds
from bookscore.sql.title import Title


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    with Warehouse(tmp_path) as opened:
        fill(opened)
        # The tests of the weave name their title themselves.
        opened.connection.execute("UPDATE title SET title_id = ?", [Title("One", "", (), "").title_id])
        opened.connection.execute("UPDATE title_film SET title_id = (SELECT title_id FROM title)")
        yield opened


@pytest.fixture
def decisions(warehouse: Warehouse) -> Decisions:
    found = Decisions(warehouse, Title.woven(warehouse.connection, "One"))
    derived(warehouse, title_id=found.title.title_id)
    return found


def followed(decisions: Decisions) -> dict[int, tuple]:
    """{segment_no: (track_no, music_segment_no, method, evidence)} of the next weave."""
    return woven(decisions.warehouse, title_id=decisions.title.title_id)


def kept(decisions: Decisions) -> list[tuple]:
    return rows(
        decisions.warehouse,
        "SELECT verb, chapter_no, segment_no, track_no, at_s FROM decision ORDER BY decision_no",
    )


def test_a_title_is_known_with_its_films_and_the_settings_it_was_woven_with(decisions: Decisions) -> None:
    title = decisions.title
    assert (title.book_id, title.film_ids, title.album_id) == ("book-1", ("film-1",), "album-1")
    derived(decisions.warehouse, title_id=title.title_id, seed=7)
    assert title.settings(decisions.warehouse.connection)["weave.seed"] == "7"
    with pytest.raises(BookscoreError, match=r"no title 'Two'; the warehouse has 'One'"):
        Title.woven(decisions.warehouse.connection, "Two")


@pytest.mark.parametrize(
    ("text", "track_no", "at_s"),
    [
        ("2", 2, None),
        ("Ebb", 2, None),
        ("ebb", 2, None),
        ("awn", 1, None),
        ("Dawn@1:05", 1, 65),
        ("1 @ 7.5", 1, 7.5),
    ],
)
def test_a_track_is_named_by_number_title_or_part_of_it(
    decisions: Decisions, text: str, track_no: int, at_s: float | None
) -> None:
    found = decisions.music(text)
    assert (found.track_no, found.at_s) == (track_no, at_s)


def test_a_time_as_it_is_shown_means_the_piece_that_begins_then(decisions: Decisions) -> None:
    moved = "UPDATE music_segment SET start_s = 40.4 WHERE track_no = 1 AND music_segment_no = 2"
    decisions.warehouse.connection.execute(moved)
    assert [decisions.music(text).at_s for text in ("Dawn@0:40", "Dawn@0:40.2", "Dawn@0:41", "Ebb@0:40")] == [
        40.4, 40.2, 41, 40,
    ]  # fmt: skip


def test_a_title_comes_before_a_number_and_may_have_an_at(decisions: Decisions) -> None:
    decisions.warehouse.connection.execute(
        "UPDATE track SET title = CASE track_no WHEN 1 THEN '3' WHEN 2 THEN 'Live @ home' ELSE title END"
    )
    assert decisions.music("3").track_no == 1
    assert decisions.music("Live @ home").track_no == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Noon", "is not a track of the album, which has 1 Dawn, 2 Ebb, 3 Storm"),
        ("", "is not a track"),
        ("D", "matches several tracks .1 Dawn, 3 Dusk.: give the number"),
        ("Dawn@2:00", "ends after 120 s"),
    ],
)
def test_a_track_that_is_not_there_or_not_one_is_told_with_those_there_are(
    decisions: Decisions, text: str, line: str
) -> None:
    decisions.warehouse.connection.execute(
        "UPDATE track SET title = 'Dusk' WHERE track_no = 3 AND ? = 'D'", [text]
    )
    with pytest.raises(BookscoreError, match=line):
        decisions.music(text)


def test_times_are_read_as_players_show_them() -> None:
    assert [seconds(text) for text in ("95", "1:35", "0:01:35.5", "", "x")] == [95, 95, 95.5, None, None]


def test_a_pinned_track_is_heard_until_it_is_unpinned(decisions: Decisions) -> None:
    before = followed(decisions)
    decisions.pin("1.1", "Ebb")
    assert followed(decisions)[1][:3] == (2, 1, "reader")
    decisions.pin("1.1", "Dawn@50")
    assert followed(decisions)[1][:3] == (1, 2, "reader")
    assert kept(decisions) == [("pin", 1, 1, 1, 50)], "the later pin replaces the earlier"
    assert decisions.undo("1.1") == 1
    assert followed(decisions) == before


def test_a_ban_holds_for_a_segment_or_the_book(decisions: Decisions) -> None:
    decisions.ban("Dawn", "1.1")
    assert followed(decisions)[1][0] == 3
    decisions.ban("Dawn@50")
    decisions.ban("Storm")
    found = followed(decisions)
    assert 3 not in {entry[0] for no, entry in found.items() if no != 1} and (1, 2) not in {
        entry[:2] for entry in found.values()
    }
    assert decisions.undo("storm") == 1 and len(kept(decisions)) == 2
    assert decisions.undo(None) == 2 and kept(decisions) == []


def test_bans_may_not_leave_a_segment_without_music(decisions: Decisions) -> None:
    decisions.ban("Dawn")
    decisions.ban("Ebb", "1.2")
    with pytest.raises(BookscoreError, match=r"no music for 1\.2"), decisions.changing():
        decisions.ban("Storm")
    assert len(kept(decisions)) == 2
    decisions.pin("1.2", "Storm")
    decisions.ban("Storm")
    assert followed(decisions)[2][:3] == (3, 1, "reader")


def test_calmer_and_louder_move_away_from_what_is_heard_now(decisions: Decisions) -> None:
    assert followed(decisions)[1][:2] == (1, 1)
    decisions.stir("louder", "1.1")
    assert followed(decisions)[1][:2] == (1, 3)
    decisions.stir("louder", "1.1")
    assert followed(decisions)[1][:2] == (3, 1)
    with pytest.raises(BookscoreError, match="most stirring fitting music already"):
        decisions.stir("louder", "1.1")
    decisions.stir("calmer", "1.1")
    found = followed(decisions)[1]
    assert found[0] == 1 and found[3]["reader"] == ["calmer"], "the later word replaces the earlier"


def test_pinned_music_is_not_made_calmer_behind_the_readers_back(decisions: Decisions) -> None:
    decisions.pin("1.1", "Storm")
    followed(decisions)
    with pytest.raises(BookscoreError, match="is pinned"):
        decisions.stir("calmer", "1.1")


@pytest.mark.parametrize("place", ["1.9", "2.1", "3", "x.y"])
def test_a_segment_that_is_not_there_is_told(decisions: Decisions, place: str) -> None:
    for decide in (
        lambda: decisions.pin(place, "Ebb"),
        lambda: decisions.ban("Ebb", place),
        lambda: decisions.stir("calmer", place),
    ):
        with pytest.raises(BookscoreError, match=r"no(t a)? segment"):
            decide()
    assert kept(decisions) == []


def test_what_was_never_decided_cannot_be_taken_back(decisions: Decisions) -> None:
    for what in (None, "1.2", "Ebb"):
        with pytest.raises(BookscoreError, match="there is no decision"):
            decisions.undo(what)


def test_what_fails_while_weaving_leaves_the_decisions_as_they_were(decisions: Decisions) -> None:
    decisions.pin("1.1", "Ebb")
    with pytest.raises(RuntimeError), decisions.changing():
        decisions.undo(None)
        decisions.ban("Dawn")
        raise RuntimeError
    assert kept(decisions) == [("pin", 1, 1, 2, None)]


def test_decisions_follow_their_words_when_segments_are_cut_otherwise(decisions: Decisions) -> None:
    decisions.pin("1.4", "Ebb")
    # Ingested again with longer segments: the first two are one now, and the others count down.
    decisions.warehouse.connection.execute(
        "DELETE FROM segment WHERE segment_no = 1; UPDATE segment SET segment_no = segment_no - 1, first_paragraph_no = "
        "CASE segment_no WHEN 2 THEN 1 ELSE first_paragraph_no END"
    )
    assert followed(decisions)[3][:3] == (2, 1, "reader")
    assert decisions.not_followed() == []
    assert decisions.undo("1.3") == 1


def test_a_decision_that_fits_no_more_is_told_and_applied_to_no_other_text(decisions: Decisions) -> None:
    decisions.pin("1.4", "Ebb")
    decisions.warehouse.connection.execute(
        "UPDATE paragraph SET text = 'Quite another chapter.' WHERE paragraph_no = 4"
    )
    assert {entry[2] for entry in followed(decisions).values()} == {"emotion"}
    [line] = decisions.not_followed()
    assert line.startswith("not followed: pin 1.4 Ebb") and "\n" not in line
    assert len(kept(decisions)) == 1


def test_segments_that_begin_alike_keep_decisions_of_their_own(decisions: Decisions) -> None:
    decisions.warehouse.connection.execute("UPDATE paragraph SET text = 'My dear sister, I write again.'")
    decisions.pin("1.1", "Ebb")
    decisions.pin("1.3", "Storm")
    decisions.stir("calmer", "1.4")
    decisions.pin("1.5", "Dawn")
    assert [(row[0], row[2]) for row in kept(decisions)] == [
        ("pin", 1),
        ("pin", 3),
        ("calmer", 4),
        ("pin", 5),
    ]
    found = followed(decisions)
    assert [found[no][0] for no in (1, 3, 5)] == [2, 3, 1] and found[4][2] == "emotion"
    decisions.pin("1.3", "Ebb")
    assert decisions.undo("1.5") == 1
    with pytest.raises(BookscoreError, match=r"there is no decision about 1\.2"):
        decisions.undo("1.2")
    assert [(row[0], row[2], row[3]) for row in kept(decisions)] == [
        ("pin", 1, 2),
        ("calmer", 4, None),
        ("pin", 3, 2),
    ]
