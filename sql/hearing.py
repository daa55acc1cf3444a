"""Which of an album's music is heard in a film, and when: windows from the recogniser, runs of them from ``sql/heard``.

Both are shared by all titles of the same film, album, recogniser and least score.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bookscore.engine import ledger, sql_runner
from bookscore.engine.errors import BookscoreError
from bookscore.engine.ledger import Key, Step
from bookscore.engine.runner import Run
from bookscore.engine.warehouse import Warehouse, now
from bookscore.ingest.heard import medium, shazam

if TYPE_CHECKING:
    import numpy as np
    import polars as pl


@dataclass(frozen=True)
class Hearing:
    """How a film's music was recognised for a title.

    Attributes
    ----------
    film_id, album_id : str
    recogniser : str
        The one that was used in the end.
    min_score : float
        What a run had to reach.
    """

    film_id: str
    album_id: str
    recogniser: str
    min_score: float

    @property
    def item_id(self) -> str:
        """Of the runs, in the ledger."""
        return "heard-" + ledger.digest([self.film_id, self.album_id, self.recogniser, self.min_score])[:10]


def hear(run: Run, film_id: str, album_id: str) -> Hearing:
    """Recognise the album's music in the film, where that is not done yet.

    Parameters
    ----------
    run : Run
        Its settings tell the recogniser, and another one to go on with where Shazam gives no answers.
    film_id, album_id : str

    Raises
    ------
    BookscoreError
        Shazam gives no answers, and no other recogniser was asked for.
    """
    recogniser, fallback = (str(run.settings[f"weave.{name}"]) for name in ("recogniser", "shazam_fallback"))
    min_score = float(run.settings["weave.heard_score"])
    try:
        return _hear(run, Hearing(film_id, album_id, recogniser, min_score))
    except BookscoreError as error:
        if recogniser != "shazam" or fallback == "none":
            raise
        run.say(f"{error}: continuing with --recogniser {fallback}")
        return _hear(run, Hearing(film_id, album_id, fallback, min_score))


def _hear(run: Run, hearing: Hearing) -> Hearing:
    ask = partial(_ask, run, hearing.film_id)
    item = medium.item(hearing.film_id, hearing.album_id, hearing.recogniser, ask)
    run.ingest([item])
    step, sources = Step("heard", hearing.item_id, "heard.runs"), [item.item_id, *item.parents]
    stages = ("heard.windows", "film.sound", "album.sound")
    with run.warehouse.reading() as connection:
        built_on = ledger.done(connection, sources, stages)
        key = Key(
            ledger.digest([built_on, ledger.statements_hash("heard")]), ledger.digest(hearing.min_score)
        )
        if ledger.is_done(connection, step, key) and not run.force:
            return hearing
    started_at = now()
    with run.warehouse.transaction() as connection:
        parameters = {**item.keys, "min_score": hearing.min_score}
        sql_runner.derive(run.warehouse, "heard", parameters)
        ledger.record(
            run.warehouse, step, key, started_at, statements=["heard"],
            built_on=[(str(i), int(str(part)), str(stage)) for i, part, stage, *_ in built_on],
        )  # fmt: skip
    return hearing


def _ask(run: Run, film_id: str, sound: Iterable[np.ndarray], duration_s: float) -> pl.DataFrame:
    told = shazam.told_in_lines(run.say)
    n_windows = shazam.count_windows(duration_s)
    return shazam.ask_all(ShazamAnswers(run.warehouse, film_id), sound, n_windows, progress=told)


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
        with self.warehouse.reading() as connection:
            known = connection.execute(
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
