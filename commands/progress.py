"""What the program says while it works: on stderr, as a live display where that is a terminal."""

from __future__ import annotations

import time

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from bookscore.engine.printable import printable


def show(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print a text: every command prints through here, so that no name or line of a file acts on the terminal.

    Parameters
    ----------
    text : str
    err : bool
        To stderr.
    nl : bool
        End it with a line feed.
    """
    click.echo(printable(text), err=err, nl=nl)


class Reporter:
    """Says what starts, what is done and what is skipped.

    Parameters
    ----------
    verbosity : int
        -1 says nothing, 0 a line for each thing done or skipped, 1 also what starts.
    live : bool
        Show running work on the terminal; plain lines where stderr is none.
    """

    def __init__(self, verbosity: int, live: bool) -> None:
        self.console = Console(stderr=True, highlight=False)
        self.verbosity = verbosity
        self._started: dict[str, float] = {}
        self._shown: dict[str, TaskID] = {}
        self._live: Progress | None = None
        if live and verbosity >= 0 and self.console.is_terminal:
            columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
            self._live = Progress(*columns, console=self.console, transient=True)

    def __enter__(self) -> Reporter:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def __call__(self, what: object, state: str) -> None:
        """`state` is started, done, skipped or failed; or told, where `what` is a line for the user."""
        name = str(what)
        if state == "told":
            self.say(name)
            return
        if state == "started":
            self._started[name] = time.monotonic()
            if self._live:
                self._shown[name] = self._live.add_task(name, total=None)
            elif self.verbosity > 0:
                self.say(f"{name} …")
            return
        if name in self._shown and self._live:
            self._live.remove_task(self._shown.pop(name))
        if state == "skipped":
            self.say(f"{name}: already done, skipped")
        elif state == "done":
            self.say(f"{name}: {time.monotonic() - self._started[name]:.1f} s")

    def say(self, line: str) -> None:
        """A line for the user."""
        if self.verbosity >= 0:
            self.console.print(printable(line), markup=False, emoji=False, soft_wrap=True)
