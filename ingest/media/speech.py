"""Where a sound holds speech, heard by Silero's voice-activity detector."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import numpy as np
    from silero_vad import SileroVADSequence

RATE_HZ = 16_000
FRAME = 512  # samples
# Under long music the detector grows deaf to speech: it hears afresh every so often. With voices 12 dB below
# the music its agreement with the truth rises from .40 to .44 so (benchmarks/speech.py; webrtcvad .08).
MEMORY_S = 20.0
# Scores are low under music, while music alone scores next to nothing (0.2 % of it passes): less than the
# usual half.
THRESHOLD = 0.3
SCHEMA = {"start_s": pl.Float64, "end_s": pl.Float64}


def scores(sound: np.ndarray) -> np.ndarray:
    """How much each frame of a block sounds like speech, 0..1.

    Parameters
    ----------
    sound : numpy.ndarray
        Mono, shape (n,), at `RATE_HZ`.

    Returns
    -------
    numpy.ndarray
        One figure for every `FRAME` samples; a part of a frame at the end is filled up with silence.
    """
    import numpy as np

    piece = round(MEMORY_S * RATE_HZ)
    heard = [_detector().audio_forward(sound[at : at + piece]) for at in range(0, len(sound), piece)]
    return np.concatenate([np.zeros(0, np.float32), *heard])


def stretches(scores: np.ndarray) -> pl.DataFrame:
    """Start and end in seconds of each stretch of speech of at least a quarter of a second."""
    from silero_vad import get_speech_timestamps_from_probs

    found = get_speech_timestamps_from_probs(
        scores.tolist(), sampling_rate=RATE_HZ, threshold=THRESHOLD, audio_length_samples=len(scores) * FRAME
    )
    rows = [(stretch["start"] / RATE_HZ, stretch["end"] / RATE_HZ) for stretch in found]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


@cache
def _detector() -> SileroVADSequence:
    import torch

    n_threads = torch.get_num_threads()
    from silero_vad import load_silero_vad

    torch.set_num_threads(n_threads)  # the import sets one, for the whole process
    return load_silero_vad(sequence=True)
