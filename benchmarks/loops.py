"""How audible the seams of looped music segments are, beside a plain cross-fade of the segments' ends.

Run: python benchmarks/loops.py ALBUM... [--warehouse FOLDER]

Each segment of at least 20 s is joined at the seam as a player does it, at 22.05 kHz. Flux: the greatest
spectral flux during the cross-fade, against that of all stretches of the same length of the same track; what
lies over their 95th percentile sounds as something that begins. Passage: how far the half seconds before and
after the fade are from the nearest passage of the track itself; 1 is the median of its own passages, more is
a turn that the music never takes.
"""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path

import click
import numpy as np

from bookscore.commands import main as program
from bookscore.engine.warehouse import Warehouse, fetch
from bookscore.ingest.album.loops import FADE_S
from bookscore.ingest.media.sound import stream

RATE_HZ, HOP, SIZE = 22_050, 256, 1024
BESIDE_S, STEP_S, LEAST_S, PLAYER_FADE_S = 0.5, 0.2, 20.0, 3.5


@click.command()
@click.argument("albums", nargs=-1, required=True)
@click.option(
    "--warehouse",
    default=str(Path(tempfile.gettempdir()) / "bookscore-albums"),
    help="Kept for the next run.",
)
def main(albums: tuple[str, ...], warehouse: str) -> None:
    for album in albums:
        program.main(["--warehouse", warehouse, "ingest", "album", album], standalone_mode=False)
    with Warehouse(Path(warehouse)) as opened:
        segments = fetch(
            opened.connection,
            "SELECT path, start_s, end_s, loop_start_s, loop_end_s, seam FROM music_segment "
            "JOIN track USING (album_id, track_no) WHERE end_s - start_s >= ? ORDER BY path, start_s",
            [LEAST_S],
        )
    seams: dict[str, list[tuple[float, ...]]] = {}
    for (path,), own in segments.group_by("path", maintain_order=True):
        sound = np.concatenate(list(stream(Path(str(path)), RATE_HZ)))
        usual = {fade_s: _everywhere(sound, fade_s) for fade_s in (FADE_S, PLAYER_FADE_S)}
        for _, start_s, end_s, loop_start_s, loop_end_s, seam in own.iter_rows():
            ways = {
                "loop points": (loop_start_s, loop_end_s, FADE_S),
                "raw ends": (start_s + FADE_S, end_s, FADE_S),
                "raw ends, long fade": (start_s + PLAYER_FADE_S, end_s, PLAYER_FADE_S),
            }
            for way, (to_s, from_s, fade_s) in ways.items():
                flux, passage = _figures(joined(sound, to_s, from_s, fade_s), fade_s)
                fluxes, passages, usual_way = usual[fade_s]
                median, p95 = np.quantile(fluxes, (0.5, 0.95))
                way_to_nearest = np.sqrt(max(_squared(passage[None], passages).min(), 0))
                figures = flux / median, flux / p95, way_to_nearest / usual_way, seam
                seams.setdefault(way, []).append(figures)
        click.echo(path, err=True)
    click.echo(
        f"{len(segments):6} segments: flux {'/ median':>10}{'/ p95':>8}{'over p95':>10}{'passage':>10}{'over 1.5':>10}"
    )
    for way, rows in seams.items():
        flux, flux_95, passage, _ = np.array(rows).T
        click.echo(
            f"{way:22}{np.median(flux):10.2f}{np.median(flux_95):8.2f}{np.mean(flux_95 > 1):10.0%}"
            f"{np.median(passage):10.2f}{np.mean(passage > 1.5):10.0%}"
        )
    _, flux_95, passage, seam = np.array(seams["loop points"]).T
    for low, high in pairwise((0, 0.3, 0.5, 0.7, 1.01)):
        own = (seam >= low) & (seam < high)
        if own.any():
            click.echo(f"seam from {low}: {own.sum():3} loops, flux / p95 {np.median(flux_95[own]):.2f}, "
                       f"passage {np.median(passage[own]):.2f}")  # fmt: skip


def joined(sound: np.ndarray, to_s: float, from_s: float, fade_s: float) -> np.ndarray:
    """A second and more before the seam and after it, the cross-fade in the middle."""
    to, origin, fade, beside = (round(t * RATE_HZ) for t in (to_s, from_s, fade_s, 2 * BESIDE_S))
    before, after = sound[origin - fade - beside : origin], sound[to - fade : to + beside]
    rise = np.linspace(0, 1, fade, dtype=np.float32)
    mixed = (1 - rise) * before[-fade:] + rise * after[:fade]
    return np.concatenate((before[:-fade], mixed, after[fade:]))


def _figures(piece: np.ndarray, fade_s: float) -> tuple[float, np.ndarray]:
    """Greatest flux during the fade, and the mean spectra of the half seconds before and after it."""
    spectra = _spectra(piece)
    flux = np.maximum(np.diff(spectra, axis=0), 0).mean(axis=1)
    first = round(2 * BESIDE_S * RATE_HZ / HOP)
    last = first + round(fade_s * RATE_HZ / HOP)
    reach, blur = round(BESIDE_S * RATE_HZ / HOP), SIZE // HOP
    before, after = spectra[first - blur - reach : first - blur], spectra[last : last + reach]
    return float(flux[first - blur : last].max()), np.concatenate((before.mean(axis=0), after.mean(axis=0)))


def _everywhere(sound: np.ndarray, fade_s: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Flux and passages of the track itself, every `STEP_S`, and the median way to a passage's nearest like."""
    margin, fade = round(2 * BESIDE_S * RATE_HZ), round(fade_s * RATE_HZ)
    places = range(margin, len(sound) - fade - margin, round(STEP_S * RATE_HZ))
    found = [_figures(sound[p - margin : p + fade + margin], fade_s) for p in places]
    flux, passages = np.array([f for f, _ in found]), np.array([p for _, p in found])
    apart = np.sqrt(np.maximum(_squared(passages, passages), 0))
    near = np.abs(np.subtract.outer(np.arange(len(apart)), np.arange(len(apart)))) * STEP_S < 2 * fade_s + 2
    return flux, passages, float(np.median(np.where(near, np.inf, apart).min(axis=1)))


def _squared(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    return (rows**2).sum(axis=1)[:, None] + (others**2).sum(axis=1) - 2 * rows @ others.T


def _spectra(sound: np.ndarray) -> np.ndarray:
    frames = np.lib.stride_tricks.sliding_window_view(sound, SIZE)[::HOP]
    return np.log1p(100 * np.abs(np.fft.rfft(frames * np.hanning(SIZE), axis=1)) / SIZE)


if __name__ == "__main__":
    main()
