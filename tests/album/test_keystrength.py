"""Keystrength, novelty and changes of key, on music of known key."""

from __future__ import annotations

import json
import shutil
import subprocess
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from synthetic_music import TONICS, cadence, midi, piece, tone

from bookscore.ingest.album import keystrength as ks
from bookscore.ingest.media.sound import stream

RATE_HZ = 16_000
KEYS = [f"{tonic} {mode}" for mode in ("major", "minor") for tonic in TONICS]
MARKED = json.loads((Path(__file__).parents[1] / "marked" / "keystrength.json").read_text())
SOUND_FONT = Path("/usr/share/sounds/sf2/TimGM6mb.sf2")


def strength_of(sound: np.ndarray, profile: str = "aarden") -> np.ndarray:
    """Keystrength of a sound as one window."""
    length_s = len(sound) / RATE_HZ
    frames = ks.chroma_frames([sound], RATE_HZ)
    return ks.keystrength(ks.chroma_windows(frames, np.array([length_s / 2]), length_s), profile)[0]


def chroma_of(sound: np.ndarray) -> np.ndarray:
    frames = ks.chroma_frames([sound], RATE_HZ)
    return ks.chroma_windows(frames, np.array([len(sound) / RATE_HZ / 2]), len(sound) / RATE_HZ)[0]


def change_times(sound: np.ndarray) -> np.ndarray:
    curve = ks.novelty(ks.chroma_frames([sound], RATE_HZ), round(96 / ks.FRAME_S), round(10 / ks.FRAME_S))
    return ks.changes(curve, 0.2, 0.1, 25 / ks.FRAME_S) * ks.FRAME_S + ks.SPECTRUM_S / 2


@pytest.mark.parametrize("profile", sorted(ks.PROFILES))
@pytest.mark.parametrize("key", KEYS)
def test_the_strongest_key_is_the_key_that_is_played(key: str, profile: str) -> None:
    assert KEYS[int(strength_of(cadence(key, 6, RATE_HZ), profile).argmax())] == key


@pytest.mark.skipif(
    shutil.which("fluidsynth") is None or not SOUND_FONT.is_file(),
    reason="needs Debian's fluidsynth and timgm6mb-soundfont",
)
@pytest.mark.parametrize("key", ["C major", "F# minor", "Bb major", "E minor"])
def test_the_strongest_key_of_rendered_midi_is_the_written_one(key: str, tmp_path: Path) -> None:
    song, sound = midi(tmp_path / "song.mid", key), tmp_path / "song.wav"
    render = ["fluidsynth", "-q", "-ni", "-r", "22050", "-F", sound, SOUND_FONT, song]
    subprocess.run(render, check=True, capture_output=True)
    played = np.concatenate(list(stream(sound, RATE_HZ)))
    for profile in ks.PROFILES:
        assert KEYS[int(strength_of(played, profile).argmax())] == key


@pytest.mark.parametrize("profile", ["aarden", "gomez"])
@pytest.mark.parametrize("key", ["Eb major", "F# minor"])
def test_the_24_values_are_those_of_an_independent_computation(key: str, profile: str) -> None:
    """The fixture holds 10 s of ``cadence(key, 10, 16_000)`` by another road: whole sums, loops, no shared code.

    For each start in ``range(0, 160_000 - 8192 + 1, 4000)``: ``m = abs(numpy.fft.rfft(x[start : start + 8192] *
    hann)) / 8192`` in double precision with ``hann[k] = sin(pi k / 8192) ** 2``; every bin of 100-6400 Hz above
    the one below and not under the one above adds m to pitch class ``round(69 + 12 log2(hz / 440)) % 12``; the 12 sums
    are divided by the root of their total and added up. "spectra" are ``numpy.corrcoef`` of that and the turned
    profiles. "spectrum" is the paper's: the energy of a single spectrum of all 10 s, all bins.
    """
    strength = strength_of(cadence(key, 10, RATE_HZ), profile)
    assert strength == pytest.approx(MARKED[key][profile]["spectra"], abs=1e-3)
    assert np.corrcoef(strength, MARKED[key][profile]["spectrum"])[0, 1] > 0.95


def test_a_pure_tone_lies_in_its_own_pitch_class() -> None:
    time_s = np.arange(3 * RATE_HZ) / RATE_HZ
    for pitch in range(48, 96, 5):
        chroma = chroma_of(np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * time_s).astype(np.float32))
        assert chroma[pitch % 12] == 1
        assert np.delete(chroma, pitch % 12).max() < 0.05


def test_tones_outside_the_range_of_the_spectrum_count_for_nothing() -> None:
    time_s = np.arange(3 * RATE_HZ) / RATE_HZ
    wanted = np.sin(2 * np.pi * 440 * time_s)
    outside = 10 * np.sin(2 * np.pi * 60 * time_s) + 10 * np.sin(2 * np.pi * 7000 * time_s)
    assert chroma_of(wanted + outside) == pytest.approx(chroma_of(wanted), abs=0.05)


def test_a_few_loud_seconds_do_not_decide_the_key() -> None:
    quiet, loud = cadence("C major", 8, RATE_HZ), 10 * cadence("F# major", 2, RATE_HZ)
    assert KEYS[int(strength_of(np.concatenate((quiet, loud))).argmax())] == "C major"


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
    assert not strength_of(np.zeros(12 * RATE_HZ, np.float32)).any()
    assert not strength_of(np.zeros(1000, np.float32)).any()
    frames = ks.chroma_frames([cadence("C major", 20, RATE_HZ), np.zeros(20 * RATE_HZ)], RATE_HZ)
    chromas = ks.chroma_windows(frames, np.array([10, 30]), 10)
    assert [row.any() for row in ks.keystrength(chromas, "aarden")] == [True, False]


def checkerboard_novelty(frames: np.ndarray, half: int, frame: int) -> float:
    """By the book: the kernel as a matrix on the self-similarity matrix, cut where it does not fit."""
    similarity = np.corrcoef(np.sqrt(frames))
    reach = min(half, frame, len(frames) - 1 - frame)
    steps = range(-reach, reach + 1)
    kernel = np.array(
        [[np.sign(a * b) * np.exp(-4 * ((a / half) ** 2 + (b / half) ** 2)) for a in steps] for b in steps]
    )
    around = slice(frame - reach, frame + reach + 1)
    return float((kernel * similarity[around, around]).sum() / kernel[kernel > 0].sum())


@pytest.mark.parametrize("n_frames", [9, 40])
def test_novelty_is_a_checkerboard_kernel_on_the_self_similarity(n_frames: int) -> None:
    frames = np.random.default_rng(n_frames).uniform(size=(n_frames, 12))
    expected = np.array([checkerboard_novelty(frames, 8, frame) for frame in range(2, n_frames - 2)])
    curve = ks.novelty(frames, 16, 2)
    assert curve[2:-2] == pytest.approx(expected / max(expected.max(), ks.LEAST_CHANGE))
    assert not curve[:2].any()
    assert not curve[-2:].any()


@given(
    st.integers(1, 30).flatmap(lambda n: arrays(float, (n, 12), elements=st.floats(0, 1))),
    st.integers(0, 80),
    st.integers(0, 9),
)
def test_novelty_of_anything_lies_between_0_and_1(
    frames: np.ndarray, kernel_frames: int, edge_frames: int
) -> None:
    curve = ks.novelty(frames, kernel_frames, edge_frames)
    assert curve.shape == (len(frames),)
    assert curve.min() >= 0
    assert curve.max() <= 1


@pytest.mark.parametrize(
    "keys",
    [
        {"C major": 30, "F# minor": 30},
        {"A minor": 25, "Eb major": 27, "B minor": 40},
        {"G major": 38, "G minor": 34},
        {"F major": 31, "D major": 26, "C# minor": 35, "Bb major": 28},
    ],
)
def test_changes_of_key_are_found_within_half_a_second(keys: dict[str, float]) -> None:
    expected = np.cumsum(list(keys.values()))[:-1]
    assert change_times(piece(keys, RATE_HZ)) == pytest.approx(expected, abs=0.5)


@pytest.mark.parametrize(
    "sound",
    [
        cadence("D minor", 90, RATE_HZ),
        sum(tone(90, RATE_HZ, hz) for hz in (261.6, 329.6, 392.0)) / 3,
        cadence("C major", 12, RATE_HZ),
        np.zeros(90 * RATE_HZ, np.float32),
        np.ones(1, np.float32),
    ],
    ids=["one key", "one chord", "shorter than the kernel", "silence", "one sample"],
)
def test_no_change_is_found_where_there_is_none(sound: np.ndarray) -> None:
    assert len(change_times(sound)) == 0


def test_a_change_in_a_piece_shorter_than_the_kernel_is_found() -> None:
    assert change_times(piece({"C major": 25.5, "Eb minor": 27}, RATE_HZ)) == pytest.approx([25.5], abs=0.5)


def test_a_track_of_40_minutes_is_cut_at_each_of_its_changes() -> None:
    minutes = np.eye(12)[np.arange(40) * 5 % 12] + 0.1
    frames = np.repeat(minutes, 240, axis=0) * np.random.default_rng(0).uniform(0.5, 1, (40 * 240, 12))
    found = ks.changes(ks.novelty(frames, 384, 40), 0.2, 0.1, 100)
    assert found == pytest.approx(np.arange(1, 40) * 240, abs=2)


def test_memory_does_not_grow_with_the_length_of_the_sound() -> None:
    def peak_of(minutes: int) -> int:
        minute = cadence("C major", 60, RATE_HZ)
        blocks: Iterator[np.ndarray] = (minute for _ in range(minutes))
        tracemalloc.start()
        ks.chroma_frames(blocks, RATE_HZ)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert peak_of(6) - peak_of(2) < 2e6  # four minutes of samples are 15 MB


def test_the_highest_of_two_near_peaks_stays() -> None:
    curve = np.zeros(40)
    curve[[5, 9, 30]] = 0.6, 0.9, 0.4
    assert ks.changes(curve, 0.3, 0.1, 10).tolist() == [9, 30]
    assert ks.changes(curve, 0.5, 0.1, 10).tolist() == [9]
    assert ks.changes(curve, 0.3, 0.1, 2).tolist() == [5, 9, 30]


def test_frames_do_not_depend_on_how_the_sound_is_cut() -> None:
    sound = cadence("G minor", 20, RATE_HZ)
    whole = ks.chroma_frames([sound], RATE_HZ)
    for size in (999, 40_000, 160_000):
        cut = ks.chroma_frames(np.split(sound, range(size, len(sound), size)), RATE_HZ)
        assert cut == pytest.approx(whole, abs=1e-5)


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
