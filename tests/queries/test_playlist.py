"""Playlists of a tiny woven title: what they name, and what real players make of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from io import StringIO
from pathlib import Path
from urllib.parse import unquote

import heard
import mutagen
import numpy as np
import polars as pl
import pytest
import soundfile as sf
import woven_fixture as woven_title
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from bookscore.engine.errors import BookscoreError
from bookscore.queries import playlist, woven
from bookscore.queries.playlist.forms import EXTENSION, XSPF
from bookscore.queries.woven import Segment

PITCH_HZ = {piece: pitch for piece, (_, _, pitch) in woven_title.PIECES.items()}


@pytest.fixture
def warehouse(tmp_path: Path):
    return woven_title.make(tmp_path)


def _program(name: str) -> str:
    """Path of a player; the test is skipped where it is absent."""
    found = shutil.which(name)
    if found is None:
        (pytest.fail if os.environ.get("BOOKSCORE_REQUIRE_DATA") else pytest.skip)(f"no {name} on the PATH")
    return found


# --- M3U8 ---


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
            "Edda Moor - Träume, No. 1 <b>" if piece[0] == 1 else "Ebb"
        )
        assert entry[2:4] == [f"#EXTVLCOPT:start-time={start_s:.3f}", f"#EXTVLCOPT:stop-time={end_s:.3f}"]
        assert not Path(entry[4]).is_absolute() and "\\" not in entry[4]
        assert (path.parent / unquote(entry[4])).is_file()


def test_a_track_name_that_looks_like_a_comment_stays_a_track(warehouse, tmp_path):
    warehouse.execute("UPDATE track SET path = ? WHERE track_no = 2", [str(tmp_path / "#1.wav")])
    playlist.write(warehouse, woven_title.NAME, tmp_path / "lamp.m3u8")
    assert "\n%231.wav\n" in (tmp_path / "lamp.m3u8").read_text()


def test_titles_with_line_breaks_stay_on_their_line(warehouse, tmp_path):
    warehouse.execute("UPDATE track SET title = 'Ebb\n#EXTINF:1,x\r\nand flow' WHERE track_no = 2")
    playlist.write(warehouse, woven_title.NAME, tmp_path / "lamp.m3u8")
    assert "#EXTINF:3,Ebb #EXTINF:1,x and flow\n" in (tmp_path / "lamp.m3u8").read_text()


def test_a_track_path_with_a_line_break_is_refused(warehouse, tmp_path):
    warehouse.execute("UPDATE track SET path = 'a\nb.wav'")
    with pytest.raises(BookscoreError, match="line break"):
        playlist.write(warehouse, woven_title.NAME, tmp_path / "lamp.m3u8")


def test_a_playlist_in_a_linked_folder_names_files_that_exist(warehouse, tmp_path):
    (tmp_path / "far" / "away").mkdir(parents=True)
    (tmp_path / "near").symlink_to(tmp_path / "far" / "away")
    playlist.write(warehouse, woven_title.NAME, tmp_path / "near" / "lamp.m3u8")
    named = (tmp_path / "near" / "lamp.m3u8").read_text().splitlines()[-1]
    assert (tmp_path / "near" / unquote(named)).is_file()


# --- Other forms ---


def test_xspf_says_what_the_schema_asks_for_and_the_rest_in_an_extension(warehouse, tmp_path):
    playlist.write(warehouse, woven_title.NAME, tmp_path / "lamp.xspf")
    root = etree.parse(tmp_path / "lamp.xspf").getroot()
    names = {"x": XSPF, "b": EXTENSION}
    tracks = root.findall("x:trackList/x:track", names)
    assert (root.get("version"), root.findtext("x:title", namespaces=names)) == ("1", woven_title.NAME)
    assert len(tracks) == len(woven_title.WOVEN)
    for track, ((chapter, segment), (piece, method)) in zip(tracks, woven_title.WOVEN.items(), strict=True):
        location = track.findtext("x:location", namespaces=names)
        assert (tmp_path / unquote(location)).is_file()
        assert "#" not in location and " " not in location
        start_s, end_s, _ = woven_title.PIECES[piece]
        assert track.findtext("x:duration", namespaces=names) == f"{1000 * (end_s - start_s):.0f}"
        known = track.find(f"x:extension[@application='{EXTENSION}']/b:segment", names)
        assert (known.get("chapter_no"), known.get("segment_no")) == (str(chapter), str(segment))
        assert (float(known.get("start_s")), known.get("method")) == (start_s, method)
    assert "spoken in the film at 1:02:03" in tracks[0].findtext("x:annotation", namespaces=names)
    assert json.loads(tracks[0].findtext(".//b:segment", namespaces=names))["heard"]["track_no"] == 1


def test_jspf_says_the_same_as_xspf(warehouse, tmp_path):
    for form in ("xspf", "jspf"):
        playlist.write(warehouse, woven_title.NAME, tmp_path / f"lamp.{form}")
    root = etree.parse(tmp_path / "lamp.xspf").getroot()
    document = json.loads((tmp_path / "lamp.jspf").read_text(encoding="utf-8"))["playlist"]
    for xml, track in zip(root.iter(f"{{{XSPF}}}track"), document["track"], strict=True):
        for name in ("title", "creator", "annotation", "album", "trackNum", "duration"):
            said = xml.findtext(f"{{{XSPF}}}{name}")
            assert said == (str(track[name]) if name in track else None)
        assert [xml.findtext(f"{{{XSPF}}}location")] == track["location"]
    assert document["track"][0]["extension"][EXTENSION][0]["evidence"]["moments"][0]["score"] == 0.8123


def test_csv_has_a_line_an_entry(warehouse, tmp_path):
    playlist.write(warehouse, woven_title.NAME, tmp_path / "lamp.csv")
    rows = pl.read_csv(StringIO((tmp_path / "lamp.csv").read_text(encoding="utf-8")))
    assert list(zip(rows["chapter_no"], rows["segment_no"], strict=True)) == list(woven_title.WOVEN)
    assert rows["stop_s"].to_list()[2] == 3.25
    assert all((tmp_path / file).is_file() for file in rows["file"])


def test_characters_that_xml_cannot_hold_are_left_out(warehouse, tmp_path):
    warehouse.execute("UPDATE track SET title = 'Ebb' || chr(7) || chr(0) || '!' WHERE track_no = 2")
    playlist.write(warehouse, woven_title.NAME, tmp_path / "lamp.xspf")
    assert "<title>Ebb!</title>" in (tmp_path / "lamp.xspf").read_text(encoding="utf-8")


def test_the_form_is_the_suffix_or_what_is_asked_for(warehouse, tmp_path):
    playlist.write(warehouse, woven_title.NAME, tmp_path / "lamp.txt", form="jspf")
    assert json.loads((tmp_path / "lamp.txt").read_text(encoding="utf-8"))
    with pytest.raises(BookscoreError, match=r"lamp\.txt: name it \.m3u8, .*--form"):
        playlist.write(warehouse, woven_title.NAME, tmp_path / "lamp.txt")


# --- At a reading speed ---


def test_music_plays_as_long_as_its_text_is_read(warehouse):
    segments = woven.load(warehouse, woven_title.NAME).segments
    found = list(playlist.spans(segments, 3000))
    for segment in segments:
        played = [(a, b) for s, a, b in found if s is segment]
        assert sum(b - a for a, b in played) == pytest.approx(segment.n_words / 50, abs=playlist.SHORTEST_S)
    ebb = [(a, b) for s, a, b in found if s.piece == (2, 1)]
    assert ebb[0] == pytest.approx((0.5, 3.0004)) and ebb[1] == pytest.approx(woven_title.LOOP)
    first, second = ([span for s, *span in found if s is segment] for segment in segments[:2])
    assert second[0][0] == first[-1][1], "the piece runs on into the next segment"


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Segment:
    return woven.load(woven_title.make(tmp_path_factory.mktemp("one")), woven_title.NAME).segments[0]


def _segment(template: Segment, number: int, piece: tuple[int, int], n_words: int, loops: bool) -> Segment:
    start_s = 10.0 * piece[1]
    loop_start_s, loop_end_s = (start_s + 2.0, start_s + 7.5) if loops else (None, None)
    return replace(
        template, segment_no=number, n_words=n_words, track_no=piece[0], music_segment_no=piece[1],
        start_s=start_s, end_s=start_s + 8.0, loop_start_s=loop_start_s, loop_end_s=loop_end_s,
    )  # fmt: skip


@given(
    st.lists(
        st.tuples(st.sampled_from([(1, 1), (1, 2), (2, 1)]), st.integers(0, 500)), min_size=1, max_size=9
    ),
    st.floats(50, 5000),
    st.booleans(),
)
def test_spans_lie_inside_their_piece_and_make_up_the_reading_time(template, read, wpm, loops):
    segments = [_segment(template, n, piece, words, loops) for n, (piece, words) in enumerate(read, start=1)]
    found = list(playlist.spans(segments, wpm))
    assert all(s.start_s <= a < b <= s.end_s + 1e-9 for s, a, b in found)
    total_s = sum(words for _, words in read) * 60 / wpm
    assert abs(sum(b - a for _, a, b in found) - total_s) <= playlist.SHORTEST_S * len(read) + 1e-6


# --- Cut into files ---


def _cut_files(folder: Path, m3u8: Path) -> list[Path]:
    return [
        folder / line for line in m3u8.read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    ]


@pytest.mark.parametrize("codec", ["opus", "flac", "mp3", "aac"])
def test_cut_music_is_one_tagged_file_a_piece_that_fades(warehouse, tmp_path, codec):
    path = tmp_path / "lamp.m3u8"
    playlist.write(warehouse, woven_title.NAME, path, cut=True, codec=codec)
    files = _cut_files(tmp_path, path)
    assert len(files) == 5 and len(set(files)) == 3 and "EXTVLCOPT" not in path.read_text()
    for file, (piece, _) in zip(files, woven_title.WOVEN.values(), strict=True):
        start_s, end_s, pitch_hz = woven_title.PIECES[piece]
        sound, rate_hz = heard.decoded(file)
        assert sound.shape[1] / rate_hz == pytest.approx(end_s - start_s, abs=0.03)
        middle = sound[0, sound.shape[1] // 2 - rate_hz // 2 :][:rate_hz]
        assert heard.pitch_hz(middle, rate_hz) == pytest.approx(pitch_hz, abs=2)
        assert np.abs(sound[:, :100]).max() < 0.01 < 0.1 < np.abs(middle).max()
        tags = mutagen.File(file, easy=True)
        assert tags["album"] == ["The Lamp & the Sea"]
        # The second track names no artist: it is not credited to the one of the album.
        assert tags.get("artist", [""]) == (["Edda Moor"] if piece[0] == 1 else [""])
        assert tags["title"] == ["Ebb" if piece[0] == 2 else "Träume, No. 1 <b>"]


@pytest.mark.parametrize("codec", ["opus", "flac", "aac"])
def test_cut_music_runs_on_from_file_to_file_where_it_stays(warehouse, tmp_path, codec):
    path = tmp_path / "lamp.m3u8"
    playlist.write(warehouse, woven_title.NAME, path, cut=True, codec=codec, wpm=3000)
    files = _cut_files(tmp_path, path)
    words = [s.n_words for s in woven.load(warehouse, woven_title.NAME).segments]
    sounds = [heard.decoded(file) for file in files]
    lengths_s = [sound.shape[1] / rate_hz for sound, rate_hz in sounds]
    assert lengths_s == pytest.approx([n / 50 for n in words], abs=0.03)
    rate_hz = sounds[0][1]
    border = np.concatenate([sounds[0][0][0, -rate_hz // 2 :], sounds[1][0][0, : rate_hz // 2]])
    level = heard.level_db(border, rate_hz, 0.01)
    assert level.max() - level.min() < 1
    assert np.abs(np.diff(border)).max() < 1.1 * 2 * np.pi * 440 / rate_hz * np.abs(border).max(), "a click"
    assert np.abs(sounds[1][0][0, -50:]).max() < 0.01, "fades out where the music changes"


def test_cut_music_replaces_only_what_an_export_made(warehouse, tmp_path):
    path = tmp_path / "lamp.m3u8"
    for _ in range(2):
        playlist.write(warehouse, woven_title.NAME, path, cut=True, codec="mp3")
    assert len(list((tmp_path / "lamp music").iterdir())) == 4
    mine = tmp_path / "sea music"
    mine.mkdir()
    (mine / "song.mp3").write_text("mine")
    with pytest.raises(BookscoreError, match="sea music was not made by this export"):
        playlist.write(warehouse, woven_title.NAME, tmp_path / "sea.m3u8", cut=True)
    assert [p.name for p in mine.iterdir()] == ["song.mp3"] and not (tmp_path / "sea.m3u8").exists()


def test_a_track_that_is_gone_leaves_no_half_of_a_cut(warehouse, tmp_path):
    (tmp_path / "album" / woven_title.TRACK_2).unlink()
    with pytest.raises(BookscoreError, match=r"02 Ebb\.wav: its sound cannot be read"):
        playlist.write(warehouse, woven_title.NAME, tmp_path / "lamp.m3u8", cut=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["album"]


# --- Real players ---


def _changes(wave: np.ndarray, rate_hz: int) -> list[tuple[float, float]]:
    """When another of the fixture's pitches begins to sound, for half a second or more: second and pitch."""
    found: list[tuple[float, float]] = []
    n = round(0.1 * rate_hz)
    heard_hz = [heard.pitch_hz(wave[start : start + n], rate_hz) for start in range(0, len(wave) - n, n)]
    nearest = [min(PITCH_HZ.values(), key=lambda known: abs(known - hz)) for hz in heard_hz]
    for number, run in enumerate(zip(*(nearest[i:] for i in range(5)), strict=False)):
        if len(set(run)) == 1 and (not found or found[-1][1] != run[0]):
            found.append((number * 0.1, run[0]))
    return found


def test_vlc_plays_every_entry_at_its_place(warehouse, tmp_path):
    cvlc = _program("cvlc")
    tmp_path.chmod(0o777)
    for folder in tmp_path.parents:  # VLC refuses to run as root, and another user must get here
        if folder.owner() == tmp_path.owner() and os.geteuid() == 0 and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o755)
    out = tmp_path / "heard.wav"
    # The last entry's music must differ from the first's, so that it is told from a repetition.
    warehouse.execute(
        "UPDATE soundtrack SET track_no = 2, music_segment_no = 1 WHERE chapter_no = 2 AND segment_no = 2"
    )
    playlist.write(warehouse, woven_title.NAME, tmp_path / "lamp.m3u8")
    nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    sink = (
        f"#transcode{{acodec=s16l,channels=1,samplerate=22050}}:gather:std{{access=file,mux=wav,dst={out}}}"
    )
    subprocess.run(
        [cvlc, "-I", "dummy", "--no-video", "--sout-keep", "--sout", sink, "--play-and-exit",
         str(tmp_path / "lamp.m3u8"), "vlc://quit"],
        env={**os.environ, "HOME": str(tmp_path)}, capture_output=True, timeout=60, check=True, **nobody,
    )  # fmt: skip
    wave = np.frombuffer(out.read_bytes()[44:], "<i2") / 32768
    changes = _changes(wave, 22_050)
    pieces = [(1, 1), (2, 1), (1, 2), (2, 1)]  # the first is heard twice
    assert [pitch for _, pitch in changes] == [PITCH_HZ[piece] for piece in pieces]
    lengths_s = [8.0, 2.75, 4.0, 2.75]
    ends_s = [*(start for start, _ in changes[1:]), len(wave) / 22_050]
    for (start_s, _), end_s, length_s in zip(changes, ends_s, lengths_s, strict=True):
        assert length_s - 0.5 <= end_s - start_s <= length_s + 1, "VLC stops some tenths of a second late"


def test_mpv_plays_cut_music_without_a_gap(warehouse, tmp_path):
    mpv = _program("mpv")
    path, out = tmp_path / "lamp.m3u8", tmp_path / "heard.wav"
    playlist.write(warehouse, woven_title.NAME, path, cut=True, wpm=3000)
    subprocess.run(
        [mpv, "--no-config", "--vo=null", "--ao=pcm", f"--ao-pcm-file={out}", "--gapless-audio=yes", str(path)],
        capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    sound, rate_hz = sf.read(out)
    words = [s.n_words for s in woven.load(warehouse, woven_title.NAME).segments]
    assert len(sound) / rate_hz == pytest.approx(sum(words) / 50, abs=0.1)
    border = round(words[0] / 50 * rate_hz)
    level = heard.level_db(sound[border - rate_hz : border + rate_hz, 0], rate_hz, 0.01)
    assert level.max() - level.min() < 1
    loud = heard.level_db(sound[:, 0], rate_hz, 0.1) > -40
    changes = _changes(sound[:, 0][np.repeat(loud, round(0.1 * rate_hz))[: len(sound)].nonzero()], rate_hz)
    assert [pitch for _, pitch in changes] == [440, 880, 554, 440]
