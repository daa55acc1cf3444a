"""The demo's film sound: excerpts of the album under noise that is shaped like speech."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from demo.album import RATE_HZ
from demo.screenplay import timed
from demo.subtitles import Cue

SPEECH_DB = -20.0
FADE_S = 0.15
# Vowels by their first three formants, in Hz.
VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (530, 1840, 2480), (570, 840, 2410), (300, 870, 2240))


def _db(gain_db: float) -> float:
    return float(10 ** (gain_db / 20))


def _rms(sound: np.ndarray) -> float:
    return float(np.sqrt((sound.astype(np.float64) ** 2).mean()))


def _syllable(seconds: float, pitch_hz: float, rng: np.random.Generator) -> np.ndarray:
    """A hiss, then a vowel: a buzz whose pitch moves, through resonances at the formants."""
    from scipy.signal import lfilter

    n = round(seconds * RATE_HZ)
    share = np.linspace(0, 1, n)
    phase = np.cumsum(pitch_hz * (1 + rng.uniform(-0.12, 0.12) * (share - 0.5))) / RATE_HZ
    source = 2 * (phase % 1) - 1 + 0.15 * rng.standard_normal(n)
    voiced = np.zeros(n)
    for formant_hz in VOWELS[int(rng.integers(len(VOWELS)))]:
        radius = np.exp(-np.pi * 90 / RATE_HZ)
        turn = 2 * np.pi * formant_hz * rng.uniform(0.93, 1.07) / RATE_HZ
        voiced += lfilter([1 - radius], [1, -2 * radius * np.cos(turn), radius**2], source) * 700 / formant_hz
    hiss = np.diff(rng.standard_normal(n + 1)) * 0.12 * (share < 0.25)
    return (voiced / max(_rms(voiced), 1e-9) * np.sin(np.pi * share) ** 0.7) + hiss


def _speak(cue: Cue) -> np.ndarray:
    """Speech-like sound for a cue, about four syllables a second, at `SPEECH_DB`."""
    rng = np.random.default_rng([round(cue.start_s * 1000), *cue.who.encode()])
    pitch_hz = 95 + 13 * (sum(cue.who.encode()) % 11)
    speech = np.zeros(round((cue.end_s - cue.start_s) * RATE_HZ))
    start = 0
    while start < len(speech) - RATE_HZ // 20:
        seconds = min(rng.uniform(0.16, 0.3), (len(speech) - start) / RATE_HZ)
        syllable = _syllable(seconds, pitch_hz * rng.uniform(0.85, 1.2), rng) * rng.uniform(0.6, 1)
        speech[start : start + len(syllable)] += syllable[: len(speech) - start]
        start += len(syllable) + round(rng.uniform(0, 0.05) * RATE_HZ)
    return speech * _db(SPEECH_DB) / _rms(speech)


def heard_spans() -> list[tuple[float, float, int, float]]:
    """Start and end in the film, track and place in the track at the start, of every piece of music."""
    return [
        (start_s + m.delay_s, start_s + m.delay_s + m.seconds, m.track_no, m.offset_s)
        for start_s, scene in timed()
        if (m := scene.music)
    ]


def mix(cues: Iterable[Cue], tracks: Mapping[int, np.ndarray], seconds: float) -> np.ndarray:
    """The film's sound: mono float32 of shape (samples,) at `RATE_HZ`, within -1..1.

    Speech stands at `SPEECH_DB`, each piece of music at its own gain against that.
    """
    # Every room has a floor of noise; it also keeps codecs from writing pure silence.
    sound = np.random.default_rng(7).standard_normal(round(seconds * RATE_HZ)) * _db(-68)
    for cue in cues:
        start = round(cue.start_s * RATE_HZ)
        speech = _speak(cue)
        sound[start : start + len(speech)] += speech
    for scene_start_s, scene in timed():
        if m := scene.music:
            offset, length = round(m.offset_s * RATE_HZ), round(m.seconds * RATE_HZ)
            excerpt = tracks[m.track_no][offset : offset + length].astype(np.float64)
            edge = np.minimum(np.arange(length), np.arange(length)[::-1]) / (FADE_S * RATE_HZ)
            excerpt *= _db(SPEECH_DB + m.gain_db) / _rms(excerpt) * edge.clip(0, 1)
            start = round((scene_start_s + m.delay_s) * RATE_HZ)
            sound[start : start + length] += excerpt
    return np.tanh(sound).astype(np.float32)
