"""Keystrength of music, and where it changes (paper 3.1): chroma, key profiles, self-similarity, novelty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

# Weight of each pitch class, counted from the tonic, in a major and a minor key.
PROFILES = {
    "gomez": (
        (1.56131, 0.83963, 1.19286, 0.75862, 1.41572, 1.03002, 0.87559, 1.53610, 0.84147, 1.21410, 0.72352, 1.13310),
        (1.62216, 0.80274, 1.15874, 1.38134, 0.97946, 1.04864, 0.85950, 1.54662, 1.05230, 1.01790, 1.12776, 0.98619),
    ),
    "krumhansl": (
        (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
        (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
    ),
}  # fmt: skip
LOWEST_HZ, HIGHEST_HZ = 100.0, 6400.0
C4_HZ = 261.6256
