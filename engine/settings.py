"""The settings: one declaration each, which says what values a setting takes and why it is there."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from bookscore.engine.errors import BookscoreError

Value = float | int | str
Settings = dict[str, Value]
"""Values by name."""


@dataclass(frozen=True)
class Setting:
    """The declaration of a setting.

    Attributes
    ----------
    name : str
        ``part.name``, e.g. ``book.segment_words``; the part is a medium, or ``weave``.
    default : float, int or str
        Its type is the setting's.
    why : str
        What the setting does, and why the default is what it is.
    unit : str or None
        Of a number; what a text without choices has to be, e.g. ``code of ISO 639``.
    least, most : float or None
        The range of a number, both ends included.
    choices : tuple or None
        All values there are.
    is_valid : callable or None
        Whether a text without choices can be used.
    """

    name: str
    default: Value
    why: str
    unit: str | None = None
    least: float | None = None
    most: float | None = None
    choices: tuple[Value, ...] | None = None
    is_valid: Callable[[str], bool] | None = None

    @property
    def range(self) -> str:
        """The values it takes: ``0 to 1``, ``1 or more``, ``ours, paper``; of a text without choices, its unit."""
        if self.choices:
            return ", ".join(map(str, self.choices))
        if isinstance(self.default, str):
            return self.unit or "text"
        least, most = (None if end is None else f"{end:.15g}" for end in (self.least, self.most))
        if least is None:
            return "any" if most is None else f"at most {most}"
        return f"{least} or more" if most is None else f"{least} to {most}"

    def read(self, text: str) -> Value:
        """The value that a text stands for.

        Raises
        ------
        BookscoreError
            As `checked` does.
        """
        try:
            return self.checked(type(self.default)(text))
        except ValueError:
            return self.checked(text)  # which tells what is wanted

    def checked(self, value: object) -> Value:
        """The value as the setting's type.

        Raises
        ------
        BookscoreError
            It is of another type, no finite number, out of range or none of the choices.
        """
        if type(value) is int and isinstance(self.default, float) and abs(value) < 2**53:
            value = float(value)
        if type(value) is not type(self.default) or not self._takes(value):
            raise BookscoreError(f"{self.name} is {_shown(value)}: give {self._wanted()}")
        return value

    def _takes(self, value: Value) -> bool:
        if self.choices:
            return value in self.choices
        if isinstance(value, str):
            return bool(value.strip()) and (self.is_valid is None or self.is_valid(value))
        too_small = self.least is not None and value < self.least
        too_great = self.most is not None and value > self.most
        return (isinstance(value, int) or math.isfinite(value)) and not too_small and not too_great

    def _wanted(self) -> str:
        if self.choices:
            return f"one of {self.range}" if len(self.choices) > 2 else " or ".join(map(str, self.choices))
        if isinstance(self.default, str):
            return f"a {self.unit or 'text'}"
        kind = "a whole number" if isinstance(self.default, int) else "a number"
        return f"{kind}, {self.range}" + (f" ({self.unit})" if self.unit else "")


def _shown(value: object) -> str:
    try:
        shown = reprlib.repr(value)
        return shown if len(shown) <= 60 else f"{shown[:60]}…"  # what is nested is not short
    except ValueError:  # Python writes out no whole number of more than some thousand digits
        return "a number with too many digits"


def defaults(declared: Iterable[Setting]) -> Settings:
    """The default values by name."""
    return {setting.name: setting.default for setting in declared}


def declaration(declared: Mapping[str, Setting], name: str) -> Setting:
    """The setting of that name.

    Parameters
    ----------
    declared : Mapping[str, Setting]
        All settings by name.
    name : str

    Raises
    ------
    BookscoreError
        There is none; tells the name that is most like it.
    """
    if name not in declared:
        near = get_close_matches(name, declared, n=1, cutoff=0.7)
        parts = dict.fromkeys(f"{known.partition('.')[0]}." for known in declared)
        hint = f"did you mean {near[0]}?" if near else f"names begin with {', '.join(parts)}"
        raise BookscoreError(f"there is no setting {_shown(name)}: {hint}")
    return declared[name]


def read_pairs(declared: Mapping[str, Setting], pairs: Iterable[str]) -> Settings:
    """The values that ``NAME=VALUE`` pairs give.

    Parameters
    ----------
    declared : Mapping[str, Setting]
        All settings by name.
    pairs : iterable of str

    Raises
    ------
    BookscoreError
        There is no such setting, or it does not take the value.
    """
    return {
        name: declaration(declared, name).read(value)
        for name, _, value in (pair.partition("=") for pair in pairs)
    }


def check(declared: Iterable[Setting], values: Mapping[str, Value]) -> Settings:
    """The values of the declared settings.

    Parameters
    ----------
    declared : iterable of Setting
    values : Mapping[str, float | int | str]
        By name; may have other settings, too.

    Raises
    ------
    BookscoreError
        A setting does not take its value.
    """
    return {setting.name: setting.checked(values[setting.name]) for setting in declared}
