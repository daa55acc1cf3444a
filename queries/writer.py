"""What every export has in common: the protocol that its ``write`` follows."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import duckdb


class TitleWriter(Protocol):
    """Writes a woven title in one form.

    A ``write`` that follows it documents what it writes, its options, which are named, and what else it
    returns or raises.
    """

    def __call__(
        self, connection: duckdb.DuckDBPyConnection, name: str, output: Path, /, *args: Any, **options: Any
    ) -> object:
        """Write the title to `output`.

        Parameters
        ----------
        connection : duckdb.DuckDBPyConnection
            On the warehouse; it is only read.
        name : str
            Name of the title.
        output : Path
            File or folder to write. It is replaced whole: if the export fails, what was there stays.
        *args, **options
            What the form leaves to the user.

        Returns
        -------
        object
            A str is a line to show the user; anything else is for other callers.

        Raises
        ------
        BookscoreError
            There is no such title, it is not woven, a track cannot be read, or `output` cannot be written.
        """
