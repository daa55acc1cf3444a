"""Films that were never made: shots of painted sets, with the truth about their scenes.

The demo's sets are repainted in other hues and mirrored, so that a film has some 70 places, and the whole film
is graded as films are: vivid, muted towards one colour, dark, or black and white. Figures stand in the sets. A
scene is a talk in shot and reverse shot, a walk through a place that shows another view every time, or two
places intercut; some open with an establishing shot of the outside. Places are used again, by day and by night,
and some scenes follow one another in the same place. The hand shakes, the light flickers, the film has grain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import pi, sin
from zlib import crc32

import cv2
import numpy as np
from PIL import Image

from demo.canvas import HEIGHT, WIDTH, Painting
from demo.figures import FIGURES, figure_image, standing_y
from demo.film import camera, standpoint
from demo.screenplay import Scene, Shot
from demo.sets import SETS, paint

SIZE = (256, 144)
PEOPLE = sorted(set(FIGURES) - {"prisoner", "stranger", "driver"})
OUTSIDE = ("market", "feast", "quay", "wood", "tower_night", "wreck", "surf", "beach")
MOVES = ("hold", "hold", "hold", "push", "pull", "left", "right", "up")


@dataclass(frozen=True)
class Grade:
    """How the film looks: `saturation` 0 is black and white; `tint` mixes everything with one colour."""

    saturation: float
    contrast: float
    brightness: float
    tint: tuple[int, int, int]
    tinted: float
    grain: float


GRADES = {
    "vivid": Grade(1.0, 1.0, 0, (128, 128, 128), 0.0, 4),
    "muted": Grade(0.4, 0.85, 0, (150, 130, 100), 0.25, 6),
    "dark": Grade(0.6, 0.55, -45, (30, 50, 80), 0.2, 7),
    "black and white": Grade(0.0, 0.9, -5, (128, 128, 128), 0.0, 8),
}


@dataclass(frozen=True)
class MadeShot:
    """A shot of a made film.

    Attributes
    ----------
    scene_no : int
        From 1.
    view : tuple
        The same for shots of one camera position in one scene.
    seconds : float
    frames : tuple of numpy.ndarray
        First, middle and last: RGB uint8, shape (144, 256, 3).
    spoken_over : bool
        Whether somebody speaks over the cut before it.
    """

    scene_no: int
    view: tuple[int, str, str]
    seconds: float
    frames: tuple[np.ndarray, ...]
    spoken_over: bool


@dataclass(frozen=True)
class Place:
    """A set, its hue turned by so many degrees, as it is or mirrored, by day or night."""

    name: str
    hue: int
    mirrored: bool
    night: bool = False

    @property
    def key(self) -> str:
        return f"{self.name} {self.hue} {self.mirrored} {self.night}"


@cache
def painted(place: Place) -> Painting:
    made = paint(place.name)
    back = np.asarray(made.back)
    if place.hue:
        hsv = cv2.cvtColor(back, cv2.COLOR_RGB2HSV)
        hsv[..., 0] = (hsv[..., 0].astype(int) + place.hue // 2) % 180
        back = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
    if place.mirrored:
        back = back[:, ::-1]
    if place.night:
        back = (back * (0.3, 0.36, 0.55)).astype(np.uint8)
    details = {
        name: (WIDTH - x if place.mirrored else x, y, width) for name, (x, y, width) in made.details.items()
    }
    behind = [] if place.hue or place.mirrored or place.night else made.behind
    return Painting(Image.fromarray(np.ascontiguousarray(back)), behind, [], details, False)


def film(seed: int, grade: str, n_scenes: int, shots_a_scene: float = 13.0) -> list[MadeShot]:
    """A film's shots.

    Parameters
    ----------
    seed : int
        The same seed makes the same film.
    grade : str
        One of `GRADES`.
    n_scenes : int
    shots_a_scene : float
        Their median.
    """
    rng = np.random.default_rng(seed)
    places = _places(rng)
    used: list[Place] = []
    shots: list[MadeShot] = []
    for scene_no in range(1, n_scenes + 1):
        place = _next_place(rng, places, used)
        used.append(place)
        n_shots = int(np.clip(rng.lognormal(np.log(shots_a_scene), 0.55), 3, 60))
        if rng.random() < 0.12:  # intercut with another place
            other = places[rng.integers(len(places))]
            one, two = (_scene(rng, p, n_shots) for p in (place, other))
            views = [next(one if (i // 2) % 2 == 0 else two) for i in range(n_shots)]
        else:
            inside = _scene(rng, place, n_shots)
            views = [next(inside) for _ in range(n_shots)]
            if place.name not in OUTSIDE and rng.random() < 0.25:
                outside = Place(
                    OUTSIDE[rng.integers(len(OUTSIDE))], int(rng.integers(12)) * 30, bool(rng.integers(2))
                )
                views[0] = (
                    outside,
                    Scene(outside.name, None, {}, "", ()),
                    Shot("wide", views[0][2].seconds, "push"),
                )
        for number, (at, staged, shot) in enumerate(views):
            shots.append(
                _shot(rng, at, staged, shot, scene_no, GRADES[grade], number > 0 and rng.random() < 0.3)
            )
    return shots


def _places(rng: np.random.Generator) -> list[Place]:
    every = [
        Place(name, hue, mirrored) for name in SETS for hue in (0, 90, 210, 300) for mirrored in (False, True)
    ]
    return [every[i] for i in rng.permutation(len(every))[:70]]


def _next_place(rng: np.random.Generator, places: list[Place], used: list[Place]) -> Place:
    chance = rng.random()
    if used and chance < 0.08:  # the same place, later
        return Place(used[-1].name, used[-1].hue, used[-1].mirrored, not used[-1].night)
    if len(used) > 3 and chance < 0.35:  # a place that was seen before
        again = used[rng.integers(len(used) - 2)]
        return again if rng.random() < 0.6 else Place(again.name, again.hue, again.mirrored, not again.night)
    return places[rng.integers(len(places))]


def _scene(rng: np.random.Generator, place: Place, n_shots: int) -> Iterator[tuple[Place, Scene, Shot]]:
    """The shots of a scene: a talk of two or three, or a walk that shows another view every time."""
    cast = [PEOPLE[i] for i in rng.permutation(len(PEOPLE))[: rng.integers(2, 4)]]
    staged = Scene(
        place.name, None, dict(zip(cast, rng.permutation((0.25, 0.5, 0.75)), strict=False)), "", ()
    )
    details = list(painted(place).details)
    talk = rng.random() < 0.65
    speaker = 0
    for i in range(n_shots):
        seconds = float(np.clip(rng.lognormal(np.log(4.5), 0.5), 1.0, 20))
        chance = rng.random()
        if i == 0 and chance < 0.7:
            view = "wide"
        elif not talk:
            view = (
                f"free {rng.uniform(0.15, 0.85):.3f} {rng.uniform(0.3, 0.7):.3f} {rng.uniform(0.22, 0.7):.3f}"
            )
        elif chance < 0.1:
            view = "two"
        elif chance < 0.18:
            view = "wide"
        elif chance < 0.26 and details:
            view = details[rng.integers(len(details))]
        else:
            speaker = (speaker + 1) % len(cast)
            view = cast[speaker]
        yield place, staged, Shot(view, seconds, MOVES[rng.integers(len(MOVES))])


def _shot(
    rng: np.random.Generator,
    place: Place,
    staged: Scene,
    shot: Shot,
    scene_no: int,
    grade: Grade,
    spoken: bool,
) -> MadeShot:
    painting = painted(place)
    if shot.view.startswith("free"):
        x, y, width = (float(word) for word in shot.view.split()[1:])
        painting = Painting(
            painting.back, painting.behind, [], {shot.view: (x * WIDTH, y * HEIGHT, width * WIDTH)}, False
        )
    # Each camera position has its own light (a window behind one, a lamp beside the other), and each shot a little.
    own = np.random.default_rng(crc32(f"{scene_no} {place.key} {shot.view}".encode()))
    light = own.normal(0, 14) + own.normal(0, 9, 3) + rng.normal(0, 4)
    frames = []
    for share in (0.0, 0.5, 1.0):
        set_up = _composed(painting, staged, share * shot.seconds + rng.uniform(0, 5), rng.integers(2) == 0)
        left, top, right, bottom = camera(shot, standpoint(shot.view, staged, painting), share)
        dx, dy = rng.normal(0, 0.006 * (right - left), 2)  # the hand shakes
        dx, dy = np.clip(dx, -left, WIDTH - right), np.clip(dy, -top, HEIGHT - bottom)
        box = (left + dx, top + dy, right + dx, bottom + dy)
        image = np.asarray(set_up.resize(SIZE, Image.Resampling.BILINEAR, box, reducing_gap=1.0), np.float32)
        frames.append(_graded(rng, image + light, grade))
    return MadeShot(scene_no, (scene_no, place.key, shot.view), shot.seconds, tuple(frames), spoken)


def _composed(painting: Painting, staged: Scene, time_s: float, speaks: bool) -> Image.Image:
    image = painting.back.copy()
    for layer in painting.behind:
        turn = 2 * pi * time_s / layer.period_s
        at = round(layer.left + layer.reach[0] * sin(turn)), round(layer.top + layer.reach[1] * sin(turn + 1))
        image.paste(layer.image, at, layer.image)
    for n, (name, place) in enumerate(staged.cast.items()):
        figure = figure_image(name, speaks)
        at = (
            round(place * WIDTH - figure.width / 2 + 12 * sin(time_s + n)),
            round(standing_y(name) - figure.height + 6 * sin(2 * time_s + n)),
        )
        image.paste(figure, at, figure)
    return image


def _graded(rng: np.random.Generator, image: np.ndarray, grade: Grade) -> np.ndarray:
    grey = image @ np.float32([0.299, 0.587, 0.114])
    image = grey[..., None] + grade.saturation * (image - grey[..., None])
    image = (1 - grade.tinted) * image + grade.tinted * np.float32(grade.tint)
    image = 128 + grade.contrast * (image - 128) + grade.brightness
    image += rng.normal(0, grade.grain, (*image.shape[:2], 1)).astype(np.float32)
    return image.clip(0, 255).astype(np.uint8)
