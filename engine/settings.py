"""The settings of all stages, and how a user changes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import click

from bookscore.engine.errors import BookscoreError

Settings = dict[str, float | int | str]


def changed(defaults: Mapping[str, float | int | str], pairs: Iterable[str]) -> Settings:
    """The defaults, changed by NAME=VALUE pairs; a value is read as its default's type.

    Raises
    ------
    click.BadParameter
        There is no such setting, or it wants another kind of value.
    """
    settings = dict(defaults)
    for pair in pairs:
        name, _, value = pair.partition("=")
        if name not in defaults:
            raise click.BadParameter(
                f"{name!r} is no setting; 'bookscore settings' lists them", param_hint="--set"
            )
        try:
            settings[name] = type(defaults[name])(value)
        except ValueError as error:
            raise click.BadParameter(
                f"{name} wants a value like {defaults[name]!r}, not {value!r}", param_hint="--set"
            ) from error
    return settings


def at_least(least: float, settings: Mapping[str, float | int | str], *names: str) -> None:
    """Refuse settings that are too small.

    Raises
    ------
    BookscoreError
        One of `names` is less than `least`, or no number.
    """
    for name in names:
        if not float(settings[name]) >= least:  # NaN, too, is refused
            raise BookscoreError(f"{name} is {settings[name]}: give {least} or more")
