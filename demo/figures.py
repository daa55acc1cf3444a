"""The people of the demo's film, as paper dolls."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw

# A figure's sheet, in pixels of the set; it stands on the lower edge.
SHEET = (240, 400)
HEAD_Y = 116
# The floor of every set, and the table on which the jackdaw walks.
FLOOR_Y, TABLE_Y = 690.0, 562.0
_FINE = 3


@dataclass(frozen=True)
class Figure:
    """How somebody looks; `height` is a share of a grown man's."""

    coat: str
    hair: str
    height: float = 1.0
    hat: str = ""  # cap, top, bonnet, sou'wester
    hat_colour: str = "#222222"
    beard: bool = False
    skirt: bool = False
    trim: str = "#e8dcc0"
    skin: str = "#e6b890"


FIGURES = {
    "otty": Figure("#f2c230", "#b5471d", 0.78, skirt=True, trim="#d99b16"),
    "bram": Figure("#27496d", "#9a9a96", 1.0, beard=True, trim="#8fb3cf"),
    "tobias": Figure("#8a5a34", "#4a2e18", 0.8, hat="cap", hat_colour="#3f8f4f", trim="#f0e6d0"),
    "quillfeather": Figure("#7a5230", "#d8d2c4", 1.05, hat="top", hat_colour="#5b3a1e", trim="#d9b45a"),
    "pym": Figure("#1d1d24", "#33333a", 1.1, hat="top", hat_colour="#111116", trim="#b9c0c8", skin="#e6dccf"),
    "crake": Figure("#5d6470", "#7b6a4e", 0.9, trim="#c2c8a8", skin="#ecc4b0"),
    "fenn": Figure("#c0271f", "#f4f1ea", 1.06, hat="bonnet", hat_colour="#3a2430", trim="#f0c75a"),
    "fishwife": Figure(
        "#2f7f86", "#8a3d22", 1.0, hat="bonnet", hat_colour="#f5efe0", skirt=True, trim="#f5efe0"
    ),
    "vicar": Figure("#16161c", "#cfcac0", 0.98, trim="#ffffff"),
    "sexton": Figure("#5b4a63", "#57493c", 0.95, hat="cap", hat_colour="#3b3144", beard=True),
    "warder": Figure("#3d4a3a", "#3a2d22", 1.05, hat="cap", hat_colour="#20281f", trim="#c8a94a"),
}
# The same people where the film only hints at who they are.
FIGURES |= {"prisoner": FIGURES["bram"], "stranger": FIGURES["pym"], "driver": FIGURES["crake"]}


def _jackdaw(draw: ImageDraw.ImageDraw, speaks: bool) -> None:
    f = _FINE
    draw.ellipse([70 * f, 300 * f, 170 * f, 366 * f], fill="#22242c")
    draw.polygon([(75 * f, 335 * f), (20 * f, 372 * f), (84 * f, 358 * f)], fill="#17181e")
    draw.polygon([(96 * f, 330 * f), (52 * f, 356 * f), (112 * f, 352 * f)], fill="#f4f4f0")
    draw.ellipse([140 * f, 272 * f, 190 * f, 320 * f], fill="#4a4e5a")
    gape = 7 if speaks else 0
    draw.polygon([(186 * f, 290 * f), (216 * f, (298 - gape) * f), (186 * f, 302 * f)], fill="#111111")
    draw.polygon([(186 * f, 298 * f), (212 * f, (302 + gape) * f), (186 * f, 307 * f)], fill="#111111")
    draw.ellipse([164 * f, 284 * f, 174 * f, 294 * f], fill="#e8eef0")
    draw.ellipse([167 * f, 287 * f, 172 * f, 292 * f], fill="#000000")
    for x in (112, 128):
        draw.line([(x * f, 364 * f), (x * f, 394 * f)], fill="#c08a3a", width=4 * f)


def _body(draw: ImageDraw.ImageDraw, figure: Figure) -> None:
    f = _FINE
    hem = 92 if figure.skirt else 64
    for x in (96, 132):
        draw.rectangle([(x - 9) * f, 330 * f, (x + 13) * f, 398 * f], fill="#2c2622")
    points = [(86, 168), (154, 168), (120 + hem, 362), (120 - hem, 362)]
    draw.polygon([(x * f, y * f) for x, y in points], fill=figure.coat)
    for side in (-1, 1):
        arm = [(120 + side * 30, 172), (120 + side * 66, 226), (120 + side * 52, 286)]
        draw.line([(x * f, y * f) for x, y in arm], fill=figure.coat, width=28 * f, joint="curve")
        x, y = arm[-1]
        draw.ellipse([(x - 14) * f, (y - 6) * f, (x + 14) * f, (y + 22) * f], fill=figure.skin)
    draw.polygon([(100 * f, 164 * f), (140 * f, 164 * f), (120 * f, 206 * f)], fill=figure.trim)
    for y in (232, 268, 304):
        draw.ellipse([115 * f, (y - 5) * f, 125 * f, (y + 5) * f], fill=figure.trim)


def _head(draw: ImageDraw.ImageDraw, figure: Figure, speaks: bool) -> None:
    f, y = _FINE, HEAD_Y
    draw.ellipse([72 * f, (y - 56) * f, 168 * f, (y + 48) * f], fill=figure.hair)
    if figure.skirt and not figure.hat:  # plaits
        for x in (74, 166):
            draw.line(
                [(x * f, (y + 10) * f), ((x + (x - 120) // 6) * f, (y + 90) * f)],
                fill=figure.hair,
                width=18 * f,
            )
    draw.ellipse([80 * f, (y - 42) * f, 160 * f, (y + 54) * f], fill=figure.skin)
    draw.chord([78 * f, (y - 54) * f, 162 * f, (y + 20) * f], 190, 350, fill=figure.hair)
    if figure.beard:
        draw.chord([78 * f, (y - 30) * f, 162 * f, (y + 84) * f], 12, 168, fill=figure.hair)
    for x in (104, 136):
        draw.ellipse([(x - 8) * f, (y - 8) * f, (x + 8) * f, (y + 8) * f], fill="#fbf8f0")
        draw.ellipse([(x - 4) * f, (y - 5) * f, (x + 5) * f, (y + 5) * f], fill="#1a1512")
        draw.arc(
            [(x - 12) * f, (y - 22) * f, (x + 12) * f, (y - 6) * f], 200, 340, fill=figure.hair, width=4 * f
        )
    for x in (94, 146):
        draw.ellipse([(x - 9) * f, (y + 8) * f, (x + 9) * f, (y + 22) * f], fill="#e0967a")
    draw.line(
        [(120 * f, (y + 2) * f), (125 * f, (y + 16) * f), (118 * f, (y + 17) * f)],
        fill="#a8714f",
        width=3 * f,
    )
    if speaks:
        draw.ellipse([108 * f, (y + 25) * f, 132 * f, (y + 44) * f], fill="#6e1f1c")
    else:
        draw.arc([106 * f, (y + 20) * f, 134 * f, (y + 38) * f], 20, 160, fill="#8b3a30", width=4 * f)


def _hat(draw: ImageDraw.ImageDraw, figure: Figure) -> None:
    f, y, colour = _FINE, HEAD_Y, figure.hat_colour
    if figure.hat == "top":
        draw.rectangle([82 * f, (y - 112) * f, 158 * f, (y - 36) * f], fill=colour)
        draw.ellipse([62 * f, (y - 46) * f, 178 * f, (y - 26) * f], fill=colour)
        draw.rectangle([82 * f, (y - 58) * f, 158 * f, (y - 46) * f], fill=figure.trim)
    elif figure.hat == "cap":
        draw.chord([72 * f, (y - 70) * f, 168 * f, (y + 16) * f], 180, 360, fill=colour)
        draw.ellipse([120 * f, (y - 36) * f, 184 * f, (y - 20) * f], fill=colour)
    elif figure.hat == "bonnet":
        draw.chord([66 * f, (y - 74) * f, 174 * f, (y + 30) * f], 176, 364, fill=colour)
        draw.rectangle([66 * f, (y - 32) * f, 174 * f, (y - 20) * f], fill=figure.trim)


@cache
def figure_image(name: str, speaks: bool) -> Image.Image:
    """RGBA image of a figure, standing on its lower edge."""
    sheet = Image.new("RGBA", (SHEET[0] * _FINE, SHEET[1] * _FINE))
    draw = ImageDraw.Draw(sheet)
    if name == "jackdaw":
        _jackdaw(draw, speaks)
        return sheet.reduce(_FINE)
    figure = FIGURES[name]
    _body(draw, figure)
    _head(draw, figure, speaks)
    _hat(draw, figure)
    size = (round(SHEET[0] * figure.height), round(SHEET[1] * figure.height))
    return sheet.reduce(_FINE).resize(size, Image.Resampling.LANCZOS)


def head_height(name: str) -> float:
    """Pixels of the set from a figure's feet to the middle of its face."""
    return 86.0 if name == "jackdaw" else (SHEET[1] - HEAD_Y) * FIGURES[name].height


def standing_y(name: str) -> float:
    """Where a figure's feet are, in pixels of the set."""
    return TABLE_Y if name == "jackdaw" else FLOOR_Y
