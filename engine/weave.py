"""The title job: film sound against album, sentences against frames, then all of ``sql/align``,
``sql/weave`` and ``sql/audits`` in one transaction with its ledger row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from engine import sql_runner, vectors
from engine.errors import BookscoreError
from engine.models import Models
from engine.warehouse import Warehouse, fetch, now

SETTINGS: dict[str, float | int | str] = {
    "weave.recogniser": "album",  # album: whitened correlation; landmarks: hashes, matched in SQL
    "weave.heard_score": 0.1,
    "weave.place_sigma": 0.25,
    "weave.skip_nats": 1.0,
    "weave.back_nats": 12.0,
    "weave.invented_share": 0.25,
    "weave.match_nats": 25.0,
    "weave.image_z": 3.0,
    "weave.images_per_segment": 3,
    "weave.neighbourhood_s": 20.0,
    "weave.calm_arousal": 0.7,
    "weave.short_s": 15.0,
    "weave.seed": 1,
}

IMAGES_PER_SENTENCE = 50


@dataclass(frozen=True)
class Title:
    """A book, a film (or none) and an album under a name."""

    name: str
    book_id: str
    film_id: str | None
    album_id: str

    @property
    def title_id(self) -> str:
        return "title-" + hashlib.sha256(self.name.encode()).hexdigest()[:10]


class TitleJob:
    """Aligns and weaves one title whose media are ingested.

    Parameters
    ----------
    warehouse : Warehouse
    title : Title
    settings : Mapping[str, float | int | str]
        Values of all settings by name.
    models : Models
        Those the media were ingested with.
    progress : callable
        Told of each step: its name, and started, done or skipped.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        title: Title,
        settings: Mapping[str, float | int | str],
        models: Models,
        progress: Callable[[str, str], None],
    ) -> None:
        self.warehouse, self.title, self.models, self.progress = warehouse, title, models, progress
        own = {
            name.removeprefix("weave."): value
            for name, value in settings.items()
            if name.startswith("weave.")
        }
        ids = {
            "title_id": title.title_id,
            "book_id": title.book_id,
            "film_id": title.film_id,
            "album_id": title.album_id,
        }
        self.parameters: dict[str, object] = {**own, **ids}

    def run(self, *, force: bool = False) -> None:
        """Do what is not done yet.

        Raises
        ------
        BookscoreError
            An audit found rows; the warehouse keeps the soundtrack it had.
        """
        if self.title.film_id and self.parameters["recogniser"] == "album":
            self._step("title.recognise", self._heard_through(), self._recognise, force)
        self._step("title.weave", self._woven_from(), self._weave, force)

    def _heard_through(self) -> object:
        return self._jobs("stage IN ('film.sound', 'album.sound')")

    def _woven_from(self) -> object:
        from_sql = [
            (f.name, f.text) for folder in ("align", "weave", "audits") for f in sql_runner.sql_files(folder)
        ]
        return [self._jobs("true"), from_sql, self.models.model_id("image_text")]

    def _jobs(self, condition: str) -> list[tuple[object, ...]]:
        ids = [self.title.book_id, self.title.film_id, self.title.album_id]
        return self.warehouse.connection.execute(
            "SELECT item_id, part, stage, input_sha256, settings_hash, model_id FROM job "
            f"WHERE status = 'done' AND list_contains($1, item_id) AND {condition} ORDER BY ALL",
            [ids],
        ).fetchall()

    def _step(self, stage: str, built_on: object, work: Callable[[], int], force: bool) -> None:
        """Run `work` in one transaction with its ledger row, unless the ledger says that it is done."""
        connection, title_id = self.warehouse.connection, self.title.title_id
        key = [
            hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()
            for value in (built_on, self.parameters)
        ]
        done = connection.execute(
            "SELECT input_sha256, settings_hash FROM job WHERE item_id = ? AND stage = ? AND status = 'done'",
            [title_id, stage],
        ).fetchone()
        if done == tuple(key) and not force:
            self.progress(stage, "skipped")
            return
        self.progress(stage, "started")
        started_at = now()
        with self.warehouse.transaction():
            n_rows = work()
            self.warehouse.record_job(
                medium="title",
                item_id=title_id,
                part=0,
                stage=stage,
                input_sha256=key[0],
                settings_hash=key[1],
                status="done",
                started_at=started_at,
                finished_at=now(),
                n_rows=n_rows,
            )
        self.progress(stage, "done")

    def _recognise(self) -> int:
        """Fill heard_window from the sounds in the warehouse."""
        from engine.recognise import blocks_to_array, recognise

        connection = self.warehouse.connection
        film = fetch(
            connection, "SELECT * FROM film_sound WHERE film_id = ? ORDER BY block_no", [self.title.film_id]
        )
        album = fetch(
            connection,
            "SELECT * FROM track_sound WHERE album_id = ? ORDER BY track_no, block_no",
            [self.title.album_id],
        )
        connection.execute(
            "DELETE FROM heard_window WHERE film_id = ? AND album_id = ? AND recogniser = 'album'",
            [self.title.film_id, self.title.album_id],
        )
        if film.is_empty() or album.is_empty():
            return 0
        rates = sorted({*film["rate_hz"], *album["rate_hz"]})
        if len(rates) > 1:
            raise BookscoreError(f"film and album have sound at {rates} Hz: ingest both again with --force")
        tracks = {
            int(no): blocks_to_array(rows) for (no,), rows in album.group_by("track_no", maintain_order=True)
        }
        windows = recognise(blocks_to_array(film), tracks, int(film["rate_hz"][0]))
        self.warehouse.insert(
            "heard_window",
            windows.with_columns(
                film_id=pl.lit(self.title.film_id),
                album_id=pl.lit(self.title.album_id),
                recogniser=pl.lit("album"),
            ),
        )
        return len(windows)

    def _weave(self) -> int:
        connection = self.warehouse.connection
        connection.execute("DELETE FROM title WHERE title_id = ?", [self.title.title_id])
        connection.execute(
            "INSERT INTO title VALUES ($title_id, $name, $book_id, $film_id, $album_id)",
            {k: self.parameters[k] for k in ("title_id", "book_id", "film_id", "album_id")}
            | {"name": self.title.name},
        )
        self._image_hits()
        sql_runner.derive(self.warehouse, "align", self.parameters)
        sql_runner.derive(self.warehouse, "weave", self.parameters)
        sql_runner.audit(self.warehouse, self.parameters)
        counted = connection.execute(
            "SELECT count(*) FROM soundtrack WHERE title_id = ?", [self.title.title_id]
        ).fetchone()
        return int(counted[0]) if counted else 0

    def _image_hits(self) -> None:
        """Fill image_hit: the frames nearest to each visual sentence (FAISS), for SQL to choose from."""
        connection, model_id = self.warehouse.connection, self.models.model_id("image_text")
        connection.execute("DELETE FROM image_hit WHERE title_id = ?", [self.title.title_id])
        if self.title.film_id is None:
            return
        sentences, queries = vectors.load(
            self.warehouse,
            "sentence_vector",
            "book_id",
            self.title.book_id,
            model_id,
            ["chapter_no", "paragraph_no", "sentence_no"],
        )
        frames, items = vectors.load(
            self.warehouse,
            "frame_vector",
            "film_id",
            self.title.film_id,
            model_id,
            ["shot_no", "frame_no", "time_s"],
        )
        if len(queries) < 2 or len(items) < 2:
            return
        items = vectors.centre(items)
        name = "frames-" + self.title.film_id + "-" + hashlib.sha256(model_id.encode()).hexdigest()[:8]
        built = vectors.index(self.warehouse.folder, name, model_id, items)
        hits = vectors.nearest(vectors.centre(queries), items, built, IMAGES_PER_SENTENCE)
        self.warehouse.insert(
            "image_hit",
            pl.concat(
                [
                    sentences[hits["query_no"]],
                    frames[hits["item_no"]].rename({"time_s": "film_s"}),
                    hits.select("similarity", "z"),
                ],
                how="horizontal",
            ).with_columns(title_id=pl.lit(self.title.title_id)),
        )
