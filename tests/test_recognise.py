"""The recognisers: whitened correlation, and landmarks, on mixes whose truth is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import recognise as recogniser
from engine.recognise import blocks_to_array, recognise, whiten
from ingest.landmarks import FRAME_S, landmarks
from ingest.landmarks import RATE_HZ as LANDMARK_HZ
from ingest.sound import pcm_blocks, resampled, stream

RATE_HZ = 4000


def music(seed: int, seconds: float) -> np.ndarray:
    """Chords of random harmonic tones, a new one each half second."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(RATE_HZ // 2) / RATE_HZ
    chords = []
    for _ in range(int(seconds * 2)):
        hz = 110 * 2 ** (rng.integers(0, 30, 3) / 12)
        tones = np.sin(2 * np.pi * np.outer(np.append(hz, 2 * hz), time_s) + rng.uniform(0, 6, (6, 1)))
        chords.append(tones.sum(axis=0) * np.exp(-2 * time_s))
    return (0.05 * np.concatenate(chords)).astype(np.float32)


def noise(seed: int, seconds: float) -> np.ndarray:
    """Bursts of noise, as restless as speech."""
    rng = np.random.default_rng(seed)
    n = int(seconds * RATE_HZ)
    loudness = np.repeat(rng.uniform(0, 1, n // 400 + 1) ** 2, 400)[:n]
    return (0.1 * loudness * rng.standard_normal(n)).astype(np.float32)


TRACKS = {1: music(1, 40), 2: music(2, 25), 5: music(5, 60)}


def at(seconds: float) -> int:
    return round(seconds * RATE_HZ)


def test_windows_are_found_in_their_track_under_louder_noise() -> None:
    film = noise(9, 60)
    film[at(20) : at(50)] += TRACKS[5][at(12.3) : at(42.3)]
    windows = recognise(film, TRACKS, RATE_HZ)
    assert windows["start_s"].to_list() == [5.0 * i for i in range(11)]
    inside = windows.filter(pl.col("start_s").is_between(20, 40))
    assert inside["track_no"].to_list() == [5] * 5
    assert (inside["offset_s"] - inside["start_s"]).to_numpy() == pytest.approx(12.3 - 20, abs=0.001)
    assert inside["score"].min() > 0.15
    outside = windows.filter((pl.col("end_s") <= 20) | (pl.col("start_s") >= 50))
    assert len(outside) == 4
    assert outside["score"].max() < 0.06


def test_a_window_that_holds_only_the_start_or_end_of_a_track_is_placed_beyond_it() -> None:
    film = np.concatenate([noise(1, 4), TRACKS[2], noise(2, 6)])
    windows = recognise(film, TRACKS, RATE_HZ)
    assert windows["track_no"].to_list() == [2] * len(windows)
    assert windows["offset_s"].to_numpy() == pytest.approx(windows["start_s"].to_numpy() - 4, abs=0.001)
    assert windows["offset_s"][0] == pytest.approx(-4, abs=0.001)


def test_where_two_tracks_meet_the_one_that_fills_more_of_the_window_is_told() -> None:
    film = np.concatenate([TRACKS[1][: at(13)], TRACKS[5][at(30) : at(42)]])
    windows = recognise(film, TRACKS, RATE_HZ)
    assert windows["track_no"].to_list() == [1, 1, 5, 5]
    assert windows["offset_s"].to_numpy() == pytest.approx([0, 5, 27, 32], abs=0.001)


def test_a_silent_window_has_no_track() -> None:
    film = np.concatenate([np.zeros(at(10), np.float32), TRACKS[1][: at(10)]])
    windows = recognise(film, TRACKS, RATE_HZ, hop_s=10)
    assert windows.row(0) == (1, 0.0, 10.0, None, None, 0.0)
    assert windows["track_no"][1] == 1


def test_music_upside_down_is_the_same_music() -> None:
    (window,) = recognise(-TRACKS[5][at(7) : at(17)], TRACKS, RATE_HZ).rows(named=True)
    assert (window["track_no"], window["offset_s"]) == (5, pytest.approx(7, abs=0.001))
    assert window["score"] > 0.9


def test_scores_equal_a_plain_correlation_at_every_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recogniser, "FFT_SIZE", 2**12)  # many blocks, so that their seams are tried
    rng, size = np.random.default_rng(3), 1000
    tracks = {no: rng.standard_normal(n).astype(np.float32) for no, n in ((1, 2500), (2, 9000), (3, 700))}
    film = np.concatenate([rng.standard_normal(3000).astype(np.float32), tracks[2][3990:5000]])
    windows = recognise(film, tracks, 1000, window_s=1, hop_s=0.35)
    whitened = whiten(film, 1000)
    album = {no: np.pad(whiten(sound, 1000), size) for no, sound in tracks.items()}
    for row in windows.rows(named=True):
        window = whitened[round(row["start_s"] * 1000) :][:size]
        expected = (0.0, 0, 0)
        for no, sound in album.items():
            parts = [sound[place : place + size] for place in range(len(sound) - size)]
            energies = [float(np.linalg.norm(part)) for part in parts]
            greatest = max(energies)
            for place, (part, energy) in enumerate(zip(parts, energies, strict=True)):
                dot = abs(float(part[: len(window)] @ window))
                score = dot / np.linalg.norm(window) / max(energy, recogniser.LEAST_ENERGY * greatest)
                expected = max(expected, (score, no, place - size))
        assert row["score"] == pytest.approx(expected[0], abs=1e-4)
        assert (row["track_no"], round(row["offset_s"] * 1000)) == expected[1:]


def test_whitening_does_not_depend_on_how_much_is_done_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = whiten(TRACKS[1], RATE_HZ)
    assert whole.shape == TRACKS[1].shape
    monkeypatch.setattr(recogniser, "CHUNK_FRAMES", 7)
    assert whiten(TRACKS[1], RATE_HZ) == pytest.approx(whole, abs=1e-6)


def test_whitening_by_the_power_of_1_leaves_the_sound_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recogniser, "WHITENING", 1)
    assert whiten(TRACKS[1], RATE_HZ) == pytest.approx(TRACKS[1], abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 3000), st.lists(st.integers(0, 900), max_size=3))
def test_any_lengths_give_windows_that_cover_the_film(n_film: int, n_tracks: list[int]) -> None:
    rng = np.random.default_rng(n_film)
    tracks = {no: rng.standard_normal(n).astype(np.float32) for no, n in enumerate(n_tracks, 1)}
    windows = recognise(rng.standard_normal(n_film).astype(np.float32), tracks, 100)
    assert windows["window_no"].to_list() == list(range(1, len(windows) + 1))
    assert windows["score"].is_between(0, 1).all()
    if n_film:
        assert windows["start_s"][0] == 0
        assert windows["end_s"].max() == n_film / 100
        assert (windows["end_s"] > windows["start_s"]).all()
        gaps = windows["start_s"][1:].to_numpy() - windows["end_s"][:-1].to_numpy()
        assert (gaps <= 0).all()
    else:
        assert windows.is_empty()


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    recognise(TRACKS[1][: at(20)], TRACKS, RATE_HZ, progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_sound_in_the_warehouse_comes_back_as_it_was() -> None:
    sound = np.clip(music(4, 130), -1, 1)
    blocks = pcm_blocks(np.split(sound, [1, 5000, 300_000]), RATE_HZ)
    assert blocks["block_no"].to_list() == [1, 2, 3]
    assert blocks["start_s"].to_list() == [0, 60, 120]
    assert blocks_to_array(blocks) == pytest.approx(sound, abs=1 / 32767)


@pytest.fixture(scope="module")
def real(data_dir: Path) -> tuple[dict[int, np.ndarray], np.ndarray]:
    """A real score's tracks, and English speech, at the recogniser's rate."""
    score = sorted((data_dir / "music" / "tears_of_steel_ost").glob("*.ogg"))
    talk = [data_dir / "music" / "librosa" / f"{name}.ogg" for name in ("198-209-0000", "3436-172162-0000")]
    tracks = {no: np.concatenate(list(stream(path, RATE_HZ))) for no, path in enumerate(score, 1)}
    speech = np.concatenate([block for path in talk for block in stream(path, RATE_HZ)])
    return tracks, speech / speech.std()


@pytest.mark.parametrize("music_db", [0, -6, -12])
def test_a_real_score_is_found_under_real_speech(
    real: tuple[dict[int, np.ndarray], np.ndarray], music_db: float
) -> None:
    tracks, speech = real
    film, truth = [], []
    for no, start_s in ((1, 3.0), (1, 15.5), (2, 20.0), (2, 77.7), (3, 5.0), (3, 60.1)):
        part = tracks[no][at(start_s) : at(start_s + 10)]
        film.append(part / part.std() * 10 ** (music_db / 20) + speech[at(len(film)) :][: at(10)])
        truth.append((no, pytest.approx(start_s, abs=0.001)))
    windows = recognise(0.05 * np.concatenate(film), tracks, RATE_HZ, hop_s=10)
    assert windows.select("track_no", "offset_s").rows() == truth
    assert windows["score"].min() > 0.15


def test_speech_alone_scores_below_any_music(real: tuple[dict[int, np.ndarray], np.ndarray]) -> None:
    tracks, speech = real
    assert recognise(0.05 * speech, tracks, RATE_HZ)["score"].max() < 0.06


@pytest.fixture(scope="module")
def marked() -> np.ndarray:
    return np.concatenate(list(resampled([TRACKS[5]], RATE_HZ, LANDMARK_HZ)))


def test_an_excerpt_shares_landmarks_with_its_recording_at_one_lag(marked: np.ndarray) -> None:
    start = 25_677  # not on the grid of the frames
    excerpt = marked[start : start + 10 * LANDMARK_HZ]
    shared = landmarks(excerpt, 100.0).join(landmarks(marked), on="hash", suffix="_track")
    lags = ((shared["time_s_track"] - shared["time_s"]) / FRAME_S).round()
    counts = lags.value_counts().sort("count", descending=True)
    assert counts.row(0)[0] * FRAME_S == pytest.approx(start / LANDMARK_HZ - 100, abs=FRAME_S)
    assert counts.row(0)[1] >= 20
    assert counts.filter((counts.to_series(0) - counts.row(0)[0]).abs() > 1)["count"].max() < 10


def test_landmarks_lie_in_the_target_zone_of_their_first_peak(marked: np.ndarray) -> None:
    found = landmarks(marked, 7.0)
    assert 5 < len(found) / 60 < 100
    assert found["time_s"].min() >= 7
    assert found["time_s"].max() < 67
    assert found["hash"].is_between(0, 2**20 - 1).all()
    assert (found["hash"] & 63).is_between(2, 63).all()
    rise = (found["hash"].to_numpy() >> 6 & 63 ^ 32) - 32
    assert np.abs(rise).max() <= 31
    assert found.equals(found.sort("time_s", "hash"))


def test_two_tones_make_the_landmark_that_their_bins_and_times_say() -> None:
    sound = np.zeros(LANDMARK_HZ, np.float32)
    tone = np.sin(2 * np.pi * np.arange(512) / 512 * np.array([[100], [110]])) * np.hanning(512)
    sound[256 * 10 : 256 * 12], sound[256 * 20 : 256 * 22] = tone
    assert landmarks(sound).rows() == [(pytest.approx(10 * FRAME_S), 100 << 12 | 10 << 6 | 10)]


@pytest.mark.parametrize("n_samples", [0, 511, 20_000])
def test_silence_has_no_landmarks(n_samples: int) -> None:
    assert landmarks(np.zeros(n_samples, np.float32)).is_empty()
