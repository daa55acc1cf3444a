"""The configuration files: the same settings as ``--set``, in TOML tables by prefix.

One lies in the user's own configuration folder, one beside the warehouse::

    [weave]
    film_weight = 2.0
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from platformdirs import user_config_path

from bookscore.engine.errors import BookscoreError
from bookscore.engine.settings import Setting, Settings, declaration

NAME = "bookscore.toml"


def files(warehouse: Path) -> list[Path]:
    """The files there are, in rising precedence: the user's, then the warehouse's.

    The warehouse's is the one in its folder, else the one in the folder that holds this.

    Raises
    ------
    BookscoreError
        It cannot be told whether there is a file.
    """
    user = user_config_path("bookscore") / NAME
    try:
        beside = [path for path in (warehouse / NAME, warehouse.absolute().parent / NAME) if path.exists()][
            :1
        ]
        return [*([user] if user.exists() else []), *beside]
    except OSError as error:
        raise _unreadable(error.filename, error) from error


def read(path: Path, declared: Mapping[str, Setting]) -> Settings:
    """What a file sets.

    Parameters
    ----------
    path : Path
    declared : Mapping[str, Setting]
        All settings by name.

    Raises
    ------
    BookscoreError
        The file cannot be read or is no TOML, or names a setting that there is not, or a value that it does not
        take. Begins with the file's path.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise _unreadable(path, error) from error
    except (ValueError, RecursionError) as error:  # broken TOML, bytes that are not UTF-8, endless nesting
        raise BookscoreError(f"{path}: is not valid TOML ({error})") from error
    found: Settings = {}
    for part, values in document.items():
        if not isinstance(values, dict):
            raise BookscoreError(
                f"{path}: {part!r} is outside any table: write the setting part.name as 'name = value' under [part]"
            )
        if not any(name.startswith(f"{part}.") for name in declared):
            tables = ", ".join(dict.fromkeys(f"[{name.partition('.')[0]}]" for name in declared))
            raise BookscoreError(f"{path}: there is no table [{part}] of settings: choose one of {tables}")
        for name, value in values.items():
            try:
                found[f"{part}.{name}"] = declaration(declared, f"{part}.{name}").checked(value)
            except BookscoreError as error:
                raise BookscoreError(f"{path}: {error}") from error
    return found


def _unreadable(path: object, error: OSError) -> BookscoreError:
    return BookscoreError(f"{path}: cannot be read ({error.strerror}): check the path and its permissions")
