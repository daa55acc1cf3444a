"""The title job: what is heard in the films, then all of ``sql/align``, ``sql/weave`` and ``sql/audits`` in one
transaction with its ledger row."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import duckdb
import polars as pl

from bookscore.engine import ledger, sql_runner, vectors
from bookscore.engine.claims import claimed
from bookscore.engine.errors import BookscoreError
from bookscore.engine.ledger import Key, Step
from bookscore.engine.runner import Run
from bookscore.engine.warehouse import now
from bookscore.sql.hearing import hear
from bookscore.sql.settings import parameters

IMAGES_PER_SENTENCE = 50

PER_FILM = (
    "image_hit", "dialogue_match", "chapter_scene_evidence", "chapter_scene", "film_match", "moment",
    "segment_scene",
)  # fmt: skip
"""Tables with rows for each film of a title."""


@dataclass(frozen=True)
class Title:
    """A book, its films in the story's order (or none) and an album under a name."""

    name: str
    book_id: str
    film_ids: tuple[str, ...]
    album_id: str
    model_set: str | None = None
    """The models it was woven with; None before it is."""

    @property
    def title_id(self) -> str:
        return "title-" + hashlib.sha256(self.name.encode()).hexdigest()[:10]

    @classmethod
    def woven(cls, connection: duckdb.DuckDBPyConnection, name: str) -> Title:
        """The title of that name as it was woven.

        Parameters
        ----------
        connection : duckdb.DuckDBPyConnection
        name : str

        Raises
        ------
        BookscoreError
            There is none; lists those there are.
        """
        row = connection.execute(
            "SELECT book_id, (SELECT list(film_id ORDER BY film_no) FROM title_film AS f WHERE f.title_id = title.title_id), "
            "album_id, model_set FROM title WHERE name = ?",
            [name],
        ).fetchone()
        if row is None:
            known = connection.execute("SELECT name FROM title ORDER BY name").fetchall()
            names = ", ".join(repr(known_name) for (known_name,) in known) or "none yet"
            raise BookscoreError(f"there is no title {name!r}; the warehouse has {names}")
        book_id, film_ids, album_id, model_set = row
        return cls(name, book_id, tuple(film_ids or ()), album_id, model_set)

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
    run : Run
        The warehouse, the settings, and the models that the media were ingested with.
    title : Title

    Raises
    ------
    BookscoreError
        A setting does not take its value.
    """

    def __init__(self, run: Run, title: Title) -> None:
        self.runner, self.warehouse, self.title = run, run.warehouse, title
        ids = {"title_id": title.title_id, "book_id": title.book_id, "album_id": title.album_id}
        self.parameters: dict[str, object] = {**parameters(run.settings), **ids}

    def run(self) -> None:
        """Do what is not done yet.

        Raises
        ------
        BookscoreError
            Shazam gives no answers, or an audit found rows; the warehouse keeps the soundtrack it had.
        """
        run = self.runner
        with claimed(self.warehouse.folder, [self.title.title_id], run.say):
            self.hearings = [hear(run, film_id, self.title.album_id) for film_id in self.title.film_ids]
            with self.warehouse.reading() as connection:
                is_done = ledger.is_done(connection, self._step("title.weave"), self._woven_key(connection))
            if is_done and not run.force:
                run.progress("title.weave", "skipped")
                return
            run.progress("title.weave", "started")
            with self.warehouse.transaction() as connection:
                self._weave(connection)
            run.progress("title.weave", "done")

    def _weave(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Align what is not aligned yet, weave and check: all of it holds, or nothing does."""
        started_at, step, key = now(), self._step("title.align"), self._aligned_key(connection)
        if self.runner.force or not ledger.is_done(connection, step, key):
            self._align(connection)
            ids = [self.title.book_id, *self.title.film_ids]
            ledger.record(
                self.warehouse, step, key, started_at, n_rows=len(self.title.film_ids),
                built_on=_steps(ledger.done(connection, ids)), statements=["align"],
            )  # fmt: skip
            started_at = now()
        self._write_title(connection)
        sql_runner.derive(self.warehouse, "weave", self.parameters)
        sql_runner.audit(self.warehouse, self.parameters)
        counted = connection.execute(
            "SELECT count(*) FROM soundtrack WHERE title_id = ?", [self.title.title_id]
        ).fetchall()
        ledger.record(
            self.warehouse, self._step("title.weave"), self._woven_key(connection), started_at, n_rows=counted[0][0],
            built_on=_steps(ledger.done(connection, self._sources())), statements=["weave"],
        )  # fmt: skip

    def _step(self, stage: str) -> Step:
        return Step("title", self.title.title_id, stage)

    def _sources(self) -> list[str]:
        """All items that the soundtrack is derived from."""
        hearings = [hearing.item_id for hearing in self.hearings]
        return [self.title.book_id, *self.title.film_ids, self.title.album_id, *hearings]

    def _aligned_key(self, connection: duckdb.DuckDBPyConnection) -> Key:
        built_on = ledger.done(connection, [self.title.book_id, *self.title.film_ids])
        statements = ledger.statements_hash("align")
        model_id = self.runner.models.model_id("image_text")
        return Key(
            ledger.digest([built_on, self.title.film_ids, statements]),
            ledger.digest(self.parameters),
            model_id,
        )

    def _woven_key(self, connection: duckdb.DuckDBPyConnection) -> Key:
        statements = [ledger.statements_hash(folder) for folder in ("align", "weave", "audits")]
        decided = connection.execute(
            "FROM decision WHERE title_id = ? ORDER BY ALL", [self.title.title_id]
        ).fetchall()
        built_on = [
            ledger.done(connection, self._sources()),
            self.title.film_ids,
            self.hearings,
            statements,
            decided,
        ]
        return Key(
            ledger.digest(built_on), ledger.digest(self.parameters), self._aligned_key(connection).model_id
        )

    def _write_title(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Write down what the title is made of, with which models and how its films were heard."""
        title = self.title
        connection.execute("DELETE FROM title WHERE title_id = ?", [title.title_id])
        connection.execute(
            "INSERT INTO title (title_id, name, book_id, film_id, album_id, model_set) VALUES (?, ?, ?, ?, ?, ?)",
            [
                title.title_id, title.name, title.book_id, title.film_ids[0] if title.film_ids else None,
                title.album_id, self.runner.models.model_set,
            ],
        )  # fmt: skip
        connection.execute("DELETE FROM title_film WHERE title_id = ?", [title.title_id])
        for film_no, hearing in enumerate(self.hearings, 1):
            connection.execute(
                "INSERT INTO title_film (title_id, film_no, film_id, recogniser, min_score) VALUES (?, ?, ?, ?, ?)",
                [title.title_id, film_no, hearing.film_id, hearing.recogniser, hearing.min_score],
            )

    def _align(self, connection: duckdb.DuckDBPyConnection) -> None:
        for table in PER_FILM:  # the title may have had other films
            connection.execute(f"DELETE FROM {table} WHERE title_id = ?", [self.title.title_id])
        for film_id in self.title.film_ids:
            self._image_hits(film_id)
            sql_runner.derive(self.warehouse, "align", {**self.parameters, "film_id": film_id})

    def _image_hits(self, film_id: str) -> None:
        """Fill image_hit: the frames nearest to each visual sentence (FAISS), for SQL to choose from."""
        model_id = self.runner.models.model_id("image_text")
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


def _steps(rows: list[tuple[object, ...]]) -> list[tuple[str, int, str]]:
    return [(str(item_id), int(str(part)), str(stage)) for item_id, part, stage, *_ in rows]
