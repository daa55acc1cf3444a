"""Scenes of made films with known scenes: each way to compare shots, to find threads and to count scenes.

Run: python benchmarks/scenes.py [--films 8] [--scenes 20] (some minutes; needs the extra `test`).
The films' seeds are not those that the defaults were chosen on. F1 is of the scenes' first shots, one shot
beside counting as found. The threads are of pairs of shots up to 24 apart, true where both show one camera
position of one scene.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import click
import cv2
import made_scenes
import numpy as np

from bookscore.engine.models import Models
from bookscore.ingest.film.picture.shots import frame_histogram
from bookscore.ingest.film.scenes.shot_similarity import fitted_similarity, paper_similarity
from bookscore.ingest.film.scenes.storygraphs import scene_starts
from bookscore.ingest.film.scenes.threads import REACH, SAME_VIEW, find_threads, views

FIRST_SEED = 100
MEAN_SCENE_S = 75.0
INLIERS = 20  # METHOD section 4


@dataclass(frozen=True)
class Film:
    """A made film as the product's stages see it."""

    grade: str
    shots: list[made_scenes.MadeShot]

    @cached_property
    def truth(self) -> list[int]:
        return [
            0,
            *(i for i, (a, b) in enumerate(itertools.pairwise(self.shots), 1) if a.scene_no != b.scene_no),
        ]

    @cached_property
    def colours(self) -> np.ndarray:
        return np.array([np.mean([frame_histogram(f) for f in shot.frames], axis=0) for shot in self.shots])

    @cached_property
    def vectors(self) -> np.ndarray:
        """Mean of the image encoder's vectors of each shot's frames, of length 1."""
        frames = [frame for shot in self.shots for frame in shot.frames]
        encode = Models("embedded").image_text.encode_images
        vectors = np.vstack([encode(frames[i : i + 64]) for i in range(0, len(frames), 64)])
        mean = vectors.reshape(len(self.shots), -1, vectors.shape[1]).mean(axis=1)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)

    @cached_property
    def threads(self) -> tuple[np.ndarray, np.ndarray]:
        return find_threads(views(s.frames[0] for s in self.shots), views(s.frames[-1] for s in self.shots))

    @property
    def held(self) -> np.ndarray:
        return np.array([shot.spoken_over for shot in self.shots])

    @property
    def expected(self) -> float:
        return sum(shot.seconds for shot in self.shots) / MEAN_SCENE_S

    @property
    def no_threads(self) -> tuple[np.ndarray, np.ndarray]:
        return np.arange(len(self.shots)), np.zeros(len(self.shots), bool)


SIMILARITIES: dict[str, Callable[[Film], np.ndarray]] = {
    "colours, the paper's scale": lambda film: paper_similarity(film.colours),
    "colours, the film's own": lambda film: fitted_similarity([np.sqrt(film.colours)]),
    "embedding, the film's own": lambda film: fitted_similarity([film.vectors]),
    "both, the film's own": lambda film: fitted_similarity([np.sqrt(film.colours), film.vectors]),
}


def f1(found: Sequence[int], truth: Sequence[int]) -> float:
    """F1 of the scenes' starts, the film's own left out; a start meets a true one at most one shot beside it."""
    left = list(truth[1:])
    hits = 0
    for start in found[1:]:
        near = [true for true in left if abs(true - start) <= 1]
        if near:
            left.remove(min(near, key=lambda true: abs(true - start)))
            hits += 1
    return 2 * hits / max(1, len(found) + len(truth) - 2)


def inliers(one: np.ndarray, other: np.ndarray, finder: cv2.Feature2D, norm: int) -> int:
    """Matched points of two pictures that one homography explains (RANSAC)."""
    (at, described), (other_at, other_described) = (
        finder.detectAndCompute(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), None) for picture in (one, other)
    )
    if described is None or other_described is None or min(len(at), len(other_at)) < 8:
        return 0
    pairs = cv2.BFMatcher(norm).knnMatch(described, other_described, 2)
    kept = [best for best, *second in pairs if second and best.distance < 0.8 * second[0].distance]
    if len(kept) < 8:
        return 0
    points = np.array(
        [[p.pt for p in pair] for pair in ((at[m.queryIdx], other_at[m.trainIdx]) for m in kept)], np.float32
    )
    _, mask = cv2.findHomography(points[:, 0], points[:, 1], cv2.RANSAC, 5.0)
    return 0 if mask is None else int(mask.sum())


def compare_threads(film: Film, most: int = 60) -> None:
    """Precision and recall of linked pairs of the film's first `most` shots, and the time a pair takes."""
    shots = film.shots[:most]
    pairs = [(i, j) for i, j in itertools.combinations(range(len(shots)), 2) if j - i <= REACH]
    same = np.array([shots[i].view == shots[j].view for i, j in pairs])
    ends, begins = (views(shot.frames[k] for shot in film.shots)[:most] for k in (-1, 0))
    ways: dict[str, Callable[[int, int], bool]] = {
        "cells of colour": lambda i, j: bool(ends[i] @ begins[j] >= SAME_VIEW),
    }
    for name, finder, norm in (
        ("ORB + RANSAC", cv2.ORB_create(400), cv2.NORM_HAMMING),
        ("SIFT + RANSAC (the paper's)", cv2.SIFT_create(400), cv2.NORM_L2),
    ):
        ways[name] = lambda i, j, f=finder, n=norm: (
            inliers(shots[i].frames[-1], shots[j].frames[0], f, n) >= INLIERS
        )
    for name, linked in ways.items():
        began = time.perf_counter()
        found = np.array([linked(i, j) for i, j in pairs])
        each_ms = (time.perf_counter() - began) / len(pairs) * 1000
        right = (found & same).sum()
        click.echo(
            f"  {name:30} precision {right / max(1, found.sum()):.2f}  recall {right / same.sum():.2f}"
            f"  {each_ms:8.3f} ms a pair"
        )


@click.command()
@click.option("--films", "n_films", default=8, show_default=True)
@click.option("--scenes", "n_scenes", default=20, show_default=True, help="Of each film.")
def main(n_films: int, n_scenes: int) -> None:
    """Compare ways to find scenes on made films."""
    films = []
    for number in range(n_films):
        grade = list(made_scenes.GRADES)[number % len(made_scenes.GRADES)]
        films.append(Film(grade, made_scenes.film(FIRST_SEED + number, grade, n_scenes)))
        click.echo(f"film {number + 1}: {grade}, {len(films[-1].shots)} shots, {n_scenes} scenes", err=True)
    click.echo(f"{n_films} films of {n_scenes} scenes: mean F1, and scenes found in the mean")
    click.echo(f"{'similarity':30}{'number told':>12}{'our rule':>16}{'paper rule':>16}")
    for name, similarity in SIMILARITIES.items():
        for way in ("threads", "no threads", "threads, cues"):
            told, ours, paper = [], [], []
            for film in films:
                alike = similarity(film)
                thread, crossed = film.no_threads if way == "no threads" else film.threads
                held = film.held if "cues" in way else np.zeros(len(film.shots), bool)
                told.append(f1(scene_starts(alike, thread, crossed, held, n_scenes), film.truth))
                for rule, expected in ((ours, film.expected), (paper, 0.0)):
                    found = scene_starts(alike, thread, crossed, held, 0, expected)
                    rule.append((f1(found, film.truth), len(found)))
            cells = "".join(
                f"{a:8.3f} ({b:5.1f})" for a, b in (np.mean(ours, axis=0), np.mean(paper, axis=0))
            )
            click.echo(f"{name + ', ' + way:45}{np.mean(told):8.3f}{cells}")
    click.echo("threads: the same camera position again, up to 24 shots on")
    for film in films[: len(made_scenes.GRADES)]:
        click.echo(f" {film.grade}")
        compare_threads(film)


if __name__ == "__main__":
    main()
