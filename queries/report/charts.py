"""The report's pictures, as SVG that takes its colours from the page's style."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

WIDTH = 960
MARGIN = 44


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


def svg(name: str, label: str, height: float, body: Iterable[str]) -> str:
    """A picture of `WIDTH` units; `label` says what it shows to those who cannot see it."""
    return (
        f'<div class="chart" tabindex="0" role="group" aria-label="{escape(label)}">'
        f'<svg class="{name}" viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{escape(label)}">'
        f"{''.join(body)}</svg></div>"
    )


def matrix(
    chapters: Sequence[tuple[int, str]],
    scenes: Sequence[int],
    evidence: dict[tuple[int, int], float],
    path: dict[int, tuple[int, float | None]],
    film: str,
) -> str:
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
    body = [
        f'<image href="{_shades(len(chapters), len(scenes), rows, columns, evidence)}" x="{left}" y="{top}" '
        f'width="{cell * len(scenes):.2f}" height="{height:.2f}" preserveAspectRatio="none"/>',
        f'<rect class="frame" x="{left}" y="{top}" width="{cell * len(scenes):.2f}" height="{height:.2f}"/>',
    ]
    every = -(-12 // int(row)) or 1
    body += [
        f'<text class="end" x="{left - 8}" y="{top + row * (n + 0.5) + 4:.1f}">{escape(_cut(headed(number, title), 26))}</text>'
        for n, (number, title) in enumerate(chapters)
        if n % every == 0
    ]
    for scene_no, (chapter_no, confidence) in sorted(path.items()):
        x, y = left + cell * columns[scene_no], top + row * rows[chapter_no]
        sure = "" if confidence is None else f", confidence {confidence:.2f}"
        body.append(
            f'<rect class="step" x="{x:.2f}" y="{y:.2f}" width="{cell:.2f}" height="{row:.2f}" '
            f'style="stroke-opacity:{0.35 + 0.65 * (1 if confidence is None else confidence):.2f}">'
            f"<title>Scene {scene_no}: chapter {chapter_no}{sure}</title></rect>"
        )
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500) if len(scenes) / s <= 24)
    body += [
        f'<text class="middle" x="{left + cell * (n + 0.5):.1f}" y="{top + height + 18:.1f}">{number}</text>'
        for n, number in enumerate(scenes)
        if number % step == 0 or number == scenes[0]
    ]
    body.append(
        f'<text class="middle axis" x="{left + cell * len(scenes) / 2:.1f}" y="{top + height + 38:.1f}">scene of the film</text>'
    )
    label = f"Evidence that a scene of {film} tells a chapter, and the path of {len(path)} of {len(scenes)} scenes through the chapters"
    return svg("matrix", label, top + height + 46, body)


def _shades(
    n_rows: int,
    n_columns: int,
    rows: dict[int, int],
    columns: dict[int, int],
    evidence: dict[tuple[int, int], float],
) -> str:
    """The evidence as a PNG of a pixel a cell, as a data URI: ten nats are full colour."""
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
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def bars(chapters: Sequence[tuple[int, str, dict[str, int]]]) -> str:
    """Segments of each chapter by where their music comes from (the paper's Figure 5)."""
    most = max(sum(counts.values()) for _, _, counts in chapters)
    top, bottom, height = 22, 46, 180
    slot = (WIDTH - MARGIN) / len(chapters)
    bar = min(44.0, slot * 0.72)
    unit = height / most
    body = [
        f'<line class="grid" x1="{MARGIN}" x2="{WIDTH}" y1="{top + height - n * unit:.1f}" y2="{top + height - n * unit:.1f}"/>'
        f'<text class="end" x="{MARGIN - 8}" y="{top + height - n * unit + 4:.1f}">{n}</text>'
        for n in range(0, most + 1, max(1, -(-most // 5)))
    ]
    every = -(-26 // int(slot)) if slot < 26 else 1
    for n, (number, title, counts) in enumerate(chapters):
        x, y = MARGIN + slot * n + (slot - bar) / 2, float(top + height)
        told = ", ".join(f"{count} {NAMES[method]}" for method, count in counts.items() if count)
        body.append(f"<g><title>Chapter {escape(headed(number, title))}: {told}</title>")
        for method, count in counts.items():
            y -= count * unit
            body.append(
                f'<rect class="{method}" x="{x:.1f}" y="{y:.1f}" width="{bar:.1f}" height="{count * unit:.1f}"/>'
                if count
                else ""
            )
        body.append("</g>")
        if n % every == 0:
            body.append(f'<text class="middle" x="{x + bar / 2:.1f}" y="{top + height + 18}">{number}</text>')
    body.append(
        f'<text class="middle axis" x="{(MARGIN + WIDTH) / 2}" y="{top + height + 38}">chapter of the book</text>'
    )
    label = "Text segments of each chapter by where their music comes from"
    return svg("bars", label, top + height + bottom, body)


NAMES = {"film": "from the film", "emotion": "by emotion", "reader": "chosen by you"}


def course(spans: Sequence[Span], calm: float, chapters: Sequence[tuple[float, int]]) -> str:
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
    body = [
        f'<line class="grid" x1="{x(at):.1f}" x2="{x(at):.1f}" y1="16" y2="{floor:.1f}"/>'
        for at, _ in chapters
    ]
    body += [
        f'<text class="middle" x="{x((at + end) / 2):.1f}" y="{floor + 18:.1f}">{number}</text>'
        for n, ((at, number), end) in enumerate(
            zip(chapters, [*(at for at, _ in chapters[1:]), 1.0], strict=True)
        )
        if n % every == 0
    ]
    body += [
        f'<text x="{MARGIN}" y="11">emotion of text and music</text>',
        f'<text x="{MARGIN}" y="{floor - high - 12:.1f}">arousal of the music</text>',
        f'<text class="middle axis" x="{MARGIN + wide / 2:.1f}" y="{floor + 38:.1f}">chapter of the book</text>',
        f'<line class="zero" x1="{x(0):.1f}" x2="{x(1):.1f}" y1="{zero:.1f}" y2="{zero:.1f}"/>',
        *(f'<text class="end" x="{MARGIN - 6}" y="{y + 4:.1f}">{text}</text>' for text, y in (
            ("glad", zero - high / 2 + 8), ("sad", zero + high / 2 - 8), ("1", floor - high), ("0", floor))),
    ]  # fmt: skip
    for s in spans:
        width = max(0.5, x(s.end) - x(s.start) - 0.6)
        tall = (s.valence or 0) / most * high / 2
        body.append(
            f"<g><title>{s.place}: {escape(s.music)}, {'major' if s.strength > 0 else 'minor'}, arousal {s.arousal:.2f}, "
            f"{NAMES[s.method]}</title>"
            f'<rect class="{"glad" if tall > 0 else "sad"}" x="{x(s.start):.2f}" y="{min(zero, zero - tall):.2f}" '
            f'width="{width:.2f}" height="{max(abs(tall), 0.5):.2f}"/>'
            f'<rect class="{s.method}" x="{x(s.start):.2f}" y="{floor - high * s.arousal:.2f}" width="{width:.2f}" '
            f'height="{max(high * s.arousal, 1.5):.2f}"/></g>'
        )
    points = " ".join(
        f"{x(at):.1f},{zero - s.strength * high / 2:.1f}" for s in spans for at in (s.start, s.end)
    )
    at = floor - high * calm
    body += [
        f'<polyline class="music" points="{points}"/>',
        f'<line class="ceiling" x1="{x(0):.1f}" x2="{x(1):.1f}" y1="{at:.1f}" y2="{at:.1f}"/>',
    ]
    label = (
        "Emotion of the text and of its music, and arousal of the music, along the book from left to right"
    )
    return svg("course", label, floor + 46, body)


def novelty(
    curve: Sequence[tuple[float, float]],
    pieces: Sequence[tuple[float, float, str, int]],
    duration_s: float,
    title: str,
) -> str:
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
    points = " ".join(f"{s * scale:.1f},{2 + high * (1 - n):.1f}" for s, n in curve[::step])
    body = [f'<polyline points="{points}"/>'] if curve else []
    for number, (start_s, end_s, mode, n) in enumerate(pieces, 1):
        x, width = start_s * scale, max(1, (end_s - start_s) * scale - 1.5)
        told = f"part {number}, {mode}, heard {n} time{'' if n == 1 else 's'}"
        body.append(
            f'<g><title>{told}</title><rect class="{mode}{"" if n else " unused"}" x="{x:.1f}" y="{high + 6:.1f}" '
            f'width="{width:.1f}" height="{strip}"/>'
            + (
                f'<text class="on middle" x="{x + width / 2:.1f}" y="{high + strip + 0.5:.1f}">{n}×</text>'
                if n and width > 26
                else ""
            )
            + "</g>"
        )
    body += [
        f'<line class="cut" x1="{after[0] * scale:.1f}" x2="{after[0] * scale:.1f}" y1="0" y2="{high + 4:.1f}"/>'
        for _, after in pairwise(pieces)
    ]
    return svg("novelty", f"Novelty of {title}, cut into {len(pieces)} parts", high + strip + 8, body)


def headed(number: int, title: str) -> str:
    """A chapter's number and its title without a number of its own."""
    own = re.sub(
        r"^(?:(?i:chapter)\s+(?:\d+|[IVXLCivxlc]+)\b[.:)\s—–-]*|(?:\d+|[IVXLC]+)(?:[.:)—–-]+\s*|$))",
        "",
        title,
    )
    return f"{number} {own}".strip()


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
