"""The settings as a command shows them, and as the documentation's tables.

To write the tables into the documentation again: ``python -m bookscore.commands.settings docs``.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from bookscore.commands.progress import show
from bookscore.commands.session import Session
from bookscore.commands.work import SETTINGS
from bookscore.engine.settings import Setting, Value
from bookscore.queries import atomic

TABLE = re.compile(r"(<!-- settings: ([\w. ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_obj
def settings(session: Session, names: tuple[str, ...], form: str) -> None:
    """List the settings with their values, ranges and reasons: all, or those whose names begin with NAME.

    A value comes from, the later overriding the earlier: the default; bookscore.toml in your configuration folder;
    bookscore.toml in the warehouse's folder or, if there is none, in its parent folder; --set. A title that is woven
    again by its name keeps its values, except those given with --set.

    \b
    Examples:
      bookscore settings weave
      bookscore settings film.scene book --format json
    """
    for name in names:
        if not list(chosen([name])):
            raise click.UsageError(
                f"no setting's name begins with {name!r}; without a name, all settings are listed"
            )
    in_force = session.in_force()
    rows = [(setting, *in_force[setting.name]) for setting in chosen(names)]
    if form == "json":
        show(json.dumps([as_json(*row) for row in rows], indent=2))
        return
    for setting, value, where in rows:
        changed = "" if value == setting.default else f"; default {setting.default}"
        source = "" if where == "default" else f"; set by {where}"
        shown = f"{setting.name} = {value} {_unit(setting)}".rstrip()
        show(f"{shown}  ({setting.range}{changed}{source})\n    {setting.why}")


def chosen(names: Iterable[str]) -> Iterator[Setting]:
    """The settings whose names begin with one of `names`; all of them without any."""
    return (s for s in SETTINGS.values() if not names or s.name.startswith(tuple(names)))


def as_json(setting: Setting, value: Value, where: str) -> dict[str, object]:
    """A setting with its value in force, for JSON.

    Parameters
    ----------
    setting : Setting
    value : float, int or str
        The value in force.
    where : str
        Where it comes from: "default", a configuration file's path, or an option.
    """
    return {
        "name": setting.name,
        "value": value,
        "from": where,
        "default": setting.default,
        "type": type(setting.default).__name__,
        "unit": setting.unit,
        "least": setting.least,
        "most": setting.most,
        "choices": setting.choices,
        "why": setting.why,
    }


def _unit(setting: Setting) -> str:
    """The unit of a number: of a text it is the range."""
    return "" if setting.unit is None or isinstance(setting.default, str) else setting.unit


def markdown(names: Iterable[str]) -> str:
    """The table of the settings whose names begin so."""
    rows = [
        f"| `{s.name}` | {s.default} | {_unit(s)} | {s.range} | {s.why.replace('|', '∣')} |"
        for s in chosen(names)
    ]
    return "\n".join(["| setting | default | unit | values | why |", "|---|---|---|---|---|", *rows, ""])


def with_tables(page: str) -> str:
    """A page of the documentation with the tables between its marks made anew."""
    return TABLE.sub(lambda found: f"{found[1]}{markdown(found[2].split())}{found[3]}", page)


if __name__ == "__main__":
    for path in Path(sys.argv[1]).glob("*.md"):
        page = path.read_text(encoding="utf-8")
        if page != with_tables(page):
            atomic.write_text(path, with_tables(page))
