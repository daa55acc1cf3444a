"""Albums: tracks in order, what is measured on them, and their music segments."""

from __future__ import annotations

from pathlib import Path

import mutagen
import numpy as np
import polars as pl
import pyloudnorm
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from synthetic_music import cadence, encode, flac, piece, tone

from bookscore.engine.errors import BookscoreError
from bookscore.engine.models import Models
from bookscore.engine.runner import Item, Run
from bookscore.engine.settings import defaults
from bookscore.engine.stage import Inputs, Tables
from bookscore.engine.warehouse import Warehouse, fetch
from bookscore.ingest.album.medium import MEDIUM, segments, sources
from bookscore.ingest.album.medium import sound as measure
from bookscore.ingest.album.medium import tracks as read_tracks
from bookscore.ingest.album.probe import Probe
from bookscore.ingest.heard.correlation import blocks_to_array

RATE_HZ = 22_050


def inputs(files: dict[str, Path], part: int = 0, given: Tables | None = None, **changed: object) -> Inputs:
    named = defaults(MEDIUM.settings) | {f"album.{name}": value for name, value in changed.items()}
    return Inputs("album-1", part, files, named, given or {}, Models("embedded"))  # type: ignore[arg-type]


# Tracks


def test_only_audio_files_are_the_album(tmp_path: Path) -> None:
    names = ["10 c.flac", "2 b.MP3", "CD2/1.ogg", ".hidden.flac", "._10 c.flac", ".cache/x.flac", "cover.jpg"]
    names += ["rip.log", "album.cue", "album.m3u", "release.nfo", "Thumbs.db"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = sources(tmp_path)
    assert list(found) == ["2 b.MP3", "10 c.flac", "CD2/1.ogg"]
    assert found["CD2/1.ogg"] == tmp_path / "CD2" / "1.ogg"


def test_a_folder_without_music_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cover.jpg").touch()
    with pytest.raises(BookscoreError, match="contains no audio file"):
        sources(tmp_path)
    with pytest.raises(BookscoreError, match="is not a folder"):
        sources(tmp_path / "cover.jpg")
    with pytest.raises(BookscoreError, match="is not a folder"):
        sources(tmp_path / "absent")


def titles(folder: Path) -> list[str]:
    rows = read_tracks(inputs(sources(folder)))["track"]
    assert rows["track_no"].to_list() == list(range(1, len(rows) + 1))
    return rows["title"].to_list()


def test_tracks_are_ordered_by_disc_folder_number_and_name(tmp_path: Path) -> None:
    short = np.zeros(100)
    flac(tmp_path / "b.flac", short, title="second", tracknumber="2/3")
    flac(tmp_path / "a.flac", short, title="tenth", tracknumber="10")
    flac(tmp_path / "c.flac", short, title="other disc", tracknumber="1", discnumber="2")
    flac(tmp_path / "9 z.flac", short)
    flac(tmp_path / "10 z.flac", np.zeros(101))
    flac(tmp_path / "Disc 2" / "x.flac", short, title="subfolder", tracknumber="1")
    assert titles(tmp_path) == ["second", "tenth", "9 z", "10 z", "other disc", "subfolder"]


def test_album_and_titles_come_from_the_tags_or_the_names(tmp_path: Path) -> None:
    files = [tmp_path / "My Score" / name for name in ("1.flac", "2.flac", "3.flac")]
    flac(files[0], np.zeros(10), title=" A\ttitle ", artist="Player", album="Tagged")
    flac(files[1], np.zeros(10), artist="Player", album="Tagged")
    flac(files[2], np.zeros(10), artist="Guest")
    made = read_tracks(inputs(sources(tmp_path / "My Score")))
    assert made["album"].rows() == [("album-1", "Tagged", "Player", str(tmp_path / "My Score"))]
    expected = [("A title", "Player"), ("2", "Player"), ("3", "Guest")]
    assert made["track"].select("title", "artist").rows() == expected
    assert made["track"]["path"].to_list() == [str(file) for file in files]
    assert made["track"]["duration_s"].null_count() == 3
    untagged = flac(tmp_path / "Plain" / "Théme.flac", np.zeros(10)).parent
    made = read_tracks(inputs(sources(untagged)))
    assert made["album"].rows() == [("album-1", "Plain", None, str(untagged))]


@pytest.mark.parametrize("suffix", [".mp3", ".ogg", ".opus", ".m4a", ".wav", ".aiff"])
def test_tags_of_every_format_are_read(tmp_path: Path, suffix: str) -> None:
    path = encode(tmp_path / f"x{suffix}", tone(0.5, 48_000)[None])
    file = mutagen.File(path, easy=True)
    if file.tags is None:
        file.add_tags()
    if suffix in (".wav", ".aiff"):
        file.tags.add(mutagen.id3.TIT2(text=["The title"]))
    else:
        file["title"] = "The title"
    file.save()
    assert titles(tmp_path) == ["The title"]


# What is measured on a track


def measured(path: Path, **changed: object) -> Tables:
    files = {path.name: path}
    track = read_tracks(inputs(files))["track"]
    return measure(inputs(files, 1, {"track": track}, **changed))


@pytest.fixture(scope="module")
def two_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sound = piece({"D major": 40, "Bb minor": 35}, RATE_HZ)
    return flac(tmp_path_factory.mktemp("album") / "two keys.flac", np.stack([sound, sound], axis=1))


def test_a_track_is_measured_on_common_frames(two_keys: Path) -> None:
    made = measured(two_keys)
    assert made["track"]["duration_s"].to_list() == [pytest.approx(75, abs=0.001)]
    data, rate_hz = soundfile.read(two_keys)
    expected = pyloudnorm.Meter(rate_hz).integrated_loudness(data)
    assert made["track"]["lufs"][0] == pytest.approx(expected, abs=0.1)
    frames = made["keystrength"]
    assert frames["frame_no"].to_list() == list(range(1, 45))
    assert frames["time_s"].to_list() == [5 + 1.5 * i for i in range(44)]
    assert_frame_equal(made["energy"].select("frame_no", "time_s"), frames.select("frame_no", "time_s"))
    assert made["novelty"]["time_s"][made["novelty"]["novelty"].arg_max()] == pytest.approx(40, abs=1)
    assert frames["strength"][0].arg_max() == 2  # D major
    assert frames["strength"][-1].arg_max() == 12 + 10  # Bb minor
    assert made["energy"]["onsets_per_s"].to_numpy() == pytest.approx(1 / 1.5, abs=0.11)
    begin = pyloudnorm.Meter(rate_hz).integrated_loudness(data[: 10 * rate_hz])
    assert made["energy"]["lufs"].head(4).mean() == pytest.approx(begin, abs=0.5)
    assert made["energy"]["brightness_hz"].is_between(300, 1500).all()
    assert made["track"]["true_peak_db"][0] == pytest.approx(20 * np.log10(np.abs(data).max()), abs=0.5)
    sound = blocks_to_array(made["track_sound"])
    assert made["track_sound"].select("block_no", "start_s", "rate_hz").rows() == [
        (1, 0, 4000),
        (2, 60, 4000),
    ]
    assert len(sound) == pytest.approx(75 * 4000, abs=10)
    assert made["track_landmark"]["time_s"].max() > 70


def test_measuring_again_makes_the_same_rows(two_keys: Path) -> None:
    first, second = measured(two_keys), measured(two_keys)
    for table, rows in first.items():
        assert_frame_equal(rows, second[table])


def test_the_authors_hop_can_be_set(two_keys: Path) -> None:
    assert measured(two_keys, hop_s=8.5)["keystrength"]["time_s"].to_list() == [5 + 8.5 * i for i in range(8)]


@settings(max_examples=8)
@given(st.integers(230, 30_000))
def test_a_track_of_any_length_is_measured(tmp_path_factory: pytest.TempPathFactory, n_samples: int) -> None:
    folder = tmp_path_factory.mktemp("short")
    made = measured(flac(folder / "x.flac", cadence("C major", 2, RATE_HZ)[:n_samples]))
    assert len(made["keystrength"]) == 1
    assert made["track"]["duration_s"][0] == pytest.approx(min(n_samples / RATE_HZ, 2), abs=0.001)


# Bad input


def album(folder: Path, n_jobs: int = 1, warehouse: Path | None = None) -> dict[str, pl.DataFrame]:
    """Rows of an album ingested from a folder."""
    with Warehouse(warehouse or folder.with_name("warehouse")) as opened:
        item = Item.of(opened, MEDIUM, sources(folder))
        run = Run(
            opened, defaults(MEDIUM.settings), Models("embedded"), force=False, progress=lambda *_: None
        )
        run.ingest([item], n_jobs)
        tables = ("album", "track", "unused_file", "music_segment", "track_sound")
        return {table: fetch(opened.connection, f"FROM {table} ORDER BY ALL") for table in tables}


def unused(rows: dict[str, pl.DataFrame]) -> dict[str, str]:
    found = rows["unused_file"].select("path", "reason").rows()
    assert not any("\n" in reason for _, reason in found)
    return {Path(path).name: reason for path, reason in found}


def test_what_cannot_be_played_is_told_and_the_rest_of_the_album_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "album"
    music = cadence("C major", 20, RATE_HZ)
    flac(folder / "1 good.flac", music)
    flac(folder / "2 again.flac", music)
    soundfile.write(folder / "3 empty.flac", np.zeros(0), RATE_HZ)
    (folder / "4 text.mp3").write_text("not music at all " * 500)
    (folder / "5 cover.ogg").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(300))
    (folder / "6 nothing.wav").touch()
    flac(folder / "7 brief.flac", np.ones(100))
    made = album(folder)
    told = unused(made)
    assert sorted(name[0] for name in told) == ["2", "3", "4", "5", "6", "7"]
    assert told["2 again.flac"] == "is a copy of 1 good.flac: left out"
    assert told["7 brief.flac"] == "is shorter than 10 ms: take it out of the album's folder"
    assert told["4 text.mp3"].startswith("cannot be decoded")
    assert made["track"].filter(pl.col("duration_s") > 0)["title"].to_list() == ["1 good"]
    assert made["music_segment"]["track_no"].unique().to_list() == [1]


def test_an_album_that_was_moved_is_found_at_its_new_place(tmp_path: Path) -> None:
    flac(tmp_path / "here" / "disc 1" / "a.flac", cadence("C major", 20, RATE_HZ))
    (tmp_path / "here" / "b.wav").touch()
    before = album(tmp_path / "here")
    (tmp_path / "here").rename(tmp_path / "there")
    made = album(tmp_path / "there")
    assert made["track"]["path"].to_list() == [str(tmp_path / "there" / "disc 1" / "a.flac")]
    assert made["album"]["path"].to_list() == [str(tmp_path / "there")]
    assert unused(made) == unused(before) and Path(made["unused_file"]["path"][0]).exists()
    assert made["music_segment"].equals(before["music_segment"])


def test_a_track_that_fails_late_leaves_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As if its beginning were sound.
    monkeypatch.setattr("bookscore.ingest.album.tracks.probe", lambda _: Probe("flac", (True, 1.0), None, {}))
    monkeypatch.setattr("bookscore.ingest.album.tracks.stream", lambda *_, **__: iter(()))
    folder = tmp_path / "album"
    flac(folder / "1.flac", cadence("C major", 4, RATE_HZ))
    (folder / "2.flac").write_text("not music at all " * 500)
    flac(folder / "3.flac", cadence("A minor", 4, RATE_HZ))
    made = album(folder)
    assert made["music_segment"]["track_no"].to_list() == [1, 3]
    assert made["track"].sort("track_no")["duration_s"].to_list() == [
        pytest.approx(4),
        None,
        pytest.approx(4),
    ]
    assert list(unused(made)) == ["2.flac"]
    assert made["unused_file"]["track_no"].to_list() == [2]
    with pytest.raises(BookscoreError, match=r"1\.flac: .*; no other file of the album can be used either"):
        (folder / "1.flac").write_text("nor this")
        (folder / "3.flac").write_text("or this one")
        album(folder)


def test_a_track_that_cannot_be_measured_is_kept_without_rows(tmp_path: Path) -> None:
    path = flac(tmp_path / "x.flac", cadence("C major", 2, RATE_HZ))
    track = read_tracks(inputs({path.name: path}))["track"]
    path.write_text("not music any more")
    made = measure(inputs({path.name: path}, 1, {"track": track}))
    assert made["unused_file"]["reason"].to_list() == ["its audio stream is empty: give a file with sound"]
    assert made["unused_file"].select("track_no", "path").row(0) == (1, str(path))
    assert_frame_equal(made["track"], track)
    assert all(made[table].is_empty() for table in ("keystrength", "energy", "track_sound"))


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_album_of_nothing_playable_is_refused_in_one_line(tmp_path: Path, n_jobs: int) -> None:
    (tmp_path / "album").mkdir()
    for name in ("1.mp3", "2.flac"):
        (tmp_path / "album" / name).write_text("not music")
    with pytest.raises(BookscoreError, match=r"1\.mp3: cannot be decoded .*; no other file") as caught:
        album(tmp_path / "album", n_jobs)
    assert "\n" not in str(caught.value)


def test_odd_recordings_are_measured_like_plain_ones(tmp_path: Path) -> None:
    sound = cadence("D major", 20, 48_000)
    plain = measured(encode(tmp_path / "plain.wav", np.stack([sound, sound]), "stereo"))
    broken = sound.copy()
    broken[1000:1003] = np.nan, np.inf, -np.inf
    soundfile.write(tmp_path / "nan.wav", np.stack([broken] * 2, axis=1), 48_000, subtype="FLOAT")
    soundfile.write(tmp_path / "offset.wav", np.stack([sound + 0.2] * 2, axis=1), 48_000)
    soundfile.write(tmp_path / "high.wav", np.stack([cadence("D major", 20, 192_000)] * 2, axis=1), 192_000)
    low = cadence("D major", 20, 8000)
    soundfile.write(tmp_path / "low.wav", low, 8000)
    wrong = encode(tmp_path / "x.mp3", np.stack([sound, sound]), "stereo").rename(tmp_path / "wrong.flac")
    wide = np.zeros((len(sound), 8))
    wide[:, :2] = sound[:, None]
    soundfile.write(tmp_path / "wide.flac", wide, 48_000)
    cut = encode(tmp_path / "cut.flac", np.stack([sound, sound]), "stereo")
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size * 4 // 5])
    for path in (
        *(tmp_path / f"{name}.wav" for name in ("nan", "offset", "high", "low")),
        wrong,
        cut,
        tmp_path / "wide.flac",
    ):
        made = measured(path)
        assert made["unused_file"].is_empty(), path
        duration_s = 16 if path == cut else 20
        assert made["track"]["duration_s"][0] == pytest.approx(duration_s, abs=0.7), path
        assert (made["keystrength"]["strength"].arr.arg_max() == 2).mean() > 0.9, path
        # One channel has 3 LU less than two; the mix of eight is scaled down; MP3 loses some.
        tolerance = {"low.wav": 3.2, "wide.flac": 12, "wrong.flac": 0.6}.get(path.name, 0.3)
        assert made["track"]["lufs"][0] == pytest.approx(plain["track"]["lufs"][0], abs=tolerance), path
        assert made["energy"]["brightness_hz"].mean() == pytest.approx(
            plain["energy"]["brightness_hz"].mean(), rel=0.15
        ), path


# Music segments


def test_an_album_goes_through_the_warehouse(two_keys: Path, tmp_path: Path) -> None:
    folder = tmp_path / "album"
    flac(folder / "a.flac", soundfile.read(two_keys)[0], tracknumber="1")
    loud = np.tanh(8 * cadence("A minor", 3, RATE_HZ, chord_s=0.25))
    flac(folder / "b.flac", loud, tracknumber="2")
    flac(folder / "c.flac", np.zeros(12 * RATE_HZ), tracknumber="3")
    made = album(folder)
    rows = made["music_segment"].sort("track_no", "music_segment_no")
    assert len(made["track"].filter(pl.col("duration_s") > 0)) == 3
    assert rows["track_no"].to_list() == [1, 1, 2, 3]
    assert rows["mode"].to_list()[:3] == ["major", "minor", "minor"]
    assert rows["end_s"].to_list() == pytest.approx([40, 75, 3, 12], abs=2)
    assert rows["arousal"].arg_max() == 2
    assert rows["arousal"].arg_min() == 3
    lufs = pyloudnorm.Meter(RATE_HZ).integrated_loudness(loud)
    assert rows["loudness_lufs"][2] == pytest.approx(lufs, abs=0.2)
    assert rows["gain_db"][2] == pytest.approx(-23 - lufs, abs=0.2)
    assert rows["gain_db"][3] == 0
    assert rows["loudness_lufs"][3] is None
    assert (rows["loop_start_s"] > rows["start_s"]).all()
    assert (rows["loop_end_s"] <= rows["end_s"]).all()
    assert rows["seam"][0] > 0.9  # cadences repeat
    assert rows["tempo_bpm"][3] is None


def test_stirring_music_has_more_arousal_than_calm(tmp_path: Path) -> None:
    folder = tmp_path / "album"
    rng = np.random.default_rng(0)
    for no in range(1, 3):
        soft = 0.1 * cadence("C major", 20 + no, RATE_HZ, chord_s=3)
        flac(folder / f"{no} calm.flac", soft)
        beats = np.exp(-20 * (np.arange(len(soft)) / RATE_HZ % 0.25)) * rng.standard_normal(len(soft))
        flac(folder / f"{no} stirring.flac", cadence("A minor", 20 + no, RATE_HZ, chord_s=0.5) + 0.1 * beats)
    made = album(folder)
    rows = made["music_segment"].join(made["track"], on="track_no")
    stirring = rows["title"].str.contains("stirring")
    for column in ("arousal", "loudness_lufs", "onsets_per_s", "brightness_hz"):
        assert rows.filter(stirring)[column].min() > rows.filter(~stirring)[column].max()
    assert rows["arousal"].is_between(0, 1).all()


@pytest.mark.parametrize(
    ("lufs", "peak_db", "gain_db"), [(-30, -20, 7), (-30, -3, 2), (-50, -30, 12), (-10, 2, -13)]
)
def test_gain_reaches_the_reading_level_unless_peaks_or_hush_forbid(
    lufs: float, peak_db: float, gain_db: float
) -> None:
    made = segments(made_up(20, lufs, peak_db, 1))["music_segment"]
    assert made["gain_db"].to_list() == [pytest.approx(gain_db)]


def made_up(duration_s: float, lufs: float | None, peak_db: float, seed: int) -> Inputs:
    """A silent track of given duration, loudness and peak with random frames."""
    rng = np.random.default_rng(seed)
    n = 1 + max(0, int((duration_s - 10) / 1.5))
    frames = pl.DataFrame(
        {
            "album_id": "album-1",
            "track_no": 1,
            "frame_no": range(1, n + 1),
            "time_s": 5 + 1.5 * np.arange(n) if duration_s >= 10 else [duration_s / 2],
        }
    )
    strength = pl.Series("strength", rng.uniform(-1, 1, (n, 24)), pl.Array(pl.Float32, 24))
    level = pl.Series("lufs", np.full(n, -120.0 if lufs is None else lufs))
    curve_s = 0.25 * np.arange(1, 1 + 4 * duration_s)
    tables = {
        "track": pl.DataFrame({"track_no": 1, "duration_s": duration_s, "true_peak_db": peak_db}),
        "track_sound": pl.DataFrame({"track_no": 1, "block_no": 1, "rate_hz": 4000, "pcm": bytes(8000)}),
        "keystrength": frames.with_columns(strength),
        "energy": frames.with_columns(level, onsets_per_s=pl.lit(1.0), brightness_hz=pl.lit(1e3)),
        "novelty": pl.DataFrame({"time_s": curve_s, "novelty": rng.uniform(0, 1, len(curve_s))}),
    }
    return inputs({}, 1, tables)


@settings(max_examples=25)
@given(st.floats(0.01, 400), st.none() | st.floats(-70, 0), st.floats(-60, 6), st.integers(0, 99))
def test_segments_tile_their_track_whatever_the_curves_are(
    duration_s: float, lufs: float | None, peak_db: float, seed: int
) -> None:
    made = segments(made_up(duration_s, lufs, peak_db, seed))["music_segment"]
    assert made["music_segment_no"].to_list() == list(range(1, len(made) + 1))
    assert [0.0, *made["end_s"]] == [*made["start_s"], duration_s]
    assert ((made["end_s"] - made["start_s"]) >= min(15, duration_s) - 1e-6).all()
    assert (made["gain_db"] <= max(0, min(12, -1 - peak_db)) + 1e-5).all()
    assert (made["gain_db"] == 0).all() or lufs is not None
    assert ((made["mode"] == "major") == (made["mode_strength"] > 0)).all()
