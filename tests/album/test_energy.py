"""Loudness, peaks, onsets and brightness of music."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile
from synthetic_music import tone

from bookscore.ingest.album import energy

ENERGY_HZ, ONSET_HZ = 22_050, 16_000


def onsets(blocks: Iterable[np.ndarray]) -> np.ndarray:
    return energy.onset_times(energy.spectral_curves(blocks, ONSET_HZ)[0])


def test_loudness_made_block_by_block_is_that_of_the_whole() -> None:
    rng = np.random.default_rng(1)
    swell = np.repeat(10 ** (rng.uniform(-40, -5, 13) / 20), 5 * ENERGY_HZ)
    sound = rng.standard_normal((len(swell), 2)) * swell[:, None] * 0.3
    blocks = np.split(sound, range(20 * ENERGY_HZ, len(sound), 20 * ENERGY_HZ))
    momentary = [value for block in blocks for value in energy.momentary_lufs(block, ENERGY_HZ)]
    whole = pyloudnorm.Meter(ENERGY_HZ).integrated_loudness(sound)
    assert energy.integrated_lufs(momentary) == pytest.approx(whole, abs=0.1)


def test_silence_and_the_shortest_sounds_have_no_loudness() -> None:
    assert energy.integrated_lufs(energy.momentary_lufs(np.zeros((ENERGY_HZ, 2)), ENERGY_HZ)) is None
    assert energy.integrated_lufs(energy.momentary_lufs(np.ones((100, 2)), ENERGY_HZ)) is None


def test_loudness_at_a_time_is_that_of_the_sound_about_it() -> None:
    quiet, loud = (
        level * np.random.default_rng(0).standard_normal((20 * ENERGY_HZ, 2)) for level in (0.01, 0.1)
    )
    momentary = energy.momentary_lufs(np.concatenate((quiet, loud)), ENERGY_HZ)
    times_s = np.arange(5, 36, 1.5)
    found = energy.loudness_at(times_s, energy.momentary_middles_s(len(momentary)), momentary)
    meter = pyloudnorm.Meter(ENERGY_HZ)
    assert found[times_s < 19] == pytest.approx(meter.integrated_loudness(quiet), abs=0.1)
    assert found[times_s > 21] == pytest.approx(meter.integrated_loudness(loud), abs=0.1)
    silent = energy.loudness_at(times_s, np.array([7.0]), [float("-inf")])
    assert (silent == energy.SILENCE_LUFS).all()


def test_true_peak_lies_between_the_samples() -> None:
    # A sine at a quarter of the rate, sampled 45 degrees off its peaks (EBU Tech 3341, case 15 and on).
    n = np.arange(48_000)
    sine = 0.5 * np.sin(np.pi / 2 * n + np.pi / 4)[:, None]
    assert np.abs(sine).max() == pytest.approx(0.5 / np.sqrt(2))
    assert 20 * np.log10(energy.true_peak(sine)) == pytest.approx(-6.02, abs=0.1)
    assert energy.true_peak(np.concatenate((0.3 * sine, sine[:3000]), axis=0)) == pytest.approx(0.5, rel=0.02)


def test_true_peak_of_the_shortest_sounds_is_their_samples() -> None:
    assert energy.true_peak(np.zeros((0, 2))) == 0
    assert energy.true_peak(np.zeros((4000, 2))) == 0
    assert energy.true_peak(np.array([[0.1, -0.7]])) == 0.7


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_loudness_and_true_peak_are_those_of_ffmpegs_meter(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    noise = np.convolve(rng.standard_normal(6 * 44_100), np.hanning(6) / 3, "same")
    sound = np.stack([noise, np.roll(noise, 7)], axis=1) * np.linspace(0.02, 0.3, len(noise))[:, None]
    soundfile.write(tmp_path / "a.wav", sound, 44_100, subtype="FLOAT")
    meter = ["ffmpeg", "-nostats", "-i", tmp_path / "a.wav", "-af", "ebur128=peak=true", "-f", "null", "-"]
    told = subprocess.run(meter, capture_output=True, text=True, check=True).stderr
    lufs, peak_db = (float(re.findall(rf"{name}: +(-?[\d.]+) ", told)[-1]) for name in ("I", "Peak"))
    assert energy.integrated_lufs(energy.momentary_lufs(sound, 44_100)) == pytest.approx(lufs, abs=0.1)
    assert 20 * np.log10(energy.true_peak(sound)) == pytest.approx(peak_db, abs=0.06)


def test_brightness_is_the_middle_of_the_spectrum() -> None:
    sound = np.concatenate([tone(4, ONSET_HZ, 400), tone(4, ONSET_HZ, 3000), np.zeros(4 * ONSET_HZ)])
    for offset in (0, 0.1):  # an offset is no dark sound
        curves = energy.spectral_curves([np.float32(sound + offset)], ONSET_HZ)
        found = energy.brightness_at(np.array([2.0, 6.0, 10.0]), 3, curves)
        assert found == pytest.approx([400, 3000, np.nan], rel=0.02, nan_ok=True)


@pytest.mark.parametrize("level", [1, 0.25])
def test_onsets_are_found_where_notes_begin(level: float) -> None:
    rate_hz, gap_s = ONSET_HZ, 0.37
    note = tone(gap_s, rate_hz, 330) * np.exp(-np.arange(round(gap_s * rate_hz)) / 2000)
    sound = np.concatenate([np.zeros(rate_hz), np.tile(note, 20)]).astype(np.float32) * np.float32(level)
    expected = 1 + gap_s * np.arange(20)
    for n_blocks in (1, 9):
        found = onsets(np.array_split(sound, n_blocks))
        assert found == pytest.approx(expected, abs=0.05)


def test_neither_silence_nor_the_ripple_of_a_held_chord_has_onsets() -> None:
    chord = sum(tone(10, ONSET_HZ, hz) for hz in (220, 221, 330, 440)) / 8  # it beats once a second
    assert len(onsets([np.float32(chord)])) == 0
    assert len(onsets([np.zeros(16_000, np.float32)])) == 0
    assert len(onsets([np.zeros(10, np.float32)])) == 0
