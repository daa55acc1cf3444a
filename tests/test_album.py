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

from engine.errors import BookscoreError
from engine.jobs import Item, Run
from engine.models import Models
from engine.recognise import blocks_to_array
from engine.stage import Inputs, Tables
from engine.warehouse import Warehouse, fetch
from ingest.album import MEDIUM, segments, sources
from ingest.album import sound as measure
from ingest.album import tracks as read_tracks

RATE_HZ = 22_050


def inputs(files: dict[str, Path], part: int = 0, given: Tables | None = None, **changed: object) -> Inputs:
    named = MEDIUM.settings | {f"album.{name}": value for name, value in changed.items()}
    return Inputs("album-1", part, files, named, given or {}, Models("embedded"))  # type: ignore[arg-type]


# Tracks


def test_only_audio_files_are_the_album(tmp_path: Path) -> None:
    names = ["10 c.flac", "2 b.MP3", "CD2/1.ogg", ".hidden.flac", ".cache/x.flac", "cover.jpg", "rip.log"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = sources(tmp_path)
    assert list(found) == ["2 b.MP3", "10 c.flac", "CD2/1.ogg"]
    assert found["CD2/1.ogg"] == tmp_path / "CD2" / "1.ogg"


def test_a_folder_without_music_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cover.jpg").touch()
    with pytest.raises(BookscoreError, match="holds no audio file"):
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
    flac(tmp_path / "10 z.flac", short)
    flac(tmp_path / "Disc 2" / "x.flac", short, title="subfolder", tracknumber="1")
    assert titles(tmp_path) == ["second", "tenth", "9 z", "10 z", "subfolder", "other disc"]


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
    for table in ("energy", "novelty"):
        assert_frame_equal(made[table].select("frame_no", "time_s"), frames.select("frame_no", "time_s"))
    assert frames["strength"][0].arg_max() == 2  # D major
    assert frames["strength"][-1].arg_max() == 12 + 10  # Bb minor
    assert made["energy"]["onsets_per_s"].to_numpy() == pytest.approx(1 / 1.5, abs=0.11)
    assert made["energy"]["rms_db"][0] == pytest.approx(20 * np.log10(data[: 10 * rate_hz].std()), abs=0.5)
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


@pytest.mark.parametrize("wrong", [{"hop_s": 0.0}, {"window_s": -1.0}, {"profile": "temperley"}])
def test_settings_that_cannot_be_are_refused(two_keys: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(BookscoreError, match=f"album.{next(iter(wrong))}"):
        measured(two_keys, **wrong)


@settings(max_examples=8, deadline=None)
@given(st.integers(230, 30_000))
def test_a_track_of_any_length_is_measured(tmp_path_factory: pytest.TempPathFactory, n_samples: int) -> None:
    folder = tmp_path_factory.mktemp("short")
    made = measured(flac(folder / "x.flac", cadence("C major", 2, RATE_HZ)[:n_samples]))
    assert len(made["keystrength"]) == 1
    assert made["track"]["duration_s"][0] == pytest.approx(min(n_samples / RATE_HZ, 2), abs=0.001)


def test_a_track_of_no_length_is_named(tmp_path: Path) -> None:
    with pytest.raises(BookscoreError, match=r"x\.flac: is shorter than 10 ms"):
        measured(flac(tmp_path / "x.flac", np.ones(100)))


# Music segments


def test_an_album_goes_through_the_warehouse(two_keys: Path, tmp_path: Path) -> None:
    folder = tmp_path / "album"
    flac(folder / "a.flac", soundfile.read(two_keys)[0], tracknumber="1")
    loud = np.tanh(8 * cadence("A minor", 3, RATE_HZ, chord_s=0.25))
    flac(folder / "b.flac", loud, tracknumber="2")
    flac(folder / "c.flac", np.zeros(12 * RATE_HZ), tracknumber="3")
    with Warehouse(tmp_path / "warehouse") as warehouse:
        item = Item.of(warehouse, MEDIUM, sources(folder))
        run = Run(warehouse, MEDIUM.settings, Models("embedded"), force=False, progress=lambda *_: None)
        run.ingest([item])
        rows = fetch(warehouse.connection, "FROM music_segment ORDER BY track_no, music_segment_no")
        assert len(fetch(warehouse.connection, "FROM track WHERE duration_s > 0")) == 3
    assert rows["track_no"].to_list() == [1, 1, 2, 3]
    assert rows["mode"].to_list()[:3] == ["major", "minor", "minor"]
    assert rows["end_s"].to_list() == pytest.approx([40, 75, 3, 12], abs=2)
    assert rows["arousal"].arg_max() == 2
    assert rows["arousal"].arg_min() == 3
    lufs = pyloudnorm.Meter(RATE_HZ).integrated_loudness(loud)
    assert rows["gain_db"][2] == pytest.approx(-23 - lufs, abs=0.1)
    assert rows["gain_db"][3] == 0


def test_quiet_music_is_raised_by_no_more_than_six_decibels() -> None:
    assert segments(made_up([(20, -50.0)], 1))["music_segment"]["gain_db"].to_list() == [6]


def made_up(tracks: list[tuple[float, float | None]], seed: int) -> Inputs:
    """Tracks of given duration and loudness with random frames."""
    rng = np.random.default_rng(seed)
    given: dict[str, list[pl.DataFrame]] = {"keystrength": [], "energy": [], "novelty": []}
    for no, (duration_s, _) in enumerate(tracks, 1):
        n = 1 + max(0, int((duration_s - 10) / 1.5))
        times = 5 + 1.5 * np.arange(n) if duration_s >= 10 else [duration_s / 2]
        frames = pl.DataFrame({"frame_no": range(1, n + 1), "time_s": times}).with_columns(
            album_id=pl.lit("album-1"), track_no=pl.lit(no)
        )
        strength = pl.Series("strength", rng.uniform(-1, 1, (n, 24)), pl.Array(pl.Float32, 24))
        given["keystrength"].append(frames.with_columns(strength))
        level = pl.Series("rms_db", rng.uniform(-60, -5, n))
        given["energy"].append(frames.with_columns(level, onsets_per_s=pl.lit(1.0)))
        given["novelty"].append(frames.with_columns(novelty=pl.Series(rng.uniform(0, 1, n))))
    track = pl.DataFrame(
        [(no, *values) for no, values in enumerate(tracks, 1)],
        schema={"track_no": pl.Int32, "duration_s": pl.Float64, "lufs": pl.Float64},
        orient="row",
    )
    return inputs({}, 0, {"track": track} | {name: pl.concat(frames) for name, frames in given.items()})


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.01, 400), st.none() | st.floats(-70, 0)), min_size=1, max_size=4),
    st.integers(0, 99),
)
def test_segments_tile_their_tracks_whatever_the_curves_are(
    tracks: list[tuple[float, float | None]], seed: int
) -> None:
    made = segments(made_up(tracks, seed))["music_segment"]
    assert made["track_no"].unique().to_list() == list(range(1, len(tracks) + 1))
    for (no,), own in made.group_by("track_no", maintain_order=True):
        duration_s, lufs = tracks[no - 1]
        assert own["music_segment_no"].to_list() == list(range(1, len(own) + 1))
        assert [0.0, *own["end_s"]] == [*own["start_s"], duration_s]
        assert ((own["end_s"] - own["start_s"]) >= min(15, duration_s) - 1e-6).all()
        assert own["gain_db"].is_between(-23, 6).all()
        assert (own["gain_db"] == 0).all() or lufs is not None
    assert made["arousal"].is_between(0, 1).all()
    assert ((made["mode"] == "major") == (made["mode_strength"] > 0)).all()
