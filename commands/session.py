"""The program's face: what its global options say, and what can go wrong, as one clear line and an exit code."""

from __future__ import annotations

import errno
import io
import os
import select
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import click
import duckdb

from bookscore.commands import config
from bookscore.commands.progress import Reporter, show
from bookscore.engine.errors import BelowGate, BookscoreError
from bookscore.engine.models import Models
from bookscore.engine.runner import Run, Task
from bookscore.engine.settings import Setting, Settings, Value, defaults
from bookscore.engine.warehouse import Warehouse
from bookscore.queries import status

PIPE_CLOSED = 141  # as the shell tells that a program ended by SIGPIPE


class OneLine(click.ClickException):
    """An error as the user sees it: one line."""

    def show(self, file: Any = None) -> None:
        show(f"bookscore: {self.message}", err=True)


class LineBelowGate(OneLine):
    """The line of a run that finished below the quality gate."""

    exit_code = 3


class Front(click.Group):
    """The program: turns what can go wrong into one clear line."""

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """Parse the arguments, as click does; --help is printed here.

        Parameters
        ----------
        *args, **options
            Passed on to click.
        """
        try:
            return super().make_context(*args, **options)
        except BrokenPipeError as error:
            if _reader_is_gone():
                raise click.exceptions.Exit(PIPE_CLOSED) from error
            raise

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except BookscoreError as error:
            raise (LineBelowGate if isinstance(error, BelowGate) else OneLine)(str(error)) from error
        except KeyboardInterrupt as error:
            raise OneLine(
                "interrupted; what is finished is kept: run the same command again to resume"
            ) from error
        except MemoryError as error:
            raise OneLine("out of memory: run again with --jobs 1, or on a machine with more") from error
        except Exception as error:
            if isinstance(error, BrokenPipeError) and _reader_is_gone():
                ctx.exit(PIPE_CLOSED)
            if isinstance(error, OSError | duckdb.Error) and _disk_is_full(error):
                folder = ctx.params["warehouse"]
                raise OneLine(
                    f"no space left on the disk of {folder}: free some, then run the same command again"
                ) from error
            if ctx.params["verbose"]:
                raise
            raise OneLine(
                f"{type(error).__name__}: {error} (a fault of the program: -v shows the traceback)"
            ) from error


def _reader_is_gone() -> bool:
    """Whether nobody reads standard output any more, as after ``| head``; if so, what is left goes nowhere."""
    try:
        output = sys.stdout.fileno()
    except io.UnsupportedOperation:  # no file: the program runs inside another
        return False
    poll = select.poll()
    poll.register(output, 0)
    if not any(state & select.POLLERR for _, state in poll.poll(0)):
        return False
    # The interpreter flushes again at its end, and would complain.
    os.dup2(os.open(os.devnull, os.O_WRONLY), output)
    return True


def _disk_is_full(error: Exception) -> bool:
    full = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return getattr(error, "errno", None) in full or any(os.strerror(code) in str(error) for code in full)


class Session:
    """What the global options say.

    Attributes
    ----------
    declared : Mapping[str, Setting]
        All settings by name.
    given : dict of str to (value, str)
        Settings that are given on the command line, each with the option that gives it.
    woven : dict
        Settings that the title was woven with before, when it is woven again.
    """

    def __init__(
        self,
        warehouse: Path,
        jobs: int,
        verbosity: int,
        live: bool,
        force: bool,
        models: str,
        declared: Mapping[str, Setting],
    ) -> None:
        self.warehouse, self.jobs, self.force, self.models = warehouse, jobs, force, models
        self.declared = declared
        self.given: dict[str, tuple[Value, str]] = {}
        self.woven: Settings = {}
        self.reporter = Reporter(verbosity, live)
        self.device = ""

    def choose_models(self) -> Models:
        from bookscore.engine.models.catalogue import choose

        model_set, note = choose(self.models)
        if note:
            self.reporter.say(note)
        return Models(model_set)

    @cached_property
    def _configured(self) -> list[tuple[str, Settings]]:
        """The files that set something, in rising precedence, each with what it sets."""
        return [(str(path), config.read(path, self.declared)) for path in config.files(self.warehouse)]

    def in_force(self) -> dict[str, tuple[Value, str]]:
        """All settings by name: the value, and where it comes from."""
        found = {name: (value, "default") for name, value in defaults(self.declared.values()).items()}
        for where, values in (*self._configured, ("the title", self.woven)):
            found |= {name: (value, where) for name, value in values.items()}
        return found | self.given

    @property
    def settings(self) -> Settings:
        """The values in force, by name."""
        return {name: value for name, (value, _) in self.in_force().items()}

    @contextmanager
    def run(self) -> Iterator[Run]:
        settings = self.settings  # read before anything is made
        warehouse = Warehouse(self.warehouse, say=self.reporter.say)
        with self.reporter:
            yield Run(
                warehouse,
                settings,
                self.choose_models(),
                force=self.force,
                progress=self.progress,
                say=self.reporter.say,
            )

    def progress(self, task: Task | str, state: str) -> None:
        """Told of each task; says once where models run.

        Parameters
        ----------
        task : Task or str
        state : str
            started, done, skipped or failed.
        """
        if state == "started" and isinstance(task, Task) and task.stage.models and not self.device:
            from bookscore.engine.models.device import described

            self.device = described()
            self.reporter.say(f"models run on {self.device}")
        self.reporter(task, state)

    @contextmanager
    def reading(self, *, closed: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that cannot change the warehouse.

        Parameters
        ----------
        closed : bool
            Shut other files and the network out, for statements that are the user's own.
        """
        warehouse = Warehouse(self.warehouse, create=False, say=self.reporter.say)
        with warehouse.reading(closed=closed) as connection:
            yield connection

    @contextmanager
    def reading_title(self, name: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """The same, on a woven title that is up to date.

        Raises
        ------
        BookscoreError
            The title is out of date.
        """
        with self.reading() as connection:
            if stale := status.stale(connection, name):
                if stale.is_broken:
                    raise BookscoreError(stale.line)
                self.reporter.say(stale.line)
            yield connection
