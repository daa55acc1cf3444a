"""What can go wrong, as the user sees it: one clear line and an exit code."""

from __future__ import annotations

import errno
import os
from typing import Any

import click
import duckdb

from engine.errors import BelowGate, BookscoreError


class OneLine(click.ClickException):
    """An error as the user sees it: one line."""

    def show(self, file: Any = None) -> None:
        click.echo(f"bookscore: {self.message}", err=True)


class LineBelowGate(OneLine):
    """The line of a run that finished below the quality gate."""

    exit_code = 3


class Front(click.Group):
    """The program: turns what can go wrong into one clear line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except BookscoreError as error:
            raise (LineBelowGate if isinstance(error, BelowGate) else OneLine)(str(error)) from error
        except KeyboardInterrupt as error:
            raise OneLine(
                "interrupted; what is finished is kept: run the same command again to go on"
            ) from error
        except MemoryError as error:
            raise OneLine("out of memory: run again with --jobs 1, or on a machine with more") from error
        except Exception as error:
            if isinstance(error, OSError | duckdb.Error) and _disk_is_full(error):
                folder = ctx.params["warehouse"]
                raise OneLine(
                    f"no space left on the disk of {folder}: free some, then run the same command again"
                ) from error
            if ctx.params["verbose"]:
                raise
            raise OneLine(
                f"{type(error).__name__}: {error} (a fault of the program: -v shows where)"
            ) from error


def _disk_is_full(error: Exception) -> bool:
    full = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return getattr(error, "errno", None) in full or any(os.strerror(code) in str(error) for code in full)
