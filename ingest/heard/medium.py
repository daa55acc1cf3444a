"""What is heard of an album in a film: an item of the ledger, made of the two of them by one recogniser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from bookscore.engine.errors import BookscoreError
from bookscore.engine.ledger import digest
from bookscore.engine.runner import Item
from bookscore.engine.stage import Inputs, Medium, Stage, Tables

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np

RECOGNISERS = ("album", "landmarks", "shazam")
"""album: whitened correlation with the album's own sound; landmarks: hashes, matched in SQL."""

WINDOWS = {
    "window_no": pl.Int32, "start_s": pl.Float64, "end_s": pl.Float64, "track_no": pl.Int32,
    "offset_s": pl.Float64, "score": pl.Float64, "speed": pl.Float64,
}  # fmt: skip

Ask = Callable[["Iterable[np.ndarray]", float], pl.DataFrame]
"""Has an answer of Shazam's for each window of a film's sound, so many seconds long (`shazam.ask_all`)."""


def item(film_id: str, album_id: str, recogniser: str, ask: Ask | None = None) -> Item:
    """The item of a film, an album and a recogniser; every title of the three has it in common.

    Parameters
    ----------
    film_id, album_id : str
    recogniser : str
        One of `RECOGNISERS`.
    ask : callable or None
        Asks Shazam; wanted for that recogniser alone.
    """
    keys = {"film_id": film_id, "album_id": album_id, "recogniser": recogniser}
    return Item(
        _medium(recogniser, ask), f"heard-{digest(keys)[:10]}", keys=keys, parents=(film_id, album_id)
    )


def _medium(recogniser: str, ask: Ask | None) -> Medium:
    after = ("film.sound", "album.sound")
    if recogniser == "album":
        stage = Stage(
            "heard.windows", _correlate, makes=("heard_window",), given=("film_sound", "track_sound"),
            after=after, version=2,
        )  # fmt: skip
    elif recogniser == "shazam" and ask:
        stage = Stage(
            "heard.windows", _Shazam(ask), makes=("heard_window",), given=("film", "track"),
            after=("film.read", "album.tracks", *after),
        )  # fmt: skip
    else:
        return Medium("heard", ())  # landmarks are matched in SQL
    return Medium("heard", (stage,))


def _correlate(inputs: Inputs) -> Tables:
    """The film's sound against the album's own recordings.

    Raises
    ------
    BookscoreError
        Film and album were read at different rates.
    """
    from bookscore.ingest.heard.correlation import blocks_to_array, recognise

    film, album = inputs.given["film_sound"], inputs.given["track_sound"]
    if film.is_empty() or album.is_empty():
        return {"heard_window": pl.DataFrame(schema=WINDOWS)}
    rates = sorted({*film["rate_hz"], *album["rate_hz"]})
    if len(rates) > 1:
        raise BookscoreError(
            f"film and album were decoded at different rates ({rates} Hz): ingest both again with --force"
        )
    tracks: Mapping[int, np.ndarray] = {
        int(no): blocks_to_array(rows) for (no,), rows in album.group_by("track_no", maintain_order=True)
    }
    return {"heard_window": recognise(blocks_to_array(film), tracks, int(film["rate_hz"][0]))}


class _Shazam:
    """A stage that asks Shazam about the film's sound; its answers are kept as they come, outside the stage's rows."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask

    def __call__(self, inputs: Inputs) -> Tables:
        from bookscore.ingest.heard import shazam
        from bookscore.ingest.media.sound import stream

        film = inputs.given["film"].row(0, named=True)
        sound = stream(Path(film["path"]), shazam.RATE_HZ) if film["has_sound"] else []
        return {"heard_window": shazam.places(self.ask(sound, film["duration_s"]), inputs.given["track"])}
