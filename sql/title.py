"""The title job: film sound against album, sentences against frames, then all of ``sql/align``,
``sql/weave`` and ``sql/audits`` in one transaction with its ledger row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from bookscore.engine import sql_runner, vectors
from bookscore.engine.errors import BookscoreError
from bookscore.engine.models import Models
from bookscore.engine.warehouse import Warehouse, fetch, now
from bookscore.ingest.heard import shazam

if TYPE_CHECKING:
    import numpy as np

SETTINGS: dict[str, float | int | str] = {
    "weave.recogniser": "album",  # see RECOGNISERS
    "weave.shazam_fallback": "none",  # the recogniser to use where Shazam gives no answers
    "weave.heard_score": 0.1,
    "weave.place_sigma": 0.25,
    "weave.skip_nats": 0.5,
    "weave.back_nats": 4.6,
    "weave.invented_share": 0.3,
    "weave.sure": 0.5,
    "weave.match_nats": 25.0,
    "weave.image_z": 3.0,
    "weave.images_per_segment": 3,
    "weave.rule": "ours",  # see RULES
    "weave.neighbourhood_s": 60.0,  # from here on: sql/weave/00_weave_setting.sql tells why
    "weave.near_s": 20.0,
    "weave.film_weight": 3.0,
    "weave.emotion_weight": 1.0,
    "weave.calm_weight": 3.0,
    "weave.calm_arousal": 0.7,
    "weave.short_weight": 0.5,
    "weave.short_s": 15.0,
    "weave.again_weight": 1.0,
    "weave.again_segments": 6,
    "weave.theme_weight": 0.5,
    "weave.go_on_weight": 0.5,
    "weave.chance_weight": 0.05,
    "weave.candidates": 12,
    "weave.beam": 4,
    "weave.seed": 1,
}

RECOGNISERS = ("album", "landmarks", "shazam")
"""album: whitened correlation with the album's own sound; landmarks: hashes, matched in SQL."""

RULES = ("ours", "paper")
"""paper: the weave as the paper has it, to compare with."""

ALBUM_VERSION = 2  # of the recogniser; to be raised when its figures change
IMAGES_PER_SENTENCE = 50

PER_FILM = (
    "title_film", "image_hit", "dialogue_match", "chapter_scene_evidence", "chapter_scene", "film_match", "moment",
    "segment_scene",
)  # fmt: skip
"""Tables with rows for each film of a title."""

FilmSound = Callable[[Path, int], Iterable["np.ndarray"]]
"""A film's sound from its file, at a rate in Hz: mono blocks in order."""


@dataclass(frozen=True)
class Title:
    """A book, its films in the story's order (or none) and an album under a name."""

    name: str
    book_id: str
    film_ids: tuple[str, ...]
    album_id: str

    @property
    def title_id(self) -> str:
        return "title-" + hashlib.sha256(self.name.encode()).hexdigest()[:10]

    @classmethod
    def woven(cls, connection: duckdb.DuckDBPyConnection, name: str) -> Title:
        """The title of that name as it was woven.

        Raises
        ------
        BookscoreError
            There is none; lists those there are.
        """
        row = connection.execute(
            "SELECT book_id, (SELECT list(film_id ORDER BY film_no) FROM title_film AS f WHERE f.title_id = title.title_id), "
            "album_id FROM title WHERE name = ?",
            [name],
        ).fetchone()
        if row is None:
            known = connection.execute("SELECT name FROM title ORDER BY name").fetchall()
            names = ", ".join(repr(known_name) for (known_name,) in known) or "none yet"
            raise BookscoreError(f"there is no title {name!r}; the warehouse has {names}")
        book_id, film_ids, album_id = row
        return cls(name, book_id, tuple(film_ids or ()), album_id)

    def settings(self, connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
        """The settings it was woven with, as text, by name."""
        return dict(
            connection.execute(
                "SELECT 'weave.' || name, value FROM weave_setting WHERE title_id = ? ORDER BY name",
                [self.title_id],
            ).fetchall()
        )


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
        Told of each step: its name, and started, done, skipped or failed; or a line for the user, and told.
    film_sound : callable
        Decodes the film's sound; used by the Shazam recogniser alone.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        title: Title,
        settings: Mapping[str, float | int | str],
        models: Models,
        progress: Callable[[str, str], None],
        film_sound: FilmSound,
    ) -> None:
        self.warehouse, self.title, self.models, self.progress = warehouse, title, models, progress
        self.film_sound = film_sound
        own = {
            name.removeprefix("weave."): value
            for name, value in settings.items()
            if name.startswith("weave.")
        }
        ids = {
            "title_id": title.title_id,
            "book_id": title.book_id,
            "film_id": title.film_ids[0] if title.film_ids else None,
            "album_id": title.album_id,
        }
        self.parameters: dict[str, object] = {**own, **ids, "settings": json.dumps(own)}

    def run(self, *, force: bool = False) -> None:
        """Do what is not done yet.

        Raises
        ------
        BookscoreError
            A recogniser is unknown, Shazam gives no answers, or an audit found rows; the warehouse keeps
            the soundtrack it had.
        """
        if self.parameters["rule"] not in RULES:
            raise BookscoreError(f"weave.rule: choose one of {', '.join(RULES)}")
        for name in ("recogniser", "shazam_fallback"):
            if self.parameters[name] not in (*RECOGNISERS, *(["none"] if name == "shazam_fallback" else [])):
                raise BookscoreError(f"weave.{name}: choose one of {', '.join(RECOGNISERS)}")
        for film_no, film_id in enumerate(self.title.film_ids, 1):
            self.hear(film_id, film_no, force=force)
        self._step("title.weave", self._woven_from(), self.parameters, lambda: self._weave(force), force)

    def hear(self, film_id: str, film_no: int = 1, *, force: bool = False) -> None:
        """Find where the album's music plays in the film, unless SQL does it while weaving."""
        stage, recogniser = "title.recognise", self.parameters["recogniser"]
        if recogniser == "shazam":
            try:
                self._shazam(stage, film_id, film_no, force)
            except BookscoreError as error:
                if self.parameters["shazam_fallback"] == "none":
                    raise
                self.parameters["recogniser"] = recogniser = self.parameters["shazam_fallback"]
                self.progress(f"{error}: going on with --recogniser {recogniser}", "told")
        if recogniser == "album":
            settings = (recogniser, ALBUM_VERSION)
            self._step(
                stage,
                self._heard_through(film_id),
                settings,
                lambda: self._recognise(film_id),
                force,
                part=film_no,
            )

    def _shazam(self, stage: str, film_id: str, film_no: int, force: bool) -> None:
        """Fill heard_window from Shazam's answers."""
        connection = self.warehouse.connection
        answers: list[pl.DataFrame] = []
        kept = ShazamAnswers(self.warehouse, film_id)

        def ask() -> None:
            film = connection.execute(
                "SELECT path, duration_s FROM film WHERE film_id = ? AND has_sound", [film_id]
            ).fetchone()
            if film is None:
                answers.append(shazam.ask_all(kept, []))
                return
            sound = self.film_sound(Path(film[0]), shazam.RATE_HZ)
            told = shazam.told_in_lines(lambda line: self.progress(line, "told"))
            answers.append(shazam.ask_all(kept, sound, shazam.count_windows(film[1]), progress=told))

        def place() -> int:
            tracks = fetch(connection, "SELECT * FROM track WHERE album_id = ?", [self.title.album_id])
            return self._load_windows(film_id, shazam.places(answers[0], tracks), "shazam")

        self._step(stage, self._heard_through(film_id), "shazam", place, force, prepare=ask, part=film_no)

    def _load_windows(self, film_id: str, windows: pl.DataFrame, recogniser: str) -> int:
        """Replace the heard windows of the film, the album and the recogniser."""
        named = {"film_id": film_id, "album_id": self.title.album_id, "recogniser": recogniser}
        self.warehouse.connection.execute(
            "DELETE FROM heard_window WHERE film_id = ? AND album_id = ? AND recogniser = ?",
            [*named.values()],
        )
        self.warehouse.insert(
            "heard_window", windows.with_columns(**{k: pl.lit(v) for k, v in named.items()})
        )
        return len(windows)

    def _heard_through(self, film_id: str) -> object:
        return self._jobs([film_id, self.title.album_id], "stage IN ('film.sound', 'album.sound')")

    def _aligned_from(self) -> list[object]:
        ids = [self.title.book_id, *self.title.film_ids, self.title.album_id]
        files = [(f.name, f.text) for f in sql_runner.sql_files("align")]
        return [self._jobs(ids, "true"), self.title.film_ids, files, self.models.model_id("image_text")]

    def _woven_from(self) -> list[object]:
        files = [(f.name, f.text) for folder in ("weave", "audits") for f in sql_runner.sql_files(folder)]
        decided = self.warehouse.connection.execute(
            "FROM decision WHERE title_id = ? ORDER BY ALL", [self.title.title_id]
        ).fetchall()
        return [*self._aligned_from(), files, decided]

    def _jobs(self, ids: list[str], condition: str) -> list[tuple[object, ...]]:
        return self.warehouse.connection.execute(
            "SELECT item_id, part, stage, input_sha256, settings_hash, model_id FROM job "
            f"WHERE status = 'done' AND list_contains($1, item_id) AND {condition} ORDER BY ALL",
            [ids],
        ).fetchall()

    def _step(
        self,
        stage: str,
        built_on: object,
        settings: object,
        work: Callable[[], int],
        force: bool,
        prepare: Callable[[], None] = lambda: None,
        part: int = 0,
    ) -> None:
        """Run `work` in one transaction with its ledger row, unless the ledger says that it is done.

        `prepare` comes before it, in transactions of its own.
        """
        if self._is_done(stage, built_on, settings, part) and not force:
            self.progress(stage, "skipped")
            return
        self.progress(stage, "started")
        started_at = now()
        prepare()
        with self.warehouse.transaction():
            self._record(stage, built_on, settings, part, started_at, work())
        self.progress(stage, "done")

    def _is_done(self, stage: str, built_on: object, settings: object, part: int = 0) -> bool:
        done = self.warehouse.connection.execute(
            "SELECT input_sha256, settings_hash FROM job WHERE item_id = ? AND part = ? AND stage = ? AND status = 'done'",
            [self.title.title_id, part, stage],
        ).fetchone()
        return done == (_sha256(built_on), _sha256(settings))

    def _record(
        self, stage: str, built_on: object, settings: object, part: int, started_at: datetime, n_rows: int
    ) -> None:
        """Write the ledger row of a step that is done."""
        self.warehouse.record_job(
            medium="title",
            item_id=self.title.title_id,
            part=part,
            stage=stage,
            input_sha256=_sha256(built_on),
            settings_hash=_sha256(settings),
            status="done",
            started_at=started_at,
            finished_at=now(),
            n_rows=n_rows,
        )

    def _recognise(self, film_id: str) -> int:
        """Fill heard_window from the sounds in the warehouse."""
        from bookscore.ingest.heard.correlation import blocks_to_array, recognise

        connection = self.warehouse.connection
        film = fetch(connection, "SELECT * FROM film_sound WHERE film_id = ? ORDER BY block_no", [film_id])
        album = fetch(
            connection,
            "SELECT * FROM track_sound WHERE album_id = ? ORDER BY track_no, block_no",
            [self.title.album_id],
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
        return self._load_windows(film_id, windows, "album")

    def _weave(self, force: bool) -> int:
        """Align what is not aligned yet, weave and check: all of it holds, or nothing does."""
        aligned = ("title.align", self._aligned_from(), self.parameters)
        if force or not self._is_done(*aligned):
            started_at = now()
            self._align()
            self._record(*aligned, 0, started_at, len(self.title.film_ids))
        sql_runner.derive(self.warehouse, "weave", self.parameters)
        sql_runner.audit(self.warehouse, self.parameters)
        counted = self.warehouse.connection.execute(
            "SELECT count(*) FROM soundtrack WHERE title_id = ?", [self.title.title_id]
        ).fetchone()
        return int(counted[0]) if counted else 0

    def _align(self) -> None:
        connection = self.warehouse.connection
        connection.execute("DELETE FROM title WHERE title_id = ?", [self.title.title_id])
        connection.execute(
            "INSERT INTO title VALUES ($title_id, $name, $book_id, $film_id, $album_id)",
            {k: self.parameters[k] for k in ("title_id", "book_id", "film_id", "album_id")}
            | {"name": self.title.name},
        )
        for table in PER_FILM:  # the title may have had other films
            connection.execute(f"DELETE FROM {table} WHERE title_id = ?", [self.title.title_id])
        for film_no, film_id in enumerate(self.title.film_ids, 1):
            connection.execute(
                "INSERT INTO title_film VALUES (?, ?, ?)", [self.title.title_id, film_no, film_id]
            )
            self._image_hits(film_id)
            sql_runner.derive(self.warehouse, "align", {**self.parameters, "film_id": film_id})

    def _image_hits(self, film_id: str) -> None:
        """Fill image_hit: the frames nearest to each visual sentence (FAISS), for SQL to choose from."""
        model_id = self.models.model_id("image_text")
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
            film_id,
            model_id,
            ["shot_no", "frame_no", "time_s"],
        )
        if len(queries) < 2 or len(items) < 2:
            return
        items = vectors.centre(items)
        name = "frames-" + film_id + "-" + hashlib.sha256(model_id.encode()).hexdigest()[:8]
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
            ).with_columns(title_id=pl.lit(self.title.title_id), film_id=pl.lit(film_id)),
        )


class ShazamAnswers:
    """What Shazam answered about a film's sound, in the warehouse.

    Parameters
    ----------
    warehouse : Warehouse
    film_id : str
        The film in which a sound is first heard.
    """

    def __init__(self, warehouse: Warehouse, film_id: str) -> None:
        self.warehouse, self.film_id = warehouse, film_id

    def find(self, sound_sha256: str) -> str | None:
        """The answer (JSON) to a sound that was asked for before."""
        known = self.warehouse.connection.execute(
            "SELECT answer FROM shazam_answer WHERE sound_sha256 = ?", [sound_sha256]
        ).fetchall()
        return str(known[0][0]) if known else None

    def keep(self, sound_sha256: str, start_s: float, answer: str) -> None:
        """Write an answer in a transaction of its own, in place of one that there was.

        Parameters
        ----------
        sound_sha256 : str
        start_s : float
            Where the window begins in the film.
        answer : str
            JSON.
        """
        with self.warehouse.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO shazam_answer VALUES (?, ?, ?, ?, ?)",
                [sound_sha256, self.film_id, start_s, answer, now()],
            )


def _sha256(value: object) -> str:
    return hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()
