"""Claims on items: two runs never work on the same item at once, and the second says for whom it waits."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


@contextmanager
def claimed(folder: Path, item_ids: Sequence[str], say: Callable[[str], None]) -> Iterator[None]:
    """Hold the claims on items; one that another process holds is waited for.

    The system lets go of a claim when its process ends, however it ends.

    Parameters
    ----------
    folder : Path
        The warehouse's folder.
    item_ids : sequence of str
    say : callable
        Told in one line for which process this one waits.
    """
    locks = folder / "locks"
    locks.mkdir(exist_ok=True)
    with ExitStack() as held:
        for item_id in sorted(set(item_ids)):  # all in one order: no two runs wait for each other
            lock, holder = FileLock(locks / f"{item_id}.lock"), locks / f"{item_id}.pid"
            try:
                lock.acquire(timeout=0)
            except Timeout:
                pid = holder.read_text() if holder.exists() else "unknown"
                say(f"waiting for pid {pid}, which works on {item_id}")
                lock.acquire()
            held.callback(lock.release)
            holder.write_text(str(os.getpid()))
        yield
