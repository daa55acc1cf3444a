"""Music cut, looped, mixed and written to files; what was written is decoded and listened to."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path

import heard
import mutagen
import numpy as np
import pytest
import soundfile as sf
import styled_epub
import woven_fixture as woven_title
from hypothesis import given, settings
from hypothesis import strategies as st

from bookscore.engine.errors import BookscoreError
from bookscore.queries import playlist, woven
from bookscore.queries.sound import audio, looping, mix, music_files, sound_file
from bookscore.queries.sound.sound_file import CODECS

LEVEL = 0.3 * 10 ** (-6 / 20) / 2**0.5
"""Of the fixture's pieces at their gain; a single channel goes to both sides at half its power."""


@pytest.fixture
def warehouse(tmp_path: Path):
    return woven_title.make(tmp_path)


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


# --- Loops ---


def _noise(n: int) -> np.ndarray:
    return np.random.default_rng(1).standard_normal((2, n)).astype(np.float32)


def test_a_loop_plays_its_beginning_once_and_then_goes_round():
    sound = _noise(1000)
    loop = looping.Loop(sound, back=300, seam=50)
    assert np.array_equal(loop.sound(0, 950), sound[:, :950])
    assert np.array_equal(loop.sound(1000, 650), sound[:, 300:950])
    assert np.array_equal(loop.sound(1700, 650), loop.sound(1000, 650))
    # Half-way through the seam both its sides count half.
    middle = loop.sound(974, 2)
    assert np.allclose(
        middle.mean(axis=1), ((sound[:, 974:976] + sound[:, 274:276]) / 2).mean(axis=1), atol=0.05
    )


@given(
    st.integers(2, 400), st.integers(0, 500), st.integers(0, 500), st.integers(0, 3000), st.integers(0, 900)
)
def test_any_part_of_any_loop_is_as_long_as_asked_for(n, back, seam, first, length):
    loop = looping.Loop(_noise(n), back, seam)
    assert loop.sound(first, length).shape == (2, length)
    whole = loop.sound(0, first + length)
    assert np.array_equal(whole[:, first:], loop.sound(first, length))


@pytest.mark.parametrize("codec", ["aac", "opus", "flac"])
def test_a_loop_written_to_a_file_has_no_gap_and_no_step_where_it_begins_again(warehouse, codec):
    codec = CODECS[codec]
    ebb = next(s for s in woven.load(warehouse, woven_title.NAME).segments if s.piece == (2, 1))
    file = io.BytesIO()
    looping.write(file, ebb, codec)
    sound, rate_hz = heard.decoded(file.getvalue())
    assert sound.shape[1] % codec.frame == 0
    turns = sound.shape[1] / rate_hz / (woven_title.LOOP[1] - woven_title.LOOP[0])
    assert turns == pytest.approx(round(turns), rel=1e-3), "whole turns"
    around = np.concatenate([sound[0], sound[0]])[sound.shape[1] - rate_hz // 2 :][:rate_hz]
    level = heard.level_db(around, rate_hz, 0.01)
    assert level.max() - level.min() < 1
    steepest = 2 * np.pi * 880 / rate_hz * LEVEL
    assert np.abs(np.diff(around)).max() < 1.1 * steepest, "a click"
    assert heard.pitch_hz(around, rate_hz) == pytest.approx(880, abs=2)


def test_pieces_are_written_at_the_reading_level(warehouse):
    ebb = next(s for s in woven.load(warehouse, woven_title.NAME).segments if s.piece == (2, 1))
    sound = looping.Loop.of(ebb, 44_100).sound(0, 44_100)
    assert np.abs(sound).max() == pytest.approx(LEVEL, rel=0.01)


def test_a_loop_far_inside_a_long_piece_gives_way_to_its_raw_ends(warehouse, monkeypatch):
    monkeypatch.setattr(music_files, "LONGEST_S", 2.0)
    ebb = next(s for s in woven.load(warehouse, woven_title.NAME).segments if s.piece == (2, 1))
    assert looping.loop_span(ebb) == pytest.approx((0.5, 1.0, 2.5))


# --- The mix ---


def _mixed(warehouse, wpm: float, rate_hz: int, fade_s: float) -> np.ndarray:
    book = mix.stretches(woven.load(warehouse, woven_title.NAME).segments, wpm)
    return np.concatenate(list(mix.mixed(book, rate_hz, fade_s)), axis=1)


def test_the_mix_lasts_as_long_as_the_book_is_read(warehouse):
    n_words = warehouse.execute("SELECT n_words FROM book").fetchone()[0]
    sound = _mixed(warehouse, 3000, 22_050, 4.0)
    assert sound.shape == (2, round(n_words * 60 / 3000 * 22_050))


def test_music_changes_at_equal_power_and_runs_on_where_it_stays(warehouse):
    rate_hz, fade_s = 22_050, 4.0
    segments = woven.load(warehouse, woven_title.NAME).segments
    sound = _mixed(warehouse, 3000, rate_hz, fade_s)[0]
    border_s = sum(s.n_words for s in segments[:3]) / 50  # 880 to 554 Hz, pieces of the same level
    at = round(border_s * rate_hz)
    level = heard.level_db(sound[at - rate_hz : at + 5 * rate_hz], rate_hz, 0.1)
    assert level.max() - level.min() < 0.6
    assert heard.pitch_hz(sound[at - rate_hz : at], rate_hz) == pytest.approx(880, abs=2)
    after = at + round((fade_s + 0.1) * rate_hz)
    assert heard.pitch_hz(sound[after : after + rate_hz], rate_hz) == pytest.approx(554, abs=2)
    half = sound[at + round((fade_s / 2 - 0.5) * rate_hz) :][:rate_hz]
    spectrum = np.abs(np.fft.rfft(half * np.hanning(len(half))))
    assert spectrum[880] == pytest.approx(spectrum[554], rel=0.1), "half-way both are as loud"
    stays = round(segments[0].n_words / 50 * rate_hz)
    level = heard.level_db(sound[stays - rate_hz : stays + rate_hz], rate_hz, 0.05)
    assert level.max() - level.min() < 0.3


def test_the_mix_begins_and_ends_in_silence(warehouse):
    sound = _mixed(warehouse, 3000, 22_050, 1.0)[0]
    assert np.abs(sound[:50]).max() < 0.002 and np.abs(sound[-50:]).max() < 0.002


@settings(max_examples=25)
@given(st.lists(st.integers(0, 60), min_size=5, max_size=5), st.floats(0, 6))
def test_stretches_shorter_than_the_fade_never_let_three_pieces_sound(tmp_path_factory, n_words, fade_s):
    n_words[0] += 1
    rate_hz = 2_000
    warehouse = woven_title.make(tmp_path_factory.mktemp("mix"))
    for number, n in enumerate(n_words, start=1):
        place = [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)][number - 1]
        warehouse.execute(
            "UPDATE segment SET n_words = ? WHERE chapter_no = ? AND segment_no = ?", [n, *place]
        )
    sound = _mixed(warehouse, 600, rate_hz, fade_s)
    assert sound.shape[1] == round(sum(n_words) / 10 * rate_hz)
    assert np.abs(sound).max() <= LEVEL * 1.5  # two at equal power: at most the root of 2


def test_a_mix_of_hours_is_not_held_in_memory(warehouse):
    book = mix.stretches(woven.load(warehouse, woven_title.NAME).segments, 10)
    rate_hz = 4_000
    tracemalloc.start()
    n = sum(block.shape[1] for block in mix.mixed(book, rate_hz))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert n > 3600 * rate_hz
    assert peak < n * 8 / 20


# --- One file ---


@pytest.mark.parametrize("suffix", sound_file.SUFFIXES)
def test_the_file_has_the_books_length_chapters_and_tags(warehouse, tmp_path, suffix):
    path = tmp_path / "out" / f"lamp{suffix}"
    audio.write(warehouse, woven_title.NAME, path, wpm=3000)
    words = dict(warehouse.execute("SELECT chapter_no, n_words FROM chapter").fetchall())
    sound, rate_hz = heard.decoded(path)
    assert sound.shape[1] / rate_hz == pytest.approx((words[1] + words[2]) / 50, abs=0.03)
    [first, second] = heard.chapters(path)
    assert first == (0, "The Keeper")
    assert second == (pytest.approx(words[1] / 50, abs=0.001), "Low Water")
    assert heard.pitch_hz(sound[0, 6 * rate_hz : 7 * rate_hz], rate_hz) == pytest.approx(440, abs=2)
    tags = mutagen.File(path, easy=True)
    assert (tags["title"], tags["artist"]) == (["The Lamp & the Sea"], ["Edda Moor"])
    assert tags["albumartist"] == ["Ines Hallow"]
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_the_books_cover_is_in_the_file_though_its_epub_has_moved(warehouse, tmp_path):
    book = styled_epub.make(tmp_path / "source.epub")
    styled_epub.ingest(warehouse, book)
    with zipfile.ZipFile(book) as archive:
        cover = archive.read("OEBPS/images/c v.jpg")
    book.unlink()
    audio.write(warehouse, woven_title.NAME, tmp_path / "lamp.m4b", wpm=6000)
    assert [bytes(picture) for picture in mutagen.File(tmp_path / "lamp.m4b").tags["covr"]] == [cover]
    playlist.write(warehouse, woven_title.NAME, tmp_path / "lamp.m3u8", cut=True, codec="flac")
    cut = sorted((tmp_path / "lamp music").glob("*.flac"))
    assert [p.data for file in cut for p in mutagen.File(file).pictures] == [cover] * 3


def test_the_same_soundtrack_makes_the_same_bytes(warehouse, tmp_path):
    for place in ("a", "b"):
        audio.write(warehouse, woven_title.NAME, tmp_path / place / "lamp.m4b", wpm=6000)
    assert (tmp_path / "a" / "lamp.m4b").read_bytes() == (tmp_path / "b" / "lamp.m4b").read_bytes()


def test_an_unknown_suffix_is_refused_with_those_there_are(warehouse, tmp_path):
    with pytest.raises(BookscoreError, match=r"lamp\.wma: name it \.m4a, .*\.m4b"):
        audio.write(warehouse, woven_title.NAME, tmp_path / "lamp.wma")


def test_a_track_that_is_gone_leaves_the_old_file(warehouse, tmp_path):
    path = tmp_path / "out" / "lamp.mp3"
    path.parent.mkdir()
    path.write_text("old")
    (tmp_path / "album" / woven_title.TRACK_2).unlink()
    with pytest.raises(BookscoreError, match=r"02 Ebb\.wav: its sound cannot be read"):
        audio.write(warehouse, woven_title.NAME, path, wpm=6000)
    assert path.read_text() == "old" and list(path.parent.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_one_clear_line(warehouse, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BookscoreError, match=r"lamp\.mp3: cannot be written"):
        audio.write(warehouse, woven_title.NAME, tmp_path / "file" / "lamp.mp3", wpm=6000)
