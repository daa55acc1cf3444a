"""Music of known key for the tests, cadences of harmonic tones, and files of it."""

from __future__ import annotations

import struct
from pathlib import Path

import av
import mutagen
import numpy as np
import soundfile

TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
# Degrees of the chords' roots above the tonic, and whether each chord is major.
CADENCE = {
    "major": ((0, True), (5, True), (7, True), (0, True)),
    "minor": ((0, False), (5, False), (7, True), (0, False)),
}

CODECS = {
    ".flac": "flac", ".mp3": "libmp3lame", ".ogg": "", ".opus": "libopus", ".m4a": "aac", ".aac": "aac",
    ".wav": "pcm_s16le", ".aiff": "pcm_s16be",
}  # fmt: skip


def cadence(key: str, seconds: float, rate_hz: int, *, chord_s: float = 1.5) -> np.ndarray:
    """A cadence in `key`, e.g. ``Eb minor``, over and over; float32 of shape (n,)."""
    tonic, mode = key.split()
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    sound = np.zeros(len(time_s))
    for chord_no in range(int(np.ceil(seconds / chord_s))):
        degree, is_major = CADENCE[mode][chord_no % 4]
        now = slice(round(chord_no * chord_s * rate_hz), round((chord_no + 1) * chord_s * rate_hz))
        t = time_s[now] - chord_no * chord_s
        for third in (0, 4 if is_major else 3, 7):
            pitch = 60 + (TONICS.index(tonic) + degree + third) % 12
            hz = 440 * 2 ** ((pitch - 69) / 12)
            sound[now] += sum(np.sin(2 * np.pi * hz * n * t) / n**2 for n in (1, 2, 3)) * np.exp(-t)
    return (0.1 * sound).astype(np.float32)


def piece(keys: dict[str, float], rate_hz: int) -> np.ndarray:
    """Cadences one after another: seconds by key."""
    return np.concatenate([cadence(key, seconds, rate_hz) for key, seconds in keys.items()])


def tone(seconds: float, rate_hz: int, hz: float = 440) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)


def encode(path: Path, sound: np.ndarray, layout: str = "mono", rate_hz: int = 48_000) -> Path:
    """Write float sound of shape (channels, n) by the codec of the file's suffix."""
    if path.suffix == ".ogg":  # PyAV has no encoder of Vorbis
        soundfile.write(path, sound.T, rate_hz)
        return path
    with av.open(str(path), "w") as container:
        audio = container.add_stream(CODECS[path.suffix], rate=rate_hz, layout=layout)
        frame = av.AudioFrame.from_ndarray(sound.astype(np.float32), format="fltp", layout=layout)
        frame.sample_rate = rate_hz
        for packet in [*audio.encode(frame), *audio.encode(None)]:
            container.mux(packet)
    return path


def flac(path: Path, sound: np.ndarray, rate_hz: int = 22_050, **tags: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound, rate_hz)
    file = mutagen.File(path)
    file.update(tags)
    file.save()
    return path


def midi(path: Path, key: str, n_cadences: int = 3) -> Path:
    """A MIDI file of cadences in `key` for the piano: four chords of a second each with their roots below."""
    tonic, mode = key.split()
    track = bytearray(b"\x00\xc0\x00")
    for degree, is_major in CADENCE[mode] * n_cadences:
        root = 60 + (TONICS.index(tonic) + degree) % 12
        notes = [root - 24, root, root + (4 if is_major else 3), root + 7]
        for note in notes:
            track += bytes([0, 0x90, note, 90])
        for i, note in enumerate(notes):  # 96 ticks a beat of half a second
            track += (b"\x81\x40" if i == 0 else b"\x00") + bytes([0x80, note, 0])
    track += b"\x00\xff\x2f\x00"
    path.write_bytes(
        b"MThd" + struct.pack(">IHHH", 6, 0, 1, 96) + b"MTrk" + struct.pack(">I", len(track)) + track
    )
    return path
