"""The peak memory of a piece of work, measured in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

LIMIT_MIB = 1024

READ = """
import json, resource, sys
from pathlib import Path
from bookscore.engine.errors import BookscoreError
from bookscore.ingest.book import medium
from bookscore.ingest.book.formats import book_file, publication
path, said = Path(sys.argv[1]), None
try:
    medium.sources(path)
    medium.tables("book", path, book_file.read(path))
    book_file.publication_of(path)
except BookscoreError as error:
    said = str(error)
print(json.dumps([said, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


@dataclass(frozen=True)
class Reading:
    """What reading a book came to: the line it was refused with, and the peak of memory in MiB."""

    refused: str | None
    peak_mib: float


def reading(path: Path) -> Reading:
    """Read a book to its rows, its cover and its sheets in a process of its own."""
    # Started by a small process: the peak of a forked child begins with its parent's memory.
    started = [
        sys.executable,
        "-c",
        "import os, sys; sys.exit(os.spawnv(os.P_WAIT, sys.argv[1], sys.argv[1:]))",
    ]
    done = subprocess.run(
        [*started, sys.executable, "-c", READ, str(path)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return Reading(*json.loads(done.stdout.splitlines()[-1]))
