"""Seconds that aligning and weaving a title takes once its media are ingested: 17 chapters, 120 scenes.

Run: python benchmarks/title_time.py. The book is A Little Princess, the film made of it (see made_adaptations);
frames and sentences have vectors by chance, as many as the real ones, and music is heard by chance.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import fields
from pathlib import Path

import click
import numpy as np
import polars as pl
from alignment import NOVELS, Novel, novel
from made_adaptations import LEVELS, Film, make

from bookscore.engine.models import Models
from bookscore.engine.runner import Run
from bookscore.engine.settings import defaults
from bookscore.engine.warehouse import Warehouse
from bookscore.sql import title as weave
from bookscore.sql.settings import SETTINGS

N_CHAPTERS, N_SCENES = 17, 120
PARAGRAPHS_A_SEGMENT, FRAMES_A_SHOT, DIM = 25, 3, 512
N_TRACKS, N_PIECES, PIECE_S = 20, 5, 40.0


def add_book(warehouse: Warehouse, of: Novel, model_id: str, dice: np.random.Generator) -> None:
    for field in fields(Novel):
        rows = getattr(of, field.name)
        if "chapter_no" in rows.columns:
            rows = rows.filter(pl.col("chapter_no") <= N_CHAPTERS)
        warehouse.insert(field.name, rows.with_columns(book_id=pl.lit("book")))
    last = pl.col("paragraph_no").max()
    segments = (
        of.paragraph.filter(pl.col("chapter_no") <= N_CHAPTERS)
        .group_by("chapter_no", segment_no=(pl.col("paragraph_no") - 1) // PARAGRAPHS_A_SEGMENT + 1)
        .agg(pl.col("paragraph_no").min().alias("first_paragraph_no"), last.alias("last_paragraph_no"), pl.col("n_words").sum())
        .sort("chapter_no", "segment_no")
    )  # fmt: skip
    emotions = dice.choice(["positive", "neutral", "negative"], len(segments))
    warehouse.insert("segment", segments.with_columns(book_id=pl.lit("book"), emotion=pl.Series(emotions)))
    seen = of.sentence.filter(~pl.col("is_dialogue"), pl.col("chapter_no") <= N_CHAPTERS)
    places = seen.select("chapter_no", "paragraph_no", "sentence_no")
    add_vectors(warehouse, "sentence_vector", places.with_columns(book_id=pl.lit("book")), model_id, dice)


def add_vectors(
    warehouse: Warehouse, table: str, rows: pl.DataFrame, model_id: str, dice: np.random.Generator
) -> None:
    vectors = dice.standard_normal((len(rows), DIM), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    warehouse.insert(table, rows.with_columns(model_id=pl.lit(model_id), vector=pl.Series(vectors.tolist())))


def add_film(warehouse: Warehouse, film: Film, model_id: str, dice: np.random.Generator) -> float:
    for name in ("scene", "shot", "cue"):
        warehouse.insert(name, getattr(film, name))
    end_s = float(film.scene["end_s"][-1])
    warehouse.connection.execute(
        "INSERT INTO film (film_id, title, path, duration_s, has_picture, has_sound) "
        "VALUES ('film', 'film', 'film', ?, true, true)",
        [end_s],
    )
    frames = film.shot.select("film_id", "shot_no", time_s="start_s").join(
        pl.DataFrame({"frame_no": range(1, FRAMES_A_SHOT + 1)}), how="cross"
    )
    add_vectors(warehouse, "frame_vector", frames, model_id, dice)
    return end_s


def add_album(warehouse: Warehouse, film_end_s: float, dice: np.random.Generator) -> None:
    warehouse.connection.execute("INSERT INTO album VALUES ('album', 'album', NULL, 'album')")
    numbers = range(1, N_TRACKS + 1)
    track = pl.DataFrame(
        {"album_id": "album", "track_no": numbers, "title": map(str, numbers), "path": "track"}
    )
    warehouse.insert("track", track.with_columns(duration_s=N_PIECES * PIECE_S))
    strength = dice.uniform(-0.4, 0.4, N_TRACKS * N_PIECES)
    piece = track.select("album_id", "track_no").join(
        pl.DataFrame({"music_segment_no": range(1, N_PIECES + 1)}), how="cross"
    )
    start_s = (pl.col("music_segment_no") - 1) * PIECE_S
    warehouse.insert(
        "music_segment",
        piece.with_columns(
            start_s=start_s, end_s=start_s + PIECE_S, mode_strength=strength, gain_db=0.0,
            mode=pl.Series(np.where(strength > 0, "major", "minor")), arousal=dice.uniform(0, 1, len(piece)),
        ),
    )  # fmt: skip
    windows = [
        (n + 1, n * 5.0, n * 5.0 + 10, n // 12 % N_TRACKS + 1, n % 12 * 5.0, 0.3 if n // 12 % 3 else 0.02)
        for n in range(int(film_end_s // 5) - 1)
    ]
    columns = ["window_no", "start_s", "end_s", "track_no", "offset_s", "score"]
    named = {"film_id": "film", "album_id": "album", "recogniser": "album"}
    heard = pl.DataFrame(windows, schema=columns, orient="row")
    warehouse.insert("heard_window", heard.with_columns(**{k: pl.lit(v) for k, v in named.items()}))


def first_film(of: Novel, others: list[Novel]) -> Film:
    """The first film that is long enough, without the scenes that are too many."""
    whole = next(
        film
        for film in (make(of, others, LEVELS["middle"], seed) for seed in range(100))
        if len(film.scene) >= N_SCENES
    )
    end_s = whole.scene["end_s"][N_SCENES - 1]
    kept = {t: getattr(whole, t).filter(pl.col("start_s") < end_s) for t in ("scene", "shot", "cue")}
    return Film(**kept, truth={}, told={})


def main() -> None:
    novels = {name: novel(name) for name in NOVELS}
    of = novels.pop("a-little-princess")
    film, dice, models = first_film(of, [*novels.values()]), np.random.default_rng(1), Models("embedded")
    with tempfile.TemporaryDirectory() as folder, Warehouse(Path(folder)) as warehouse:
        add_book(warehouse, of, models.model_id("image_text"), dice)
        add_album(warehouse, add_film(warehouse, film, models.model_id("image_text"), dice), dice)
        title = weave.Title("title", "book", ("film",), "album")
        run = Run(warehouse, defaults(SETTINGS), models, force=True, progress=lambda *told: None)
        for told in ("first", "again, with the frames' index at hand"):
            started = time.perf_counter()
            weave.TitleJob(run, title).run()
            click.echo(f"{told}: {time.perf_counter() - started:.2f} s")
        for table in ("scene", "shot", "cue", "frame_vector", "sentence_vector", "segment", "music_segment", "image_hit", "moment"):  # fmt: skip
            [(n,)] = warehouse.connection.execute(f"SELECT count(*) FROM {table}").fetchall()
            click.echo(f"{n} rows of {table}")


if __name__ == "__main__":
    main()
