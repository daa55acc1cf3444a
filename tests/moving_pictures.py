"""Films of known changes of shot: natural-looking views that a camera moves over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

WIDTH, HEIGHT, FPS = 256, 144, 24.0


@dataclass(frozen=True)
class Change:
    """A change of shot: frame numbers of its first and last frame that belong to both; a cut has none."""

    kind: str
    first: int
    last: int


def view(rng: np.random.Generator) -> np.ndarray:
    """A landscape of cloudy colours and hard-edged things, RGB float32, larger than the picture."""
    height, width = 2 * HEIGHT, 2 * WIDTH
    canvas = np.zeros((height, width, 3), np.float32)
    for octave in (3, 6, 12, 24, 48):
        noise = rng.random((octave, octave * 2, 3), dtype=np.float32) - 0.5
        canvas += cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC) / octave**0.6
    canvas = 110 + 90 * canvas / np.abs(canvas).max() * 2 + rng.uniform(-55, 55, 3)
    for _ in range(int(rng.integers(4, 14))):
        corner, size = rng.integers(0, (width, height)), rng.integers(20, 150, 2)
        colour = rng.uniform(0, 255, 3).tolist()
        cv2.rectangle(canvas, corner.tolist(), (corner + size).tolist(), colour, -1)
    return canvas


def camera(rng: np.random.Generator, n: int, motion: str) -> Iterator[np.ndarray]:
    """`n` frames of a view: still, pan, zoom, shake, or with somebody who crosses it."""
    canvas = view(rng)
    speed, angle = rng.uniform(0.5, 4), rng.uniform(0, 2 * np.pi)
    for i in range(n):
        x, y, scale = WIDTH / 2, HEIGHT / 2, 1.0
        if motion == "pan":
            x, y = x + np.cos(angle) * speed * (i - n / 2), y + np.sin(angle) * speed * (i - n / 2) / 3
        elif motion == "zoom":
            scale = 1 + 0.5 * i / n
        elif motion == "shake":
            x, y = x + rng.normal(0, 4), y + rng.normal(0, 4)
        width, height = WIDTH / scale, HEIGHT / scale
        x, y = np.clip(x, 0, 2 * WIDTH - width), np.clip(y, 0, 2 * HEIGHT - height)
        source = np.array([[x, y], [x + width, y], [x, y + height]], np.float32)
        target = np.array([[0, 0], [WIDTH, 0], [0, HEIGHT]], np.float32)
        frame = cv2.warpAffine(canvas, cv2.getAffineTransform(source, target), (WIDTH, HEIGHT))
        if motion == "crossing":
            at = int((WIDTH + 120) * i / n) - 120
            cv2.rectangle(frame, (at, 40), (at + 110, HEIGHT), (30, 25, 40), -1)
        yield frame


MOTIONS = ("still", "pan", "zoom", "shake", "crossing")


def film(
    seed: int, kinds: list[str], least: int = 36, most: int = 90
) -> tuple[list[np.ndarray], list[Change]]:
    """Shots of `least` to `most` frames, parted by changes of the given kinds: cut, dissolve or fade.

    Returns
    -------
    list of numpy.ndarray, list of Change
        Frames, RGB uint8 with grain, and where the shots change.
    """
    rng = np.random.default_rng(seed)
    frames: list[np.ndarray] = []
    changes: list[Change] = []
    tail: list[np.ndarray] = []  # of the shot before, to be mixed with the next
    for number in range(len(kinds) + 1):
        kind = kinds[number] if number < len(kinds) else "cut"
        overlap = int(rng.integers(10, 40)) if kind != "cut" else 0
        shot = list(
            camera(rng, int(rng.integers(least, most)) + overlap + len(tail), str(rng.choice(MOTIONS)))
        )
        if tail:
            for i, before in enumerate(tail):
                share = (i + 1) / (len(tail) + 1)
                mixed = (1 - share) * before + share * shot[i]
                if kinds[number - 1] == "fade":  # out to black, then in again
                    mixed = before * (1 - 2 * share) if share < 0.5 else shot[i] * (2 * share - 1)
                frames.append(mixed)
        frames += shot[len(tail) : len(shot) - overlap]
        tail = shot[len(shot) - overlap :] if overlap else []
        if number < len(kinds):
            changes.append(Change(kind, len(frames), len(frames) + overlap))
    grain = np.random.default_rng(seed)
    return [
        np.clip(frame + grain.normal(0, 3, (HEIGHT, WIDTH, 1)), 0, 255).astype(np.uint8) for frame in frames
    ], changes
