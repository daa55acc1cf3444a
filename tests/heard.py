"""What is heard in a sound file that an export wrote."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import av
import numpy as np


def decoded(file: Path | bytes, rate_hz: int | None = None) -> tuple[np.ndarray, int]:
    """All of a file's sound, float32 of shape (2, n), and its rate."""
    with av.open(str(file) if isinstance(file, Path) else BytesIO(file)) as container:
        rate_hz = rate_hz or container.streams.audio[0].rate
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=rate_hz)
        frames = [f for frame in container.decode(audio=0) for f in resampler.resample(frame)]
        frames += resampler.resample(None)
        return np.concatenate([frame.to_ndarray() for frame in frames], axis=1), rate_hz


def chapters(path: Path) -> list[tuple[float, str]]:
    """Start in seconds and title of each chapter mark."""
    with av.open(str(path)) as container:
        return sorted(
            (float(c["start"] * c["time_base"]), c["metadata"]["title"]) for c in container.chapters()
        )


def pitch_hz(sound: np.ndarray, rate_hz: int) -> float:
    """The strongest frequency of a mono piece, to a few Hz."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 4 * len(sound)))
    return float(spectrum.argmax() * rate_hz / 4 / len(sound))


def level_db(sound: np.ndarray, rate_hz: int, window_s: float = 0.01) -> np.ndarray:
    """Level of each window of a mono sound; whole windows only."""
    n = round(window_s * rate_hz)
    windows = sound[: len(sound) // n * n].reshape(-1, n)
    return 10 * np.log10(np.mean(np.square(windows), axis=1) + 1e-12)
