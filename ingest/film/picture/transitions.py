"""Changes of shot that are no cuts, and changes that are no change of shot: dissolves, fades and flashes.

All of it looks at tiny images, in which little of the motion inside a shot is left.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

TINY_PX = (32, 18)
DISSOLVES_S = (0.3, 0.45, 0.7, 1.0, 1.5, 2.2)  # lengths that are looked for
LEAST_CHANGE = 14.0  # mean difference of the levels (0..255) before and after a dissolve
MOST_ALIKE = 0.5  # correlation of the images before and after; light that falls or rises leaves them alike
MOST_APART = 0.3  # of the images inside from a mixture, as a share of the change
MOST_APART_DIM = (
    0.15  # likewise, where one end has less than `DIM` of the other's contrast: light may have changed
)
DIM = 0.4
SLOWEST, FASTEST = 0.04, 0.5  # share of the change in an eighth of a dissolve
FLASH_S = 0.35
FLASH_BACK = 0.4  # of the change: after a flash the picture is again as near to that before it
BLACK = 32  # level
RAMP = 0.2  # least rise of the mean level, a frame, while a fade goes on
BLACK_SHARE = 0.98  # of the pixels


def tiny(image: np.ndarray) -> np.ndarray:
    """An RGB image as float32 of shape (1728,)."""
    import cv2

    return cv2.resize(image, TINY_PX, interpolation=cv2.INTER_AREA).astype(np.float32).ravel()


def is_black(image: np.ndarray) -> bool:
    """Whether an RGB image is black but for specks."""
    pixels = image[::8, ::8]
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    brightest = np.maximum(np.maximum(red, green), blue)
    return np.count_nonzero(brightest < BLACK) >= BLACK_SHARE * brightest.size


@dataclass(frozen=True)
class Dissolve:
    """Frame numbers of a dissolve's ends, and how far from a mixture it is at worst (0 is none)."""

    start: int
    end: int
    apart: float

    @property
    def middle(self) -> int:
        return (self.start + self.end) // 2


@dataclass
class Recent:
    """The tiny images of the last frames, and what they show.

    Parameters
    ----------
    fps : float
    late : int
        Frames by which others tell late of what they find.

    Attributes
    ----------
    reach : int
        What happened that many frames ago is fully known, and can still be asked for.
    dissolves : list of Dissolve
        Found among them, overlapping ones too.
    """

    fps: float
    late: int
    dissolves: list[Dissolve] = field(default_factory=list)

    def __post_init__(self) -> None:
        lengths = {8 * max(1, round(length_s * self.fps / 8)) for length_s in DISSOLVES_S}
        self._lengths = sorted(lengths)
        self.flash = max(2, round(FLASH_S * self.fps))
        self.reach = self._lengths[-1] + self.flash + self.late
        self._images: deque[np.ndarray] = deque(maxlen=self.reach + 3)
        self._last = -1

    def add(self, number: int, image: np.ndarray) -> None:
        """Take the next frame's tiny image.

        Parameters
        ----------
        number : int
            The frame's number, one more than the last.
        image : numpy.ndarray
            What `tiny` makes of the frame.
        """
        self._images.append(image)
        self._last = number
        if number % 2 == 0:  # a dissolve moved by a frame is the same
            self.dissolves.extend(self._ending_here())

    def forget(self, number: int) -> None:
        """Drop the dissolves that end before a frame."""
        self.dissolves = [d for d in self.dissolves if d.end >= number]

    def flash_end(self, number: int) -> int | None:
        """The frame at which a flash that begins at `number` is over; None where it is none."""
        before = self._image(number - 1)
        change = np.abs(self._image(number) - before).mean()
        for later in range(number + 1, min(number + self.flash, self._last) + 1):
            if np.abs(self._image(later) - before).mean() < FLASH_BACK * change:
                return later
        return None

    def ramp_end(self, black: int, step: int) -> int:
        """The last frame of the fade that begins at a black frame, going by `step`: 1 or -1.

        Parameters
        ----------
        black : int
            Number of the black frame.
        step : int
            1: a fade-in, looked for in the frames after it; -1: a fade-out, in those before it.

        Returns
        -------
        int
            `black` itself where there is no fade.
        """
        at = black
        while max(0, self._last - len(self._images) + 2) <= at + step <= self._last:
            if self._image(at + step).mean() - self._image(at).mean() < RAMP:
                break
            at += step
        return at

    def _image(self, number: int) -> np.ndarray:
        return self._images[max(0, len(self._images) - 1 - (self._last - number))]

    def _ending_here(self) -> Iterator[Dissolve]:
        lengths = [length for length in self._lengths if length < len(self._images)]
        after = self._images[-1]
        if not lengths or after.max() < BLACK:  # a fade
            return
        begins = np.stack([self._images[-1 - length] for length in lengths])
        changed = np.abs(begins - after).mean(axis=1) >= LEAST_CHANGE
        for length, before in zip(np.array(lengths)[changed].tolist(), begins[changed], strict=True):
            if before.max() < BLACK or _alike(before, after) > MOST_ALIKE:
                continue  # a fade, or a change of light
            change = after - before
            inside = np.stack(
                [self._images[-1 - length + length * eighth // 8] for eighth in (2, 3, 4, 5, 6)]
            )
            inside -= before
            shares = inside @ change / (change @ change)
            steps = np.diff(shares)
            if not (0.25 < shares[2] < 0.75 and steps.min() > -SLOWEST and steps[1:3].min() > SLOWEST):
                continue
            if steps.max() > FASTEST:
                continue
            apart = float(
                np.linalg.norm(inside - shares[:, None] * change, axis=1).max() / np.linalg.norm(change)
            )
            contrasts = sorted((float(before.std()), float(after.std())))
            if apart < (MOST_APART_DIM if contrasts[0] < DIM * contrasts[1] else MOST_APART):
                yield Dissolve(self._last - length, self._last, apart)


def _alike(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation of two images; 0 where one has but one colour."""
    one, other = one - one.mean(), other - other.mean()
    norms = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / norms if norms > len(one) else 0.0
