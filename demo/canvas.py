"""What the demo's sets and figures are painted with: flat shapes, soft light and paper grain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageColor, ImageDraw

WIDTH, HEIGHT = 1280, 720
# Shapes are drawn twice as large and reduced, which smooths their edges.
FINE = 2


@dataclass(frozen=True)
class Layer:
    """A part of a set that sways: `reach` pixels (x, y) either way, once in `period_s`."""

    image: Image.Image
    left: int
    top: int
    reach: tuple[float, float]
    period_s: float


@dataclass(frozen=True)
class Painting:
    """A painted set.

    Attributes
    ----------
    back : PIL.Image.Image
        RGB, `WIDTH` x `HEIGHT`.
    behind, before : list of Layer
        What sways behind and before the figures.
    details : dict
        Centre x, centre y and width of what the camera may look at closely.
    rain : bool
        Whether it rains before the camera.
    """

    back: Image.Image
    behind: list[Layer]
    before: list[Layer]
    details: dict[str, tuple[float, float, float]]
    rain: bool


@dataclass
class Canvas:
    """A set while it is painted: first the back, then layers that sway."""

    details: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    rain: bool = False

    def __post_init__(self) -> None:
        self._image = Image.new("RGBA", (WIDTH * FINE, HEIGHT * FINE))
        self._draw = ImageDraw.Draw(self._image)
        self._images: list[tuple[Image.Image, tuple[float, float], float, bool]] = [
            (self._image, (0, 0), 1, False)
        ]
        self._glows: list[tuple[str, float, float, float, float]] = []

    def layer(self, reach: tuple[float, float], period_s: float, *, before: bool = False) -> None:
        """What is painted from here on sways; `before`: in front of the figures."""
        self._image = Image.new("RGBA", (WIDTH * FINE, HEIGHT * FINE))
        self._draw = ImageDraw.Draw(self._image)
        self._images.append((self._image, reach, period_s, before))

    def gradient(self, top: str, bottom: str, y0: float = 0, y1: float = HEIGHT) -> None:
        """A band across the whole set that passes from one colour into the other."""
        first, last = (np.array(ImageColor.getrgb(colour), float) for colour in (top, bottom))
        rows = round((y1 - y0) * FINE)
        share = np.linspace(0, 1, rows)[:, None]
        band = Image.fromarray((first + (last - first) * share).astype(np.uint8)[:, None, :], "RGB")
        self._image.paste(band.resize((WIDTH * FINE, rows)), (0, round(y0 * FINE)))

    def polygon(self, colour: str, *points: tuple[float, float]) -> None:
        self._draw.polygon([(x * FINE, y * FINE) for x, y in points], fill=colour)

    def box(self, colour: str, x0: float, y0: float, x1: float, y1: float, radius: float = 0) -> None:
        self._draw.rounded_rectangle([v * FINE for v in (x0, y0, x1, y1)], radius * FINE, fill=colour)

    def oval(self, colour: str, x: float, y: float, rx: float, ry: float | None = None) -> None:
        ry = rx if ry is None else ry
        self._draw.ellipse([v * FINE for v in (x - rx, y - ry, x + rx, y + ry)], fill=colour)

    def line(self, colour: str, width: float, *points: tuple[float, float]) -> None:
        scaled = [(x * FINE, y * FINE) for x, y in points]
        self._draw.line(scaled, fill=colour, width=round(width * FINE), joint="curve")

    def arc(self, colour: str, width: float, x: float, y: float, r: float, start: float, end: float) -> None:
        box = [v * FINE for v in (x - r, y - r, x + r, y + r)]
        self._draw.arc(box, start, end, fill=colour, width=round(width * FINE))

    def waves(self, colour: str, crest: str, y: float, height: float, length: float) -> None:
        """Water from a row of waves at `y` down to the lower edge."""
        xs = np.arange(-80, WIDTH + 81, 8)
        ys = y - height * np.abs(np.sin(np.pi * xs / length)) ** 0.6
        edge = [(float(a), float(b)) for a, b in zip(xs, ys, strict=True)]
        self.polygon(colour, *edge, (WIDTH + 80, HEIGHT), (-80, HEIGHT))
        self.line(crest, 5, *edge)

    def glow(self, colour: str, x: float, y: float, radius: float, strength: float) -> None:
        """Light that falls on the back around (x, y)."""
        self._glows.append((colour, x, y, radius, strength))

    def finish(self, seed: int) -> Painting:
        """The set with its light, grain and darker corners."""
        back, *others = self._images
        rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
        light = np.asarray(back[0].convert("RGB").reduce(FINE), np.float32)
        for colour, x, y, radius, strength in self._glows:
            near = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * (radius / 2) ** 2)) * strength
            light = light + near[..., None] * np.array(ImageColor.getrgb(colour), np.float32)
        rng = np.random.default_rng(seed)
        # Grain of two sizes: that of the paper and that of the brush.
        grain = rng.normal(0, 5, (HEIGHT // 2, WIDTH // 2)).repeat(2, 0).repeat(2, 1)
        wash = np.asarray(
            Image.fromarray(rng.normal(0, 6, (14, 24)).astype(np.float32)).resize(
                (WIDTH, HEIGHT), Image.Resampling.BICUBIC
            )
        )
        corner = ((columns / WIDTH - 0.5) ** 2 + (rows / HEIGHT - 0.5) ** 2)[..., None] * 0.5
        painted = (light + (grain + wash)[..., None]) * (1.04 - corner)
        image = Image.fromarray(painted.clip(0, 255).astype(np.uint8), "RGB")
        layers: dict[bool, list[Layer]] = {False: [], True: []}
        for drawn, reach, period_s, before in others:
            small = drawn.reduce(FINE)
            box = small.getbbox()
            if box:
                layers[before].append(Layer(small.crop(box), box[0], box[1], reach, period_s))
        return Painting(image, layers[False], layers[True], self.details, self.rain)


def spread(first: float, last: float, n: int) -> Sequence[float]:
    """`n` places from `first` to `last`."""
    return [float(x) for x in np.linspace(first, last, n)]
