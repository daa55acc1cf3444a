"""Saved queries, the playlist, the JSON and the cut music of a tiny woven warehouse of known content."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest
import woven_fixture as woven_title

from bookscore.engine.errors import BookscoreError
from bookscore.queries import playlist, reader, saved, soundtrack_json, woven
from bookscore.queries.why import why

SCHEMA = Path(soundtrack_json.__file__).with_name("soundtrack.schema.json")


@pytest.fixture
def warehouse(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    return woven_title.make(tmp_path)


def _run(warehouse: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, object]]:
    known = {"title": woven_title.NAME, "book": "b", "film": "f"}
    return saved.run(warehouse, query, **{name: known[name] for name in saved.read(query).parameters})


# --- Saved queries ---


@pytest.mark.parametrize("query", saved.names())
def test_a_saved_query_returns_the_columns_its_head_describes(warehouse, query):
    read = saved.read(query)
    assert read.what.endswith(".")
    assert set(read.parameters) == set(re.findall(r"\$(\w+)", re.sub("--.*", "", read.sql)))
    rows = _run(warehouse, query)
    assert list(rows[0]) == list(read.columns)


@pytest.mark.parametrize("query", saved.names())
def test_a_saved_query_works_for_a_book_without_a_film_and_on_an_empty_warehouse(tmp_path, query):
    _run(woven_title.make(tmp_path, film=False), query)
    empty = duckdb.connect()
    for file in sorted(woven_title.SCHEMA.glob("*.sql")):
        empty.execute(file.read_text())
    assert _run(empty, query) == []


def test_an_unknown_saved_query_is_refused_with_the_names_there_are():
    with pytest.raises(BookscoreError, match=r"'covrage'.*coverage, .*what_plays_when"):
        saved.read("covrage")


def test_coverage_counts_segments_by_chapter_and_method(warehouse):
    counts = [tuple(row.values())[2:] for row in _run(warehouse, "coverage")]
    assert counts == [(3, 2, 1, 1, 1, 0), (2, 1, 1, 0, 0, 0)]


def test_tracks_used_tells_unused_music_and_reading_time(warehouse):
    warehouse.execute(
        "INSERT INTO track (album_id, track_no, title, artist, path, duration_s, lufs) VALUES ('a', 3, 'Unheard', NULL, 'x.wav', 10, -20)"
    )
    rows = _run(warehouse, "tracks_used")
    assert [
        (r["track_no"], r["n_music_segments"], r["n_music_segments_used"], r["n_segments"]) for r in rows
    ] == [
        (1, 2, 2, 4),
        (2, 1, 1, 1),
        (3, 0, 0, 0),
    ]
    n_words = warehouse.execute("SELECT n_words FROM book").fetchone()[0]
    assert sum(r["reading_min"] for r in rows) == pytest.approx(n_words / 250, abs=0.15)


def test_what_plays_when_covers_the_book_without_gaps(warehouse):
    rows = _run(warehouse, "what_plays_when")
    assert rows[0]["from_min"] == 0
    assert [r["to_min"] for r in rows[:-1]] == [r["from_min"] for r in rows[1:]]
    assert rows[-1]["to_min"] == pytest.approx(
        warehouse.execute("SELECT n_words FROM book").fetchone()[0] / 250, abs=0.01
    )


def test_the_emotional_arc_runs_along_the_book(warehouse):
    rows = _run(warehouse, "emotional_arc")
    positions = [r["position"] for r in rows]
    assert positions == sorted(positions) and 0 < positions[0] < positions[-1] < 1
    assert rows[0]["valence"] == pytest.approx(0.6)
    assert [r["mode"] for r in rows] == ["major", "major", "minor", "major", "major"]


def test_chapters_and_shots_without_a_sure_scene_are_told(warehouse):
    assert [r["chapter_title"] for r in _run(warehouse, "unmatched_chapters")] == ["Low Water"]
    assert [r["shot_no"] for r in _run(warehouse, "shots_without_chapter")] == [42]
    warehouse.execute("UPDATE chapter_scene SET accepted = false")
    assert len(_run(warehouse, "unmatched_chapters")) == 2
    assert len(_run(warehouse, "shots_without_chapter")) == 3


# --- The shared reading model ---


def test_an_unknown_title_is_refused_with_the_names_there_are(warehouse, tmp_path):
    for write in (playlist.write, soundtrack_json.write, reader.write):
        with pytest.raises(BookscoreError, match=f"'Lamp'.*{woven_title.NAME}"):
            write(warehouse, "Lamp", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_segment_without_music_is_refused(warehouse):
    warehouse.execute("DELETE FROM soundtrack WHERE chapter_no = 1 AND segment_no = 3")
    with pytest.raises(BookscoreError, match=r"no music for segment 1\.3"):
        woven.load(warehouse, woven_title.NAME)


def test_exports_change_nothing_in_the_warehouse(warehouse, tmp_path):
    def content() -> dict[str, list[tuple]]:
        tables = [name for (name,) in warehouse.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        return {table: warehouse.execute(f"FROM {table} ORDER BY ALL").fetchall() for table in tables}

    before = content()
    playlist.write(warehouse, woven_title.NAME, tmp_path / "p.m3u8")
    soundtrack_json.write(warehouse, woven_title.NAME, tmp_path / "s.json")
    reader.write(warehouse, woven_title.NAME, tmp_path / "reader")
    assert content() == before


# --- Files ---


@pytest.mark.parametrize("write", [playlist.write, soundtrack_json.write])
def test_a_place_that_cannot_be_written_is_named(warehouse, tmp_path, write):
    (tmp_path / "file").write_text("")
    with pytest.raises(BookscoreError, match="file/out: cannot be written"):
        write(warehouse, woven_title.NAME, tmp_path / "file" / "out")


def test_a_write_cut_short_leaves_the_old_file(warehouse, tmp_path, monkeypatch):
    path = tmp_path / "s.json"
    path.write_text("old")

    def full(self: Path, data: bytes) -> None:
        with self.open("wb") as file:
            file.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(BookscoreError, match="No space left"):
        soundtrack_json.write(warehouse, woven_title.NAME, path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["s.json"]


# --- JSON ---


def test_two_warehouses_made_of_the_same_input_give_the_same_json_and_reader(tmp_path):
    written = []
    for place in ("here", "over there"):
        connection, folder = woven_title.make(tmp_path / place), tmp_path / place
        soundtrack_json.write(connection, woven_title.NAME, folder / "s.json")
        files = [folder / "s.json", *reader.write(connection, woven_title.NAME, folder / "reader")]
        written.append({str(f.relative_to(folder)): f.read_bytes() for f in files})
    assert written[0] == written[1]
    assert not any(str(tmp_path).encode() in content for content in written[0].values())


def test_the_json_holds_the_whole_soundtrack(warehouse, tmp_path):
    soundtrack_json.write(warehouse, woven_title.NAME, tmp_path / "s.json")
    document = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))
    assert (document["format"], document["version"]) == ("bookscore-soundtrack", 2)
    assert document["films"] == [{"film_id": "f", "title": "The Lamp", "duration_s": 5400.5}]
    assert [t["path"] for t in document["tracks"]] == [woven_title.TRACK_1, woven_title.TRACK_2]
    segments = {(c["chapter_no"], s["segment_no"]): s for c in document["chapters"] for s in c["segments"]}
    assert list(segments) == list(woven_title.WOVEN)
    for place, (piece, method) in woven_title.WOVEN.items():
        music = segments[place]["music"]
        start_s, end_s, _ = woven_title.PIECES[piece]
        assert (music["track_no"], music["music_segment_no"]) == piece
        assert (music["start_s"], music["end_s"], music["arousal"]) == (start_s, end_s, 0.2)
        assert segments[place]["method"] == method
    assert segments[1, 1]["evidence"]["moments"][0]["score"] == 0.8123
    assert segments[2, 1]["first_paragraph_no"] == 1 and segments[2, 1]["last_paragraph_no"] == 8


def test_a_book_without_a_film_has_none_in_its_json(tmp_path):
    soundtrack_json.write(woven_title.make(tmp_path, film=False), woven_title.NAME, tmp_path / "s.json")
    document = json.loads((tmp_path / "s.json").read_text())
    assert document["films"] == []
    assert _faults(document) == []


def _faults(document: dict[str, Any]) -> list[str]:
    """What the published schema finds wrong."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    return [error.message for error in validator(schema).iter_errors(document)]


def test_the_json_keeps_to_its_schema_which_finds_faults(warehouse, tmp_path):
    soundtrack_json.write(warehouse, woven_title.NAME, tmp_path / "s.json")
    document = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))
    assert _faults(document) == []
    for name in document:
        assert _faults({key: value for key, value in document.items() if key != name}), f"{name} is missing"
    segment = document["chapters"][0]["segments"][0]
    for place, name, wrong in (
        (document, "version", 1),
        (document["films"][0], "duration_s", -1),
        (segment, "method", "chance"),
        (segment, "segment_no", 0),
        (segment["music"], "arousal", 1.5),
        (segment["music"], "unknown", 1),
    ):
        right = dict(place)
        place[name] = wrong
        assert len(_faults(document)) == 1, f"{name}: {wrong}"
        place.clear()
        place.update(right)


# --- Why this music ---


def test_every_kind_of_evidence_is_told_in_words(warehouse):
    told = {
        (s.chapter_no, s.segment_no): why(s, {"f": "The Lamp"})
        for s in woven.load(warehouse, woven_title.NAME).segments
    }
    assert told[1, 1] == [
        "“Keep the lamp burning” is spoken in the film at 1:02:03: “Keep that lamp burning!”",
        "“Träume, No. 1 <b>” is heard in the film The Lamp from 1:02:00.",
        "The passage reads as positive; this part of the track is in a major key.",
    ]
    assert told[1, 2][0] == "The film at 0:01:01 shows something like this: “A grey wave </script> stood up”"
    assert told[1, 3] == [
        "No film scene matches.",
        "The passage reads as negative, so this calm part of “Ebb” in a minor key was chosen.",
    ]
    assert told[2, 1] == [
        "The passage reads as neutral, which suits any key; this calm part of “Träume, No. 1 <b>” was chosen."
    ]
    assert told[2, 2][0] == "“Träume, No. 1 <b>” is heard in the film The Lamp."


def test_in_a_series_it_is_told_which_film(warehouse):
    first = woven.load(warehouse, woven_title.NAME).segments[0]
    evidence = {
        "moments": [woven_title.SPOKEN | {"film_id": "g"}],
        "heard": {"film_id": "g", "film_s": 3720.0},
    }
    told = why(replace(first, evidence=evidence), {"f": "The Lamp", "g": "The Sea"})
    assert "is spoken in the film The Sea at 1:02:03" in told[0]
    assert "is heard in the film The Sea from 1:02:00." in told[1]


def test_music_against_the_emotion_is_owned_up_to(warehouse):
    warehouse.execute("UPDATE segment SET emotion = 'positive'")
    told = [why(s, {}) for s in woven.load(warehouse, woven_title.NAME).segments]
    assert told[2] == [
        "The passage reads as positive; the album has no music in such a key, so this calm part of “Ebb” was chosen."
    ]


# --- The reader's folder ---


def test_writing_again_leaves_no_music_of_the_old_reader_and_touches_no_other_file(warehouse, tmp_path):
    out = tmp_path / "reader"
    first = reader.write(warehouse, woven_title.NAME, out)
    (out / "audio" / "mine.js").write_text("mine")
    warehouse.execute("UPDATE soundtrack SET track_no = 1, music_segment_no = 1")
    second = reader.write(warehouse, woven_title.NAME, out)
    left = {p for p in out.rglob("*") if p.is_file()}
    assert left == {*second, out / "audio" / "mine.js"}
    assert len(second) == 2 < len(first)


def test_a_page_that_is_no_reader_is_not_replaced(warehouse, tmp_path):
    (tmp_path / "index.html").write_text("<h1>My site</h1>")
    with pytest.raises(BookscoreError, match=r"index\.html was not made by Bookscore"):
        reader.write(warehouse, woven_title.NAME, tmp_path)
    assert (tmp_path / "index.html").read_text() == "<h1>My site</h1>"
    assert not (tmp_path / "audio").exists()
