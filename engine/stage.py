"""What an ingest module hands to the engine: stages, pure functions from files to tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from bookscore.engine.models import Models
from bookscore.engine.settings import Setting

Tables = dict[str, pl.DataFrame]


@dataclass(frozen=True)
class Inputs:
    """All that a stage may look at.

    Attributes
    ----------
    item_id : str
        Id of the book, film or album; every row the stage makes carries it.
    part : int
        ``track_no`` where the stage runs once a track, else 0.
    files : Mapping[str, Path]
        The item's files by role, e.g. ``{"video": ..., "subtitles": ...}``; an absent role has no key.
    settings : Mapping[str, float | int | str]
        The settings the stage names.
    given : Mapping[str, polars.DataFrame]
        The item's rows (the part's, where the stage has parts) of the tables the stage names,
        in primary-key order.
    models : Models
        Loaded on first use.
    """

    item_id: str
    part: int
    files: Mapping[str, Path]
    settings: Mapping[str, float | int | str]
    given: Mapping[str, pl.DataFrame]
    models: Models


@dataclass(frozen=True)
class Stage:
    """A step of an ingest job: ``run(inputs)`` returns the item's new rows of ``makes``.

    Attributes
    ----------
    name : str
        ``medium.step``, e.g. ``book.read``.
    run : callable
        Module-level (it may run in another process), without side effects, deterministic.
        Returns a frame for every table in ``makes``; columns match by name.
    makes : tuple of str
        Tables whose rows of the item (and part) are replaced by what ``run`` returns.
    files : tuple of str
        Roles of the files it reads, ``("*",)`` for all. A stage that names roles runs only where the
        item has one of them.
    given : tuple of str
        Tables it reads, made by earlier stages of the item.
    after : tuple of str
        Names of the stages it builds on: it runs again when one of them ran again.
    settings : tuple of str
        Names of the settings its rows depend on.
    models : tuple of str
        Tasks of the models it uses: sentence, image_text, emotion.
    each : str or None
        Table with a row for every part of the item (``track``): the stage runs once a row.
    version : int
        To be raised when the stage's figures change, so that old rows are made anew.
    """

    name: str
    run: Callable[[Inputs], Tables]
    makes: tuple[str, ...]
    files: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    each: str | None = None
    version: int = 1


@dataclass(frozen=True)
class Medium:
    """An ingest module as the engine sees it.

    Attributes
    ----------
    name : str
        book, film or album: also the name of its main table, whose id column is ``{name}_id``.
    stages : tuple of Stage
        In an order in which they can run.
    settings : tuple of Setting
        Those that its stages name.
    part_column : str or None
        Column that tells the parts apart in tables made by stages with ``each``.
    """

    name: str
    stages: tuple[Stage, ...]
    settings: tuple[Setting, ...] = ()
    part_column: str | None = None
