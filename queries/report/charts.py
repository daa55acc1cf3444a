"""The report's pictures, as SVG that takes its colours from the page's style."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from markupsafe import Markup

from bookscore.queries import templates

WIDTH = 960
MARGIN = 44
NAMES = {"film": "from the film", "emotion": "by emotion", "reader": "chosen by you"}


@dataclass(frozen=True)
class Span:
    """A text segment on the axis of the book.

    Attributes
    ----------
    start, end : float
        Shares of the book's words, 0..1.
    place : str
        Chapter and segment.
    method : str
        Where its music comes from.
    valence : float or None
        Of the text, -1..1.
    strength : float
        Of the music's mode: -1 the most minor piece of the pool, 1 the most major.
    arousal : float
        Of the music, 0..1.
    music : str
        In words.
    """

    start: float
    end: float
    place: str
    method: str
    valence: float | None
    strength: float
    arousal: float
    music: str


def matrix(
    chapters: Sequence[tuple[int, str]],
    scenes: Sequence[int],
    evidence: dict[tuple[int, int], float],
    path: dict[int, tuple[int, float | None]],
    film: str,
) -> Markup:
    """Chapters by scenes: the darker the more evidence; the path's cells are framed.

    Parameters
    ----------
    chapters : sequence of (int, str)
        Numbers and titles.
    scenes : sequence of int
    evidence : dict
        In nats, by chapter and scene.
    path : dict
        Chapter and confidence by scene; a scene without one is not in the book.
    film : str
        The film's title.
    """
    left, top = 190, 6
    cell = (WIDTH - left - 8) / len(scenes)
    row = max(5.0, min(22.0, 520 / len(chapters)))
    height = row * len(chapters)
    rows = {number: n for n, (number, _) in enumerate(chapters)}
    columns = {number: n for n, number in enumerate(scenes)}
    every = -(-12 // int(row)) or 1
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500) if len(scenes) / s <= 24)
    steps = []
    for scene_no, (chapter_no, confidence) in sorted(path.items()):
        sure = "" if confidence is None else f", confidence {confidence:.2f}"
        opacity = 0.35 + 0.65 * (1 if confidence is None else confidence)
        x, y = left + cell * columns[scene_no], top + row * rows[chapter_no]
        steps.append((x, y, opacity, f"Scene {scene_no}: chapter {chapter_no}{sure}"))
    return _drawn(
        "matrix",
        f"Evidence that a scene of {film} tells a chapter, and the path of {len(path)} of {len(scenes)} scenes through the chapters",
        top + height + 46,
        shades=_shades(len(chapters), len(scenes), rows, columns, evidence),
        left=left,
        top=top,
        width=cell * len(scenes),
        height=height,
        cell=cell,
        row=row,
        chapters=[
            (top + row * (n + 0.5) + 4, _cut(headed(number, title), 26))
            for n, (number, title) in enumerate(chapters)
            if n % every == 0
        ],
        steps=steps,
        scenes=[
            (left + cell * (n + 0.5), number)
            for n, number in enumerate(scenes)
            if number % step == 0 or number == scenes[0]
        ],
    )


def _shades(
    n_rows: int,
    n_columns: int,
    rows: dict[int, int],
    columns: dict[int, int],
    evidence: dict[tuple[int, int], float],
) -> bytes:
    """The evidence as a PNG of a pixel a cell: ten nats are full colour."""
    from PIL import Image

    image = Image.new("RGBA", (n_columns, n_rows))
    for (chapter_no, scene_no), nats in evidence.items():
        if nats > 0 and chapter_no in rows and scene_no in columns:
            image.putpixel(
                (columns[scene_no], rows[chapter_no]), (76, 106, 146, round(255 * min(1, nats / 10)))
            )
    # Browsers smooth what they enlarge; a few pixels a cell keep its edges.
    image = image.resize((n_columns * 8, n_rows * 8), Image.Resampling.NEAREST)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def bars(chapters: Sequence[tuple[int, str, dict[str, int]]]) -> Markup:
    """Segments of each chapter by where their music comes from (the paper's Figure 5)."""
    most = max(sum(counts.values()) for _, _, counts in chapters)
    floor, height = 202, 180
    slot = (WIDTH - MARGIN) / len(chapters)
    bar = min(44.0, slot * 0.72)
    unit = height / most
    columns = []
    for n, (number, title, counts) in enumerate(chapters):
        found = {method: count for method, count in counts.items() if count}
        told = ", ".join(f"{count} {NAMES[method]}" for method, count in found.items())
        columns.append(
            {
                "number": number,
                "told": f"Chapter {headed(number, title)}: {told}",
                "x": MARGIN + slot * n + (slot - bar) / 2,
                "parts": [
                    (method, floor - upto * unit, count * unit)
                    for (method, count), upto in zip(found.items(), accumulate(found.values()), strict=True)
                ],
            }
        )
    return _drawn(
        "bars",
        "Text segments of each chapter by where their music comes from",
        floor + 46,
        left=MARGIN,
        floor=floor,
        bar=bar,
        every=-(-26 // int(slot)) if slot < 26 else 1,
        grid=[(floor - n * unit, n) for n in range(0, most + 1, max(1, -(-most // 5)))],
        chapters=columns,
    )


def course(spans: Sequence[Span], calm: float, chapters: Sequence[tuple[float, int]]) -> Markup:
    """Along the book: the emotion of text and music above, the arousal of the music below.

    Parameters
    ----------
    spans : sequence of Span
    calm : float
        The arousal up to which music is calm.
    chapters : sequence of (float, int)
        Where each begins, 0..1, and its number.
    """
    wide = WIDTH - MARGIN - 8
    high, gap = 130.0, 40.0
    zero, floor = 20 + high / 2, 20 + high + gap + high
    most = max([abs(s.valence) for s in spans if s.valence is not None] + [0.1])

    def x(share: float) -> float:
        return MARGIN + wide * share

    every = max(1, len(chapters) // 30 + 1)
    ends = [*(at for at, _ in chapters[1:]), 1.0]
    drawn = [
        {
            "told": f"{s.place}: {s.music}, {'major' if s.strength > 0 else 'minor'}, arousal {s.arousal:.2f}, {NAMES[s.method]}",
            "method": s.method,
            "x": x(s.start),
            "width": max(0.5, x(s.end) - x(s.start) - 0.6),
            "feels": (s.valence or 0) / most * high / 2,
            "stirs": high * s.arousal,
        }
        for s in spans
    ]
    return _drawn(
        "course",
        "Emotion of the text and of its music, and arousal of the music, along the book from left to right",
        floor + 46,
        left=x(0),
        right=x(1),
        zero=zero,
        floor=floor,
        ceiling=floor - high,
        calm=floor - high * calm,
        begins=[x(at) for at, _ in chapters],
        numbers=[
            (x((at + end) / 2), number)
            for n, ((at, number), end) in enumerate(zip(chapters, ends, strict=True))
            if n % every == 0
        ],
        marks=[
            (zero - high / 2 + 8, "glad"),
            (zero + high / 2 - 8, "sad"),
            (floor - high, "1"),
            (floor, "0"),
        ],
        spans=drawn,
        points=" ".join(
            f"{x(at):.1f},{zero - s.strength * high / 2:.1f}" for s in spans for at in (s.start, s.end)
        ),
    )


def novelty(
    curve: Sequence[tuple[float, float]],
    pieces: Sequence[tuple[float, float, str, int]],
    duration_s: float,
    title: str,
) -> Markup:
    """A track's novelty with its pieces below: major or minor, and how often each is heard in the book.

    Parameters
    ----------
    curve : sequence of (float, float)
        Seconds and novelty, 0..1.
    pieces : sequence of (float, float, str, int)
        Start and end in seconds, mode, and the number of text segments.
    duration_s : float
    title : str
        Of the track.
    """
    high, strip = 46.0, 20.0
    scale = WIDTH / max(duration_s, 1e-6)
    # No picture shows more than two points a unit.
    step = max(1, len(curve) // (2 * WIDTH))
    return _drawn(
        "novelty",
        f"Novelty of {title}, cut into {len(pieces)} parts",
        high + strip + 8,
        curve_high=high,
        strip=strip,
        points=" ".join(f"{s * scale:.1f},{2 + high * (1 - n):.1f}" for s, n in curve[::step]),
        pieces=[
            {
                "told": f"part {number}, {mode}, heard {n} time{'' if n == 1 else 's'}",
                "mode": mode,
                "n": n,
                "x": start_s * scale,
                "width": max(1, (end_s - start_s) * scale - 1.5),
            }
            for number, (start_s, end_s, mode, n) in enumerate(pieces, 1)
        ],
    )


def _drawn(name: str, label: str, high: float, **shapes: object) -> Markup:
    """A picture of `WIDTH` by `high` units; `label` says what it shows to those who cannot see it."""
    return templates.render(f"report/{name}.svg.j2", name=name, label=label, wide=WIDTH, high=high, **shapes)


def headed(number: int, title: str) -> str:
    """A chapter's number and its title without a number of its own.

    Parameters
    ----------
    number : int
        Of the chapter in the book.
    title : str
        As the book has it, such as ``IV. Lottie``.
    """
    own = re.sub(
        r"^(?:(?i:chapter)\s+(?:\d+|[IVXLCivxlc]+)\b[.:)\s—–-]*|(?:\d+|[IVXLC]+)(?:[.:)—–-]+\s*|$))",
        "",
        title,
    )
    return f"{number} {own}".strip()


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
