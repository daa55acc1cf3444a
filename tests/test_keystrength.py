"""Keystrength, novelty and changes of key, on music of known key."""

from __future__ import annotations

from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from synthetic_music import TONICS, cadence, piece

from ingest import keystrength as ks

RATE_HZ = 16_000
HOP_S = 1.5
KEYS = [f"{tonic} {mode}" for mode in ("major", "minor") for tonic in TONICS]


def analysed(sound: np.ndarray, profile: str = "gomez") -> tuple[np.ndarray, np.ndarray]:
    """Times of the frames and their keystrengths."""
    frames = list(ks.windows([sound], RATE_HZ, 10, HOP_S))
    chromas = np.array([ks.chroma(window, RATE_HZ) for _, window in frames])
    return np.array([time_s for time_s, _ in frames]), ks.keystrength(chromas, profile)


def change_times(sound: np.ndarray) -> np.ndarray:
    times, strength = analysed(sound)
    curve = ks.novelty(strength, 64, ceil(10 / HOP_S))
    return times[ks.changes(curve, 0.2, 0.1, 10)]


@pytest.mark.parametrize("profile", sorted(ks.PROFILES))
@pytest.mark.parametrize("key", KEYS)
def test_the_strongest_key_is_the_key_that_is_played(key: str, profile: str) -> None:
    _, strength = analysed(cadence(key, 10, RATE_HZ), profile)
    assert KEYS[int(strength[0].argmax())] == key


def test_a_pure_tone_lies_in_its_own_pitch_class() -> None:
    time_s = np.arange(10 * RATE_HZ) / RATE_HZ
    for pitch in range(48, 96, 5):
        chroma = ks.chroma(np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * time_s), RATE_HZ)
        assert chroma[pitch % 12] == 1
        assert np.delete(chroma, pitch % 12).max() < 0.01


def test_tones_outside_the_range_of_the_spectrum_count_for_nothing() -> None:
    time_s = np.arange(10 * RATE_HZ) / RATE_HZ
    wanted = np.sin(2 * np.pi * 440 * time_s)
    outside = 10 * np.sin(2 * np.pi * 60 * time_s) + 10 * np.sin(2 * np.pi * 7000 * time_s)
    assert ks.chroma(wanted + outside, RATE_HZ) == pytest.approx(ks.chroma(wanted, RATE_HZ), abs=1e-3)


@given(arrays(float, (3, 12), elements=st.floats(0, 1)), st.sampled_from(sorted(ks.PROFILES)))
def test_the_24_values_are_the_correlations_with_the_rotated_profiles(
    chromas: np.ndarray, profile: str
) -> None:
    strength = ks.keystrength(chromas, profile)
    for chroma, row in zip(chromas, strength, strict=True):
        if chroma.std() < 1e-6:
            continue
        for mode, weights in enumerate(ks.PROFILES[profile]):
            for tonic in range(12):
                expected = [weights[(pitch_class - tonic) % 12] for pitch_class in range(12)]
                assert row[12 * mode + tonic] == pytest.approx(np.corrcoef(chroma, expected)[0, 1], abs=1e-6)


def test_silence_has_no_key() -> None:
    assert not ks.chroma(np.zeros(1000, np.float32), RATE_HZ).any()
    assert not ks.keystrength(np.zeros((2, 12)), "gomez").any()


def checkerboard_novelty(strength: np.ndarray, half: int, frame: int) -> float:
    """By the book: the kernel as a matrix on the self-similarity matrix, cut where it does not fit."""
    unit = strength / np.linalg.norm(strength, axis=1, keepdims=True)
    similarity = unit @ unit.T
    reach = min(half, frame, len(strength) - 1 - frame)
    steps = range(-reach, reach + 1)
    kernel = np.array(
        [[np.sign(a * b) * np.exp(-4 * ((a / half) ** 2 + (b / half) ** 2)) for a in steps] for b in steps]
    )
    around = slice(frame - reach, frame + reach + 1)
    return float((kernel * similarity[around, around]).sum() / kernel[kernel > 0].sum())


@pytest.mark.parametrize("n_frames", [9, 40])
def test_novelty_is_a_checkerboard_kernel_on_the_self_similarity(n_frames: int) -> None:
    strength = np.random.default_rng(n_frames).normal(size=(n_frames, 24))
    expected = np.array([checkerboard_novelty(strength, 8, frame) for frame in range(2, n_frames - 2)])
    curve = ks.novelty(strength, 16, 2)
    assert curve[2:-2] == pytest.approx(expected / max(expected.max(), ks.LEAST_CHANGE))
    assert not curve[:2].any()
    assert not curve[-2:].any()


@given(
    st.integers(1, 30).flatmap(lambda n: arrays(float, (n, 24), elements=st.floats(-1, 1))),
    st.integers(0, 80),
    st.integers(0, 9),
)
def test_novelty_of_anything_lies_between_0_and_1(
    strength: np.ndarray, kernel_frames: int, edge_frames: int
) -> None:
    curve = ks.novelty(strength, kernel_frames, edge_frames)
    assert curve.shape == (len(strength),)
    assert curve.min() >= 0
    assert curve.max() <= 1


@pytest.mark.parametrize(
    "keys",
    [
        {"C major": 30, "F# minor": 30},
        {"A minor": 25, "Eb major": 27, "G minor": 40},
        {"G major": 38, "G minor": 34},
        {"F major": 31, "D major": 26, "C# minor": 35, "Bb major": 28},
    ],
)
def test_changes_of_key_are_found_within_five_seconds(keys: dict[str, float]) -> None:
    expected = np.cumsum(list(keys.values()))[:-1]
    assert change_times(piece(keys, RATE_HZ)) == pytest.approx(expected, abs=5)


def test_a_piece_in_one_key_has_no_change() -> None:
    assert len(change_times(cadence("D minor", 90, RATE_HZ))) == 0


def test_the_highest_of_two_near_peaks_stays() -> None:
    curve = np.zeros(40)
    curve[[5, 9, 30]] = 0.6, 0.9, 0.4
    assert ks.changes(curve, 0.3, 0.1, 10).tolist() == [9, 30]
    assert ks.changes(curve, 0.5, 0.1, 10).tolist() == [9]
    assert ks.changes(curve, 0.3, 0.1, 2).tolist() == [5, 9, 30]


def test_windows_do_not_depend_on_how_the_sound_is_cut() -> None:
    sound = np.arange(1000, dtype=np.float32)
    whole = list(ks.windows([sound], 10, 20, 5))
    assert [time_s for time_s, _ in whole] == [10 + 5 * i for i in range(17)]
    for size in (1, 7, 333):
        cut = ks.windows(np.split(sound, range(size, 1000, size)), 10, 20, 5)
        for (time_s, window), (expected_s, expected) in zip(cut, whole, strict=True):
            assert time_s == expected_s
            assert np.array_equal(window, expected)


def test_a_sound_shorter_than_a_window_is_one_window() -> None:
    ((time_s, window),) = ks.windows([np.ones(30, np.float32)], 10, 20, 5)
    assert time_s == 1.5
    assert len(window) == 30
