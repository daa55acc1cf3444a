"""Saved queries, the playlist, the JSON and the cut music of a tiny woven warehouse of known content."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import duckdb
import numpy as np
import pytest
import soundfile as sf
import woven_fixture as woven_title

from engine.errors import BookscoreError
from queries import music_files, playlist, reader, saved, soundtrack_json, woven
from queries.reader.why import why


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
    assert counts == [(3, 2, 1, 1, 1), (2, 1, 1, 0, 0)]


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


def test_unmatched_chapters_are_those_without_a_scene(warehouse):
    assert [r["chapter_title"] for r in _run(warehouse, "unmatched_chapters")] == ["Low Water"]


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


# --- Playlist ---


def test_playlist_entries_follow_the_book_and_name_files_that_exist(warehouse, tmp_path):
    path = tmp_path / "lists" / "lamp.m3u8"
    playlist.write(warehouse, woven_title.NAME, path)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["#EXTM3U", f"#PLAYLIST:{woven_title.NAME}"]
    entries = [lines[i : i + 5] for i in range(2, len(lines), 5)]
    assert [e[0] for e in entries] == [
        "# 1.1 The Keeper",
        "# 1.2 The Keeper",
        "# 1.3 The Keeper",
        "# 2.1 Low Water",
        "# 2.2 Low Water",
    ]
    for entry, (piece, _) in zip(entries, woven_title.WOVEN.values(), strict=True):
        start_s, end_s, _ = woven_title.PIECES[piece]
        assert entry[1] == f"#EXTINF:{round(end_s - start_s)}," + (
            "Edda Moor - Träume, No. 1 <b>" if piece[0] == 1 else "Edda Moor - Ebb"
        )
        assert entry[2:4] == [f"#EXTVLCOPT:start-time={start_s:.3f}", f"#EXTVLCOPT:stop-time={end_s:.3f}"]
        assert not Path(entry[4]).is_absolute() and "\\" not in entry[4]
        assert (path.parent / entry[4]).is_file()


def test_a_track_name_that_looks_like_a_comment_stays_a_track(warehouse, tmp_path):
    warehouse.execute("UPDATE track SET path = ? WHERE track_no = 2", [str(tmp_path / "#1.wav")])
    playlist.write(warehouse, woven_title.NAME, tmp_path / "lamp.m3u8")
    assert "\n./#1.wav\n" in (tmp_path / "lamp.m3u8").read_text()


def test_titles_with_line_breaks_stay_on_their_line(warehouse, tmp_path):
    warehouse.execute("UPDATE track SET title = 'Ebb\n#EXTINF:1,x\r\nand flow' WHERE track_no = 2")
    playlist.write(warehouse, woven_title.NAME, tmp_path / "lamp.m3u8")
    assert "#EXTINF:3,Edda Moor - Ebb #EXTINF:1,x and flow\n" in (tmp_path / "lamp.m3u8").read_text()


def test_a_track_path_with_a_line_break_is_refused(warehouse, tmp_path):
    warehouse.execute("UPDATE track SET path = 'a\nb.wav'")
    with pytest.raises(BookscoreError, match="line break"):
        playlist.write(warehouse, woven_title.NAME, tmp_path / "lamp.m3u8")


def test_a_playlist_in_a_linked_folder_names_files_that_exist(warehouse, tmp_path):
    (tmp_path / "far" / "away").mkdir(parents=True)
    (tmp_path / "near").symlink_to(tmp_path / "far" / "away")
    playlist.write(warehouse, woven_title.NAME, tmp_path / "near" / "lamp.m3u8")
    named = (tmp_path / "near" / "lamp.m3u8").read_text().splitlines()[-1]
    assert (tmp_path / "near" / named).is_file()


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
    assert (document["format"], document["version"]) == ("bookscore-soundtrack", 1)
    assert document["film"] == {"title": "The Lamp", "duration_s": 5400.5}
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


def test_a_book_without_a_film_has_no_film_in_its_json(tmp_path):
    soundtrack_json.write(woven_title.make(tmp_path, film=False), woven_title.NAME, tmp_path / "s.json")
    assert json.loads((tmp_path / "s.json").read_text())["film"] is None


# --- Why this music ---


def test_every_kind_of_evidence_is_told_in_words(warehouse):
    told = {
        (s.chapter_no, s.segment_no): why(s, "The Lamp")
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


def test_music_against_the_emotion_is_owned_up_to(warehouse):
    warehouse.execute("UPDATE segment SET emotion = 'positive'")
    told = [why(s, None) for s in woven.load(warehouse, woven_title.NAME).segments]
    assert told[2] == [
        "The passage reads as positive; the album has no music in such a key, so this calm part of “Ebb” was chosen."
    ]


# --- Music files ---


def _pitch_hz(sound: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * music_files.RATE_HZ / len(sound))


@pytest.mark.parametrize("track", [woven_title.TRACK_1, woven_title.TRACK_2])
def test_pieces_are_cut_at_the_sample(warehouse, tmp_path, track):
    number = 1 if track == woven_title.TRACK_1 else 2
    pieces = [piece for (t, _), piece in woven_title.PIECES.items() if t == number]
    encoded = music_files.encode(tmp_path / "album" / track, [(start, end) for start, end, _ in pieces])
    for mp3, (start_s, end_s, pitch_hz) in zip(encoded, pieces, strict=True):
        sound, rate_hz = sf.read(io.BytesIO(mp3))
        assert rate_hz == music_files.RATE_HZ
        assert sound.shape == (round((end_s - start_s) * rate_hz), 2)
        assert _pitch_hz(sound[:, 0]) == pytest.approx(pitch_hz, abs=1)
        edge = 441  # a cut beside the border would bring in 10 ms of the neighbour or of silence
        for end in (sound[:edge], sound[-edge:]):
            assert end.std() == pytest.approx(sound.std(), rel=0.1)


def test_a_click_stays_where_it_was(tmp_path):
    sound = np.zeros((48_000 * 3, 1), np.float32)
    sound[48_000 * 2] = 1.0
    sf.write(tmp_path / "click.wav", sound, 48_000)
    cut, _ = sf.read(io.BytesIO(music_files.encode(tmp_path / "click.wav", [(1.5, 2.5)])[0]))
    assert np.argmax(np.abs(cut[:, 0])) == pytest.approx(0.5 * music_files.RATE_HZ, abs=2)


def test_a_very_long_piece_is_cut_short(tmp_path, monkeypatch):
    monkeypatch.setattr(music_files, "LONGEST_S", 1.0)
    woven_title.make(tmp_path)
    cut, _ = sf.read(
        io.BytesIO(music_files.encode(tmp_path / "album" / woven_title.TRACK_1, [(0.0, 4.0)])[0])
    )
    assert len(cut) == music_files.RATE_HZ


def test_real_ogg_tracks_are_read_to_their_end(data_dir):
    for track in sorted((data_dir / "music" / "tears_of_steel_ost").glob("*.ogg")):
        end_s = sf.info(track).duration
        cut, _ = sf.read(io.BytesIO(music_files.encode(track, [(end_s - 2, end_s)])[0]))
        assert len(cut) == pytest.approx(2 * music_files.RATE_HZ, abs=2)


def test_damage_in_a_track_does_not_stop_the_export(tmp_path):
    woven_title.make(tmp_path)
    mp3 = music_files.encode(tmp_path / "album" / woven_title.TRACK_1, [(0.0, 4.0)])[0]
    (tmp_path / "damaged.mp3").write_bytes(
        mp3[:20_000] + b"\xff\xfbJUNK" * 300 + mp3[21_800:] + b"TAG" + b"x" * 125
    )
    cut, _ = sf.read(io.BytesIO(music_files.encode(tmp_path / "damaged.mp3", [(0.0, 4.0)])[0]))
    assert len(cut) > 3.5 * music_files.RATE_HZ
    assert _pitch_hz(cut[: music_files.RATE_HZ, 0]) == pytest.approx(440, abs=1)


def test_a_track_that_is_gone_or_broken_is_named(tmp_path):
    with pytest.raises(
        BookscoreError, match=r"gone\.mp3: its sound cannot be read .*put the album's file back"
    ):
        music_files.encode(tmp_path / "gone.mp3", [(0.0, 1.0)])
    (tmp_path / "text.mp3").write_text("no sound at all " * 99)
    with pytest.raises(BookscoreError, match=r"text\.mp3: its sound cannot be read"):
        music_files.encode(tmp_path / "text.mp3", [(0.0, 1.0)])
    woven_title.make(tmp_path)
    with pytest.raises(BookscoreError, match=r"ends before 60\.0 s"):
        music_files.encode(tmp_path / "album" / woven_title.TRACK_2, [(60.0, 61.0)])


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
