"""Loops: where a music segment can go round."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bookscore.ingest.album.loops import FADE_S, find_loop
from bookscore.ingest.media.sound import stream

RATE_HZ = 4000


def melody(n_notes: int, seed: int = 0, note_s: float = 0.5) -> np.ndarray:
    """Plucked notes of random pitch, one after another."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(note_s * RATE_HZ)) / RATE_HZ
    notes = [np.sin(2 * np.pi * hz * t) * np.exp(-5 * t) for hz in rng.uniform(150, 1500, n_notes)]
    return (0.3 * np.concatenate(notes)).astype(np.float32)


def joined(sound: np.ndarray, start_s: float, end_s: float) -> np.ndarray:
    """What is heard for a second on either side of the seam."""
    start, end, fade = (round(t * RATE_HZ) for t in (start_s, end_s, FADE_S))
    before, after = sound[end - RATE_HZ : end], sound[start - fade : start + RATE_HZ]
    rise = np.linspace(0, 1, fade)
    mixed = (1 - rise) * before[-fade:] + rise * after[:fade]
    return np.concatenate((before[:-fade], mixed, after[fade:]))


def test_music_that_repeats_loops_over_whole_repeats() -> None:
    phrase_s = 8.0
    sound = np.tile(melody(16), 8)
    found = find_loop(sound, RATE_HZ, 3.3, 61.7)
    n_phrases = (found.end_s - found.start_s) / phrase_s
    assert n_phrases == pytest.approx(round(n_phrases), abs=0.0005 / phrase_s)
    assert found.seam > 0.98
    start = round(found.start_s * RATE_HZ)
    heard, original = joined(sound, found.start_s, found.end_s), sound[start - RATE_HZ : start + RATE_HZ]
    assert heard == pytest.approx(original, abs=0.02)


def test_a_repeat_off_the_sample_grid_is_met_to_a_tenth_of_a_millisecond() -> None:
    period_s = 9.0003
    t = np.arange(45 * RATE_HZ) / RATE_HZ
    place = t % period_s
    sound = sum(
        np.sin(2 * np.pi * hz * place) * np.exp(-3 * (place % 0.75))
        for hz in (220.13, 331.71, 517.37, 702.29)
    )
    found = find_loop(np.float32(0.1 * sound), RATE_HZ, 0, 45)
    n_periods = (found.end_s - found.start_s) / period_s
    assert n_periods * period_s == pytest.approx(round(n_periods) * period_s, abs=0.0001)


def test_a_performed_repeat_is_found_under_other_sound() -> None:
    sound = np.concatenate([melody(30, 1), melody(32, 2), melody(44, 3), melody(32, 2), melody(8, 4)])
    sound += np.random.default_rng(0).normal(0, 0.02, len(sound)).astype(np.float32)
    found = find_loop(sound, RATE_HZ, 0, len(sound) / RATE_HZ)
    assert found.end_s - found.start_s == pytest.approx((32 + 44) * 0.5, abs=0.002)
    assert 15 < found.start_s < 31
    assert found.seam > 0.6


def test_what_never_repeats_has_a_low_seam_and_still_a_loop() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 60 * RATE_HZ).astype(np.float32)
    through_composed = melody(120)
    for sound, highest in ((noise, 0.4), (through_composed, 0.7)):
        found = find_loop(sound, RATE_HZ, 0, 60)
        assert found.seam < highest
        assert FADE_S <= found.start_s <= found.end_s - 30
        assert found.end_s <= 60


def test_tempo_is_told_where_there_is_a_pulse() -> None:
    assert find_loop(np.tile(melody(16), 5), RATE_HZ, 0, 40).tempo_bpm == pytest.approx(120, abs=3)
    drone = (0.3 * np.sin(np.arange(30 * RATE_HZ) * 0.3)).astype(np.float32)
    assert find_loop(drone, RATE_HZ, 0, 30).tempo_bpm is None


@settings(max_examples=25)
@given(
    st.floats(0.02, 40),
    st.floats(0, 5),
    st.sampled_from(["silence", "noise", "melody", "clipped"]),
    st.booleans(),
)
@example(
    3.25, 1.1875, "melody", False
)  # every place is long enough from the edge, but no two from each other
def test_a_loop_lies_in_its_segment_whatever_it_holds(
    length_s: float, start_s: float, kind: str, goes_on: bool
) -> None:
    n = round((start_s + length_s + 5 * goes_on) * RATE_HZ)
    sound = {
        "silence": np.zeros(n, np.float32),
        "noise": np.random.default_rng(1).normal(0, 0.1, n).astype(np.float32),
        "melody": np.resize(melody(90), n),
        "clipped": np.ones(n, np.float32),
    }[kind]
    end_s = start_s + length_s
    found = find_loop(sound, RATE_HZ, start_s, end_s)
    assert start_s < found.start_s < found.end_s <= end_s
    assert found.start_s - start_s >= min(FADE_S, length_s / 4) - 1e-9
    assert found.end_s - found.start_s >= length_s / 2 - 0.1
    if length_s >= 20:
        assert found.end_s - found.start_s >= 15 - 0.1
    assert 0 <= found.seam <= 1
    assert found.tempo_bpm is None or found.tempo_bpm > 0
    assert found == find_loop(sound, RATE_HZ, start_s, end_s)


def test_a_long_segment_is_searched_at_its_ends() -> None:
    middle = melody(600, 5)
    sound = np.concatenate([melody(60, 6), middle, melody(60, 6)])
    found = find_loop(sound, RATE_HZ, 0, len(sound) / RATE_HZ)
    assert found.end_s - found.start_s == pytest.approx(330, abs=0.001)


def greatest_flux(piece: np.ndarray) -> float:
    frames = np.lib.stride_tricks.sliding_window_view(piece, 256)[::32]
    spectra = np.log1p(np.abs(np.fft.rfft(frames * np.hanning(256), axis=1)))
    seam = slice((RATE_HZ - round(FADE_S * RATE_HZ)) // 32 - 8, RATE_HZ // 32)
    return float(np.maximum(np.diff(spectra, axis=0), 0).mean(axis=1)[seam].max())


def test_loops_of_real_music_are_smoother_than_its_raw_ends(data_dir: Path) -> None:
    path = (
        data_dir / "music" / "librosa" / "Kevin_MacLeod_-_P_I_Tchaikovsky_Dance_of_the_Sugar_Plum_Fairy.ogg"
    )
    sound = np.concatenate(list(stream(path, RATE_HZ)))
    looped, raw = [], []
    for start_s in np.arange(5, 70, 7.3):
        end_s = start_s + 40
        found = find_loop(sound, RATE_HZ, start_s, end_s)
        looped.append(greatest_flux(joined(sound, found.start_s, found.end_s)))
        raw.append(greatest_flux(joined(sound, start_s + FADE_S, end_s)))
    assert np.mean(looped) < 0.9 * np.mean(raw)
