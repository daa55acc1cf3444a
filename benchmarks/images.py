"""The embedded image-text encoder: does a caption find its photograph, what does an image cost, and are images trusted
that say nothing?

Run: python benchmarks/images.py FOLDER ... with folders that hold the photographs of tests/marked/photographs.tsv:
``skimage/data`` (PyPI's scikit-image), ``sklearn/datasets/images`` (scikit-learn), and ``backgrounds/mate/nature`` (Debian's
mate-backgrounds). The captions were written from the contents before any score was seen; nothing was chosen on them.
"""

from __future__ import annotations

import csv
import resource
from collections.abc import Callable
from pathlib import Path

import click
import cv2
import duckdb
import numpy as np
import polars as pl
import torch
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image

from bookscore.engine.models import Models, catalogue
from bookscore.engine.models.image_text import TEMPERATURE, ConSE
from bookscore.engine.vectors import centre

ROOT = Path(__file__).parents[1]
EAGER_BATCH = 2  # with which torch's eager mode was used before
N_FILMS = 60
FIRST_SEED = 1000


def photographs(folders: tuple[Path, ...]) -> tuple[list[np.ndarray], list[str]]:
    """Those that the folders hold, as small as a film's frames, and their captions."""
    with (ROOT / "tests/marked/photographs.tsv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    images, captions, missing = [], [], []
    for row in rows:
        found = [folder / row["file"] for folder in folders if (folder / row["file"]).is_file()]
        if not found:
            missing.append(row["file"])
            continue
        image = np.array(Image.open(found[0]).convert("RGB"))
        scale = 256 / max(image.shape[:2])
        sides = round(image.shape[1] * scale), round(image.shape[0] * scale)
        images.append(cv2.resize(image, sides, interpolation=cv2.INTER_AREA))
        captions.append(row["caption"])
    if missing:
        click.echo(f"not found: {', '.join(missing)}")
    if len(images) < 2:
        raise click.ClickException("give the folders of the photographs: see the head of this file")
    return images, captions


def reciprocal_rank(images: np.ndarray, texts: np.ndarray) -> float:
    """Mean over the texts, each of which looks for the image of its row."""
    similarity = centre(texts) @ centre(images).T
    return float((1 / (similarity >= np.diag(similarity)[:, None]).sum(axis=1)).mean())


def recipe(logits: np.ndarray, names: np.ndarray, temperature: float, n_classes: int) -> np.ndarray:
    """ConSE's vectors by another temperature and number of classes."""
    odds = np.exp((logits - logits.max(axis=1, keepdims=True)) / temperature)
    odds[odds < np.sort(odds, axis=1)[:, -n_classes, None]] = 0
    vectors = odds @ names
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def cpu_s(work: Callable[[], object]) -> float:
    """Processor seconds, user and system, of the second run."""
    work()
    before = resource.getrusage(resource.RUSAGE_SELF)
    work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def image_weight(seed: int, shift: float, n_chapters: int = 20, n_scenes: int = 80) -> float:
    """The weight that images get in a made film, in which lines place three scenes of ten.

    Parameters
    ----------
    seed : int
    shift : float
        By how many standard deviations three in a hundred frames of a sentence's own scenes are nearer to it.
    n_chapters, n_scenes : int
    """
    rng = np.random.default_rng(seed)
    story, lengths = np.sort(rng.integers(0, n_chapters, n_scenes)), rng.integers(10, 60, n_scenes)
    scene_of = np.repeat(np.arange(n_scenes), lengths)
    ends = np.cumsum(lengths)
    parts = []
    for chapter in range(n_chapters):
        common = 0.5 * rng.normal(size=len(scene_of))  # sentences of a chapter see the same pictures
        for sentence in range(rng.integers(8, 60)):
            shown = (story[scene_of] == chapter) & (rng.random(len(scene_of)) < 0.03)
            z = 0.87 * rng.normal(size=len(scene_of)) + common + shift * shown
            best = np.argsort(-z)[:50]
            parts.append(pl.DataFrame({"film_s": best + 0.0, "z": z[best]}).with_columns(
                chapter_no=pl.lit(chapter + 1), sentence_no=pl.lit(sentence)))  # fmt: skip
    keys = {"title_id": pl.lit("t"), "film_id": pl.lit("f"), "paragraph_no": pl.lit(1)}
    placed = rng.permutation(n_scenes)[: round(0.3 * n_scenes)]
    tables = {
        "image_hit": pl.concat(parts).with_columns(**keys),
        "scene": pl.DataFrame({"scene_no": range(n_scenes), "start_s": ends - lengths, "end_s": ends}),
        "chapter": pl.DataFrame({"chapter_no": range(1, n_chapters + 1)}),
        "placed": pl.DataFrame({"scene_no": placed, "chapter_no": story[placed] + 1}),
    }
    with duckdb.connect() as connection:
        for name, table in tables.items():
            connection.register(name, table.with_columns(film_id=pl.lit("f"), book_id=pl.lit("b")))
        for name in ("image_evidence", "calibration"):
            if name == "calibration":
                connection.execute(
                    "CREATE TABLE score_statistics AS SELECT 0.5 AS decay_rate, 0.1 AS p_unrelated"
                )
                connection.execute(
                    "CREATE TABLE part_line AS SELECT scene_no AS part_no, chapter_no, 63.0 AS over_cutoff_nats FROM placed"
                )
                connection.execute(
                    "CREATE TABLE evidence AS SELECT *, scene_no AS part_no FROM image_evidence"
                )
            (statement,) = (ROOT / "sql/align").glob(f"*_{name}.sql")
            sql = statement.read_text()
            for parameter, value in (("title_id", "t"), ("film_id", "f"), ("book_id", "b")):
                sql = sql.replace(f"${parameter}", f"'{value}'")
            connection.execute(f"CREATE TABLE {name} AS {sql}")
        ((weight,),) = connection.execute("SELECT weight FROM calibration WHERE kind = 'images'").fetchall()
    return float(weight)


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(folders: tuple[Path, ...]) -> None:
    """Print mean reciprocal ranks, processor time an image, and how often images of made films are trusted."""
    images, captions = photographs(folders)
    encoder = Models("embedded").image_text
    assert isinstance(encoder, ConSE)
    texts = encoder.encode_texts(captions)
    logits = np.concatenate(
        [encoder._classifier.run(None, {"pixels": encoder._pixels(i)})[0] for i in images]
    )
    click.echo(
        f"{len(images)} photographs, {1 / np.arange(1, len(images) + 1) @ np.ones(len(images)) / len(images):.3f} by chance: mean reciprocal rank"
    )
    for temperature, n_classes in ((1.0, 10), (1.0, 50), (TEMPERATURE, 1000)):
        vectors = recipe(logits, encoder._names, temperature, n_classes)
        click.echo(
            f"  logits / {temperature:.0f}, {n_classes:4} classes  {reciprocal_rank(vectors, texts):.3f}"
        )

    model = catalogue.entry("image_text", "embedded")
    network = EfficientNet.from_name("efficientnet-lite2").eval()
    network.load_state_dict(torch.load(model.folder / model.files[0], weights_only=True))
    pixels = [torch.from_numpy(encoder._pixels(image)) for image in images]

    @torch.inference_mode()
    def eager() -> None:
        for start in range(0, len(pixels), EAGER_BATCH):
            network(torch.cat(pixels[start : start + EAGER_BATCH]))

    old_s, new_s = cpu_s(eager), cpu_s(lambda: encoder.encode_images(images))
    click.echo(
        f"CPU ms an image: torch, batches of {EAGER_BATCH} {1000 * old_s / len(images):.1f}, ours {1000 * new_s / len(images):.1f}: {old_s / new_s:.1f} times fewer"
    )

    for shift in (0.0, 1.0, 2.0, 3.0):
        weights = [
            image_weight(FIRST_SEED + n, shift) for n in range(N_FILMS if shift == 0 else N_FILMS // 4)
        ]
        click.echo(
            f"images shifted by {shift:.0f} standard deviations: trusted in {np.count_nonzero(weights)} of {len(weights)} films"
        )


if __name__ == "__main__":
    main()
