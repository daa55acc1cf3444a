"""The demo's album: eight synthesised tracks whose keys, and the times at which they change, are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

RATE_HZ = 32_000
ALBUM, ARTIST = "The Keeper of Pellowick Light: Music from the Film", "The Pellowick Players"
TONICS = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B"]
SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 11)}
# Steps of the scale on which the bars' triads stand; tonic and dominant leave no doubt about the mode.
PROGRESSION = (0, 3, 0, 4, 0, 3, 4, 0)


@dataclass(frozen=True)
class Section:
    """Music in one key, e.g. ``Eb minor``."""

    key: str
    bars: int

    @property
    def tonic(self) -> int:
        return TONICS.index(self.key.split()[0])

    @property
    def mode(self) -> str:
        return self.key.split()[1]


@dataclass(frozen=True)
class Track:
    """One piece; `liveliness` 0..1 makes it busier, and from 0.5 on there are drums."""

    title: str
    bpm: float
    liveliness: float
    level_db: float
    sections: tuple[Section, ...]

    @property
    def bar_s(self) -> float:
        return 4 * 60 / self.bpm

    def spans(self) -> Iterator[tuple[float, float, Section]]:
        """Start, end and section, in seconds of the track."""
        start_s = 0.0
        for section in self.sections:
            end_s = start_s + section.bars * self.bar_s
            yield start_s, end_s, section
            start_s = end_s


# Where a track changes key it goes far (hexatonic poles, tritones), so that the change is beyond doubt.
TRACKS = (
    Track("The Lamp and the Kettle", 76, 0.15, -26, (Section("C major", 20),)),
    Track("Market Day, and a Stranger", 116, 0.8, -19, (Section("G major", 18), Section("Eb minor", 16))),
    Track(
        "The Corvina",
        88,
        0.5,
        -20,
        (Section("Bb minor", 12), Section("D major", 12), Section("G# minor", 12)),
    ),
    Track("The Inspector", 66, 0.2, -24, (Section("E minor", 15),)),
    Track("Hollow Wood", 72, 0.1, -27, (Section("C# minor", 11), Section("F major", 10))),
    Track("Captain Fenn's Hornpipe", 132, 1.0, -18, (Section("A major", 28),)),
    Track(
        "The Long Night",
        140,
        0.9,
        -17,
        (Section("C minor", 20), Section("E major", 20), Section("Bb minor", 20)),
    ),
    Track("What the Tide Left", 84, 0.3, -23, (Section("B minor", 12), Section("Eb major", 12))),
)


class _Score:
    """Notes summed into one sound, each a little early or late, loud or soft, as players are."""

    def __init__(self, seconds: float, rng: np.random.Generator) -> None:
        self.rng = rng
        self.sound = np.zeros(round(seconds * RATE_HZ) + 1, np.float32)

    def add(self, start_s: float, wave: np.ndarray) -> None:
        start = max(0, round((start_s + self.rng.normal(0, 0.008)) * RATE_HZ))
        room = self.sound[start : start + len(wave)]
        room += wave[: len(room)]

    def note(
        self, start_s: float, seconds: float, midi: int, level: float, partials: int, attack_s: float
    ) -> None:
        """A harmonic tone that dies away, the higher partials sooner."""
        time_s = np.arange(round(seconds * RATE_HZ), dtype=np.float32) / RATE_HZ
        frequency_hz = 440 * 2 ** ((midi - 69 + self.rng.normal(0, 0.03)) / 12)
        wave = np.zeros_like(time_s)
        for n in range(1, partials + 1):
            phase = self.rng.uniform(0, 2 * np.pi)
            tone = np.sin(np.float32(2 * np.pi * frequency_hz * n) * time_s + np.float32(phase))
            wave += tone * np.exp(-time_s * np.float32((n + 1) / (2 * seconds))) / np.float32(n**1.6)
        ends_s = np.minimum(time_s / attack_s, (seconds - time_s) / min(0.08, seconds / 4)).clip(0, 1)
        self.add(start_s, wave * ends_s * np.float32(level * self.rng.uniform(0.8, 1.1)))

    def drum(self, start_s: float, seconds: float, level: float, pitched: bool) -> None:
        time_s = np.arange(round(seconds * RATE_HZ), dtype=np.float32) / RATE_HZ
        fall = np.exp(-5 * time_s / seconds)
        if pitched:  # a skin whose pitch sinks, below the range of the keys
            wave = np.sin(2 * np.pi * (50 * time_s + 4 * (1 - np.exp(-12 * time_s))))
        else:
            wave = self.rng.standard_normal(len(time_s))
        self.add(start_s, (wave * fall * level).astype(np.float32))


def _triad(section: Section, step: int) -> list[int]:
    """Semitones above C of the triad on a step of the section's scale."""
    scale = SCALES[section.mode]
    return [(section.tonic + scale[(step + third) % 7]) % 12 for third in (0, 2, 4)]


def _play_bar(score: _Score, track: Track, section: Section, start_s: float, step: int, melody: int) -> int:
    """Add one bar; returns the step of the scale on which the melody stands after it."""
    rng, beat_s, triad = score.rng, track.bar_s / 4, _triad(section, step)
    for pitch in (*triad, triad[1] + 12):  # the third, which tells the mode, twice
        score.note(start_s, track.bar_s * 1.05, 60 + pitch, 0.16, 4, 0.12)
    for n in (0, 2) if track.liveliness < 0.5 else (0, 1, 2, 3):
        fifth = 7 if n % 2 else 0
        score.note(start_s + n * beat_s, beat_s * 1.8, 36 + triad[0] + fifth, 0.3, 5, 0.02)
    # Broken chords, the quicker the livelier.
    n_plucks = 4 if track.liveliness < 0.4 else 8
    for i in range(n_plucks):
        pitch = 60 + triad[(i * 2 + int(rng.integers(2))) % 3]
        score.note(start_s + i * track.bar_s / n_plucks, beat_s, pitch, 0.13, 3, 0.008)
    scale = SCALES[section.mode]
    rhythm = (1.0, 1.0, 2.0) if rng.random() > track.liveliness else (0.5, 0.5, 1.0, 0.5, 0.5, 1.0)
    note_s = start_s
    for i, beats in enumerate(rhythm):
        melody = int(np.clip(melody + rng.integers(-2, 3), -2, 8))
        if i in (0, len(rhythm) - 1):  # a bar begins and ends on a note of its chord
            while (melody - step) % 7 not in (0, 2, 4):
                melody -= 1
        midi = 72 + section.tonic + scale[melody % 7] + 12 * (melody // 7)
        score.note(note_s, beats * beat_s * 1.1, midi, 0.24, 4, 0.015)
        note_s += beats * beat_s
    if track.liveliness >= 0.5:
        for i in range(8):
            score.drum(start_s + i * beat_s / 2, 0.05, 0.05 * track.liveliness, pitched=False)
        for i in (0, 2):
            score.drum(start_s + i * beat_s, 0.3, 0.5 * track.liveliness, pitched=True)
            score.drum(start_s + (i + 1) * beat_s, 0.14, 0.14 * track.liveliness, pitched=False)
    return melody


def play(track_no: int) -> np.ndarray:
    """Synthesise track `track_no`.

    Returns
    -------
    numpy.ndarray
        Mono float32 of shape (samples,) at `RATE_HZ`, within -1..1; the same numbers at every call.
    """
    from scipy.signal import oaconvolve

    track = TRACKS[track_no - 1]
    rng = np.random.default_rng(track_no)
    score = _Score(sum(section.bars for section in track.sections) * track.bar_s, rng)
    for start_s, _, section in track.spans():
        melody = 0
        for bar in range(section.bars):
            step = 0 if bar == section.bars - 1 else PROGRESSION[bar % len(PROGRESSION)]
            melody = _play_bar(score, track, section, start_s + bar * track.bar_s, step, melody)
    tail_s = np.arange(round(0.9 * RATE_HZ)) / RATE_HZ
    hall = rng.standard_normal(len(tail_s)) * np.exp(-5 * tail_s)
    hall *= 0.25 / np.sqrt((hall**2).sum())
    sound = score.sound + oaconvolve(score.sound, hall)[: len(score.sound)]
    sound *= 10 ** (track.level_db / 20) / np.sqrt((sound**2).mean())
    fade = np.minimum(1, (len(sound) - np.arange(len(sound))) / (0.5 * RATE_HZ))
    return (np.tanh(sound * fade)).astype(np.float32)


def write(folder: Path) -> dict[int, np.ndarray]:
    """Write the album as tagged FLAC files into `folder`; returns the sound of each track."""
    import soundfile
    from mutagen.flac import FLAC

    folder.mkdir(parents=True, exist_ok=True)
    sounds = {}
    for track_no, track in enumerate(TRACKS, start=1):
        sounds[track_no] = play(track_no)
        path = folder / f"{track_no:02} - {track.title}.flac"
        soundfile.write(path, sounds[track_no], RATE_HZ, subtype="PCM_16")
        tagged = FLAC(path)
        tagged.update({"title": track.title, "artist": ARTIST, "album": ALBUM, "tracknumber": str(track_no)})
        tagged.save()
    return sounds
