"""The demo's film: its pictures, and how they are encoded with their sound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import pi, sin
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from demo.canvas import HEIGHT, WIDTH, Layer, Painting
from demo.figures import FLOOR_Y, figure_image, head_height, standing_y
from demo.screenplay import Scene, Shot, timed
from demo.sets import paint
from demo.subtitles import Cue

FPS = 12
SIZE = (480, 270)
Box = tuple[float, float, float, float]
Part = tuple[int, int, int, int]


def shot_spans() -> list[tuple[float, float, int]]:
    """Start, end and scene number of every shot, in the film's order."""
    spans = []
    for scene_no, (start_s, scene) in enumerate(timed(), start=1):
        for shot in scene.shots:
            spans.append((start_s, start_s + shot.seconds, scene_no))
            start_s += shot.seconds
    return spans


def standpoint(view: str, scene: Scene, painting: Painting) -> Box:
    """Where a camera stands that shows `view`: left, top, right, lower edge."""
    if view == "wide":
        x, y, width = WIDTH / 2, HEIGHT / 2, 0.94 * WIDTH
    elif view == "two":
        places = list(scene.cast.values())[:2]
        x, y, width = sum(places) / 2 * WIDTH, FLOOR_Y - 230, 620.0
    elif view in scene.cast:
        width = 300.0 if view == "jackdaw" else 430.0
        x, y = scene.cast[view] * WIDTH, standing_y(view) - head_height(view) + 24
    else:
        x, y, width = painting.details[view]
    height = width * SIZE[1] / SIZE[0]
    left = min(max(x - width / 2, 0), WIDTH - width)
    top = min(max(y - height / 2, 0), HEIGHT - height)
    return left, top, left + width, top + height


def camera(shot: Shot, box: Box, share: float) -> Box:
    """The camera's frame when `share` of the shot is over; it never leaves the set."""
    left, top, right, bottom = box
    width = right - left
    zoom = {"push": 1 - 0.14 * share, "pull": 0.86 + 0.14 * share, "hold": 1.0}.get(shot.move, 0.9)
    slide = {"right": share - 0.5, "left": 0.5 - share}.get(shot.move, 0.0) * 0.1 * width
    rise = (0.5 - share) * 0.1 * width if shot.move == "up" else 0.0
    x, y = (left + right) / 2 + slide, (top + bottom) / 2 + rise
    half_x, half_y = zoom * width / 2, zoom * (bottom - top) / 2
    x, y = min(max(x, half_x), WIDTH - half_x), min(max(y, half_y), HEIGHT - half_y)
    return x - half_x, y - half_y, x + half_x, y + half_y


def _paste_layer(image: Image.Image, layer: Layer, time_s: float, corner: tuple[int, int]) -> None:
    turn = 2 * pi * time_s / layer.period_s
    x = layer.left + layer.reach[0] * sin(turn) - corner[0]
    y = layer.top + layer.reach[1] * sin(turn + 1) - corner[1]
    image.paste(layer.image, (round(x), round(y)), layer.image)


def _compose(painting: Painting, scene: Scene, time_s: float, speakers: set[str], part: Part) -> Image.Image:
    """A part of the set with its figures at a time of the film."""
    corner = part[0], part[1]
    image = painting.back.crop(part)
    for layer in painting.behind:
        _paste_layer(image, layer, time_s, corner)
    for n, (name, place) in enumerate(scene.cast.items()):
        speaks = name in speakers
        figure = figure_image(name, speaks and int(time_s * 6) % 2 == 0)
        bob = sin(time_s * (7 if speaks else 2) + 2 * n) * (4 if speaks else 2)
        x, y = place * WIDTH - figure.width / 2, standing_y(name) - figure.height + bob
        image.paste(figure, (round(x) - corner[0], round(y) - corner[1]), figure)
    for layer in painting.before:
        _paste_layer(image, layer, time_s, corner)
    return image


def _rain(frame: Image.Image, rng: np.random.Generator) -> None:
    draw = ImageDraw.Draw(frame)
    for x, y in rng.uniform(0, 1, (45, 2)) * SIZE:
        draw.line([(x, y), (x - 4, y + 17)], fill=(188, 204, 220))


def frames(cues: Iterable[Cue]) -> Iterator[np.ndarray]:
    """Paint the film frame by frame.

    Parameters
    ----------
    cues : iterable of Cue
        Who speaks when, for the mouths.

    Yields
    ------
    numpy.ndarray
        RGB uint8 of shape (270, 480, 3), `FPS` a second.
    """
    cues, rng = list(cues), np.random.default_rng(0)
    for scene_start_s, scene in timed():
        painting, start_s = paint(scene.place), scene_start_s
        for shot in scene.shots:
            view, n_frames = standpoint(shot.view, scene, painting), round(shot.seconds * FPS)
            boxes = np.array([camera(shot, view, i / n_frames) for i in range(n_frames)])
            seen = (*np.floor(boxes[:, :2].min(0)).astype(int), *np.ceil(boxes[:, 2:].max(0)).astype(int))
            for i, box in enumerate(boxes - np.tile(seen[:2], 2)):
                if i % 2 == 0:  # animated on twos, as cut-outs are; only the camera moves at every frame
                    time_s = start_s + i / FPS
                    speakers = {cue.who for cue in cues if cue.start_s <= time_s < cue.end_s}
                    image = _compose(painting, scene, time_s, speakers, seen)
                if i % 2 == 0 or shot.move != "hold":
                    frame = image.resize(SIZE, Image.Resampling.BILINEAR, tuple(box), reducing_gap=1.0)
                    if painting.rain:
                        _rain(frame, rng)
                yield np.asarray(frame)
            start_s += shot.seconds


def write_film(
    path: Path, pictures: Iterable[np.ndarray], fps: int, sound: np.ndarray, rate_hz: int, title: str = ""
) -> None:
    """Encode pictures and sound as one film; the same input gives the same bytes.

    Parameters
    ----------
    path : Path
        Its suffix says the container, e.g. ``film.mkv``.
    pictures : iterable of numpy.ndarray
        RGB uint8, all of one shape (height, width, 3) with even sides; one at least.
    fps : int
        Pictures a second.
    sound : numpy.ndarray
        Mono float of shape (samples,), within -1..1.
    rate_hz : int
        One that AAC knows: 16000, 22050, 32000, 44100, 48000, ...
    title : str
        Written into the file.
    """
    import av

    video: Any
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        container.metadata["title"] = title
        audio = container.add_stream(
            "aac", rate=rate_hz, layout="mono", bit_rate=96_000, options={"aac_coder": "fast"}
        )
        video = None
        if "libx264" in av.codecs_available:
            codec, options = "libx264", {"preset": "superfast", "crf": "22", "g": str(10 * fps)}
        else:
            codec, options = "mpeg4", {"qscale": "4"}
        done = 0
        for n, picture in enumerate(pictures, start=1):
            if video is None:
                video = container.add_stream(codec, rate=fps, options=options)
                video.height, video.width, video.pix_fmt = picture.shape[0], picture.shape[1], "yuv420p"
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            # Picture and sound in turns, so that a player need not seek.
            until = min(len(sound), (n + 1) * rate_hz // fps)
            _mux_sound(container, audio, sound, done, until, rate_hz)
            done = until
        container.mux(video.encode(None))
        _mux_sound(container, audio, sound, done, len(sound), rate_hz)
        container.mux(audio.encode(None))


def _mux_sound(container: Any, audio: Any, sound: np.ndarray, start: int, end: int, rate_hz: int) -> None:
    import av

    if start >= end:
        return
    frame = av.AudioFrame.from_ndarray(
        sound[None, start:end].astype(np.float32), format="fltp", layout="mono"
    )
    frame.sample_rate, frame.pts, frame.time_base = rate_hz, start, Fraction(1, rate_hz)
    container.mux(audio.encode(frame))
