"""The recognisers: whitened correlation, and landmarks, on mixes whose truth is known."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from bookscore.ingest.heard import album_search, whitening
from bookscore.ingest.heard import correlation as recogniser
from bookscore.ingest.heard.album_search import Album
from bookscore.ingest.heard.correlation import blocks_to_array, recognise
from bookscore.ingest.heard.landmarks import FRAME_S, landmarks
from bookscore.ingest.heard.landmarks import RATE_HZ as LANDMARK_HZ
from bookscore.ingest.heard.whitening import whiten
from bookscore.ingest.media.sound import pcm_blocks, resampled, stream

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


def runs(windows: pl.DataFrame) -> list[tuple[float, float, int, float]]:
    """Windows that follow each other in one recording as one: start_s, end_s, track_no, place at film second 0."""
    found: list[tuple[float, float, int, float]] = []
    for _, start_s, end_s, track_no, offset_s, _, speed in windows.filter(
        pl.col("track_no").is_not_null()
    ).rows():
        lag_s = offset_s - speed * start_s
        if found and found[-1][1:3] == (start_s, track_no) and abs(found[-1][3] - lag_s) < 0.01:
            start_s = found.pop()[0]
        found.append((start_s, end_s, track_no, lag_s))
    return found


def near(*rows: tuple[float, float, int, float], ends_s: float = 0.3) -> list[tuple[object, ...]]:
    return [
        (
            pytest.approx(start_s, abs=ends_s),
            pytest.approx(end_s, abs=ends_s),
            no,
            pytest.approx(lag_s, abs=0.002),
        )
        for start_s, end_s, no, lag_s in rows
    ]


def test_music_is_found_from_its_beginning_to_its_end_under_louder_noise() -> None:
    film = noise(9, 60)
    film[at(21.7) : at(51.7)] += TRACKS[5][at(12.3) : at(42.3)]
    windows = recognise(film, TRACKS, RATE_HZ)
    assert runs(windows) == near((21.7, 51.7, 5, 12.3 - 21.7))
    assert windows.filter(track_no=5)["score"].min() > 0.15
    outside = windows.filter(pl.col("track_no").is_null())
    assert 0 < outside["score"].min() <= outside["score"].max() < 0.1
    assert outside["offset_s"].null_count() == len(outside)


def test_windows_end_where_music_ends_and_every_5_seconds() -> None:
    film = np.concatenate([noise(1, 4), TRACKS[2], noise(2, 6)])
    windows = recognise(film, TRACKS, RATE_HZ)
    assert windows["start_s"].to_numpy() == pytest.approx([0, 4, 5, 10, 15, 20, 25, 29, 30], abs=0.11)
    assert windows["start_s"][1:].to_list() == windows["end_s"][:-1].to_list()
    assert runs(windows) == near((4, 29, 2, -4))


def test_two_tracks_in_succession_and_a_short_one_between_are_told_apart() -> None:
    film = np.concatenate([TRACKS[1][: at(13)], TRACKS[2][at(6) : at(9)], TRACKS[5][at(30) : at(42)]])
    windows = recognise(film, TRACKS, RATE_HZ)
    assert runs(windows) == near((0, 13, 1, 0), (13, 16, 2, 6 - 13), (16, 28, 5, 30 - 16))


def test_of_the_places_in_a_track_that_repeats_itself_the_one_that_goes_on_is_taken() -> None:
    verse = music(7, 16)
    tracks = {1: np.concatenate([verse, music(8, 9), verse, music(9, 9), verse, music(10, 9)])}
    film = np.concatenate([noise(1, 7), tracks[1][at(25) : at(49)], noise(2, 8)])
    assert runs(recognise(film, tracks, RATE_HZ)) == near((7, 31, 1, 25 - 7))


def test_music_goes_on_through_a_few_seconds_in_which_it_is_drowned() -> None:
    film = noise(9, 40) / 4
    film[at(5) : at(35)] += TRACKS[5][at(20) : at(50)]
    film[at(15) : at(19)] += 20 * noise(3, 4)
    assert runs(recognise(film, TRACKS, RATE_HZ)) == near((5, 35, 5, 20 - 5))


@pytest.mark.parametrize("speed", recogniser.SPEEDS[1:])
def test_a_film_at_another_speed_is_found_at_that_speed(speed: Fraction) -> None:
    played = resample_poly(TRACKS[5][at(10) : at(50)], speed.denominator, speed.numerator)
    film = np.concatenate([noise(9, 33.3), played, noise(8, 20)]).astype(np.float32)
    film[: at(93)] += noise(7, 93)[: len(film)]
    windows = recognise(film, TRACKS, RATE_HZ)
    assert windows["speed"].unique().to_list() == [float(speed)]
    assert windows["end_s"][-1] == pytest.approx(len(film) / RATE_HZ, abs=0.001)
    assert runs(windows) == near((33.3, 33.3 + 40 / speed, 5, 10 - 33.3 * speed))


def test_silence_has_neither_track_nor_score() -> None:
    film = np.concatenate([np.zeros(at(10), np.float32), TRACKS[1][: at(10)]])
    windows = recognise(film, TRACKS, RATE_HZ)
    assert windows.rows()[:2] == [(1, 0.0, 5.0, None, None, 0.0, 1.0), (2, 5.0, 10.0, None, None, 0.0, 1.0)]
    assert runs(windows) == near((10, 20, 1, -10))


def test_music_upside_down_is_the_same_music() -> None:
    windows = recognise(-TRACKS[5][at(7) : at(17)], TRACKS, RATE_HZ)
    assert runs(windows) == near((0, 10, 5, 7))
    assert windows["score"].min() > 0.9


@pytest.mark.parametrize("by_torch", [False, True], ids=["processor", "as on a GPU"])
def test_places_and_scores_equal_those_of_a_plain_correlation(
    monkeypatch: pytest.MonkeyPatch, by_torch: bool
) -> None:
    monkeypatch.setattr(album_search, "FFT_SIZE", 2**12)  # many blocks, so that their seams are tried
    rng, size = np.random.default_rng(3), 1000
    tracks = {no: rng.standard_normal(n).astype(np.float32) for no, n in ((1, 2500), (2, 9000), (3, 700))}
    album = Album(tracks, size, torch.device("cpu") if by_torch else None)
    line = np.concatenate([np.zeros(size, np.float32), *tracks.values(), np.zeros(size, np.float32)])
    first = {1: size, 2: size + 2500, 3: size + 11_500}
    for begin in (500, 1200, 3600, 7001, 8192, 12_100):
        window = line[begin : begin + size] + 2 * rng.standard_normal(size).astype(np.float32)
        parts = np.lib.stride_tricks.sliding_window_view(line, size)
        scores = parts @ window / np.linalg.norm(window) / np.maximum(np.linalg.norm(parts, axis=1), 9)
        best = album.search(window)[0]
        assert first[best.track_no] + best.sample == int(np.abs(scores).argmax()) == begin
        assert best.score == pytest.approx(float(scores[begin]), abs=1e-4)


def test_a_window_over_the_seam_of_two_tracks_may_be_in_either() -> None:
    rng = np.random.default_rng(4)
    tracks = {no: rng.standard_normal(5000).astype(np.float32) for no in (4, 9)}
    window = np.concatenate([tracks[4][-600:], tracks[9][:400]])
    places = {(place.track_no, place.sample) for place in Album(tracks, 1000).search(window)}
    assert places >= {(4, 4400), (9, -600)}


def test_whitening_does_not_depend_on_how_much_is_done_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = whiten(TRACKS[1], RATE_HZ)
    assert whole.shape == TRACKS[1].shape
    monkeypatch.setattr(whitening, "CHUNK_FRAMES", 7)
    assert whiten(TRACKS[1], RATE_HZ) == pytest.approx(whole, abs=1e-6)


def test_whitening_by_the_power_of_1_leaves_the_sound_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whitening, "WHITENING", 1)
    assert whiten(TRACKS[1], RATE_HZ) == pytest.approx(TRACKS[1], abs=1e-6)


@settings(max_examples=8)
@given(st.integers(0, 3000), st.lists(st.integers(0, 900), max_size=3))
def test_any_lengths_give_windows_that_tile_the_film(n_film: int, n_tracks: list[int]) -> None:
    rng = np.random.default_rng(n_film)
    tracks = {no: rng.standard_normal(n).astype(np.float32) for no, n in enumerate(n_tracks, 1)}
    windows = recognise(rng.standard_normal(n_film).astype(np.float32), tracks, 100)
    assert windows["window_no"].to_list() == list(range(1, len(windows) + 1))
    assert windows["score"].is_between(0, 1).all()
    if n_film:
        assert windows["start_s"][0] == 0
        assert windows["end_s"][-1] == pytest.approx(n_film / 100, abs=0.02)  # at another speed
        assert windows["start_s"][1:].to_list() == windows["end_s"][:-1].to_list()
        assert (windows["end_s"] > windows["start_s"]).all()
    else:
        assert windows.is_empty()


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
        begin_s = 10.0 * len(film)
        film.append(
            part / part.std() * 10 ** (music_db / 20) + np.resize(speech, at(60))[at(begin_s) :][: at(10)]
        )
        truth.append((begin_s, begin_s + 10, no, start_s - begin_s))
    windows = recognise(0.05 * np.concatenate(film), tracks, RATE_HZ)
    assert runs(windows) == near(*truth, ends_s=1)
    assert windows.drop_nulls("track_no").filter(pl.col("end_s") - pl.col("start_s") > 2)["score"].min() > 0.1


def test_speech_alone_is_none_of_the_album(real: tuple[dict[int, np.ndarray], np.ndarray]) -> None:
    tracks, speech = real
    windows = recognise(0.05 * speech, tracks, RATE_HZ)
    assert windows["track_no"].null_count() == len(windows)
    assert windows["score"].max() < 0.06


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
