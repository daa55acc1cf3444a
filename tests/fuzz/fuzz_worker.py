"""Reads damaged files one after another, in a process that may die of one.

Run: python tests/fuzz/fuzz_worker.py KIND PATH    reads one file or folder, as build/fuzz keeps those that failed
     python tests/fuzz/fuzz_worker.py KIND --seed S --first N --seconds T --folder DIR    makes them, see `fuzzing`

A line of JSON tells of each: its number before it is read, and what came of it. A fault is anything else than a result
or one line of our own, more than `MOST_S` of the processor, or a peak of memory above `MOST_MIB`.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import resource
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
MOST_MIB = 1024.0
MOST_S = 10.0  # of the processor, for an input of at most 512 KiB
HANGS_S = 240.0  # of the clock: the machine may be busy
MIB = 2**20


def run(medium: Any, files: Mapping[str, Path], without: Iterable[str] = ()) -> dict[str, Any]:
    """All stages of a medium that need no model, one after the other: the rows that they make.

    Parameters
    ----------
    medium : Medium
    files : mapping of str to Path
        As its ``sources`` found them.
    without : iterable of str
        Names of stages that are not run.
    """
    from bookscore.engine.models import Models
    from bookscore.engine.settings import defaults
    from bookscore.engine.stage import Inputs

    made: dict[str, Any] = {}
    settings, models = defaults(medium.settings), Models("embedded")
    for stage in medium.stages:
        has_file = not stage.files or "*" in stage.files or set(stage.files) & set(files)
        if stage.models or stage.name in without or not has_file or not set(stage.given) <= set(made):
            continue
        given = {name: made[name] for name in stage.given}
        for part in made[stage.each].iter_slices(1) if stage.each else [None]:
            own = given if part is None else {**given, stage.each: part}
            number = 0 if part is None else part[medium.part_column].item()
            made = {**made, **stage.run(Inputs("fuzz", number, files, settings, own, models))}
    return made


def read_book(path: Path) -> None:
    from bookscore.ingest.book.medium import MEDIUM, sources

    run(MEDIUM, sources(path), ("book.people",))


def read_subtitles(path: Path) -> None:
    from bookscore.ingest.film.cues.stage import read_cues
    from bookscore.ingest.film.cues.subtitles import read_file
    from bookscore.ingest.film.medium import MEDIUM, sources

    files = sources(path) if path.suffix != ".mpl" else {"cues": path}
    made = run(MEDIUM, files, ("film.cues", "film.scenes"))
    read_file(path)
    assert made and read_cues


def read_album(path: Path) -> None:
    from bookscore.ingest.album.medium import MEDIUM, sources

    run(MEDIUM, sources(path), ("album.segments", "album.arousal"))


def read_film(path: Path) -> None:
    from bookscore.ingest.film.medium import MEDIUM, sources

    run(MEDIUM, sources(path))


READERS: dict[str, Callable[[Path], None]] = {
    "epub": read_book, "prose": read_book, "subtitles": read_subtitles, "album": read_album, "film": read_film,
}  # fmt: skip


def inputs(kind: str, seed: int, first: int, folder: Path) -> Iterator[tuple[int, Path]]:
    """Files made anew without end, by number: first the whole ones, then damaged ones; each replaces the one before.

    Parameters
    ----------
    kind : str
    seed, first : int
    folder : Path

    Yields
    ------
    (int, Path)
    """
    from fuzz_seeds import SEEDS, TOKENS, archived
    from mutation import changed, changed_archive

    seeds_in, here = folder / "seeds", folder / "input"
    seeds_in.mkdir(parents=True, exist_ok=True)
    seeds = SEEDS[kind](seeds_in)
    others = [data for seed_ in seeds for data in (*seed_.files.values(), *seed_.members.values())]
    number = first
    while True:
        random = Random(f"{seed}/{kind}/{number}")
        is_whole = number < len(seeds)
        chosen = seeds[number] if is_whole else random.choice(seeds)
        files = dict(chosen.files)
        if chosen.form == "zip":
            members = chosen.members
            files[chosen.main] = (
                archived(members) if is_whole else changed_archive(random, members, TOKENS[kind], others)
            )
        elif not is_whole:
            name = random.choice(list(files))
            files[name] = changed(random, files[name], chosen.form, TOKENS[kind], others)
        shutil.rmtree(here, ignore_errors=True)
        for name, data in files.items():
            (here / name).parent.mkdir(parents=True, exist_ok=True)
            (here / name).write_bytes(data)
        yield number, here / chosen.main if chosen.main else here
        number += 1


def one(kind: str, path: Path) -> dict[str, Any]:
    """Read a file here: its state (read, refused, fault), what was said, its seconds of the processor and peak."""
    from bookscore.engine.errors import BookscoreError
    from bookscore.engine.printable import printable

    _forget_peak()
    began_s = time.process_time()
    state, what = "read", ""
    faulthandler.dump_traceback_later(HANGS_S, exit=True)
    try:
        READERS[kind](path)
    except BookscoreError as error:
        state, what = "refused", str(error)
        if "\n" in printable(what) or not what:
            state, what = "fault", f"not one line: {what[:500]!r}"
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        place = traceback.extract_tb(error.__traceback__)
        own = next(
            (p for p in reversed(place) if str(ROOT) in p.filename and ".venv" not in p.filename), place[-1]
        )
        where = (
            f"{Path(place[-1].filename).name}:{place[-1].lineno}, from {Path(own.filename).name}:{own.lineno}"
        )
        state, what = "fault", f"{type(error).__name__} at {where}: {str(error)[:300]}"
    finally:
        faulthandler.cancel_dump_traceback_later()
    took_s, peak_mib = time.process_time() - began_s, _peak_mib()
    if took_s > MOST_S or peak_mib > MOST_MIB:
        state, what = "fault", f"took {took_s:.1f} s and {peak_mib:.0f} MiB; {state} {what[:300]}"
    return {"state": state, "what": what, "took_s": took_s, "peak_mib": peak_mib}


def _forget_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:  # elsewhere than on Linux the peak is that of all files until now
        return


def _peak_mib() -> float:
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        unit = MIB if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description="Read damaged files; see the head of this file.")
    parser.add_argument("kind", choices=READERS)
    parser.add_argument("path", nargs="?", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=10.0, help="of the processor")
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    # Well above the peak that is a fault: the machine is spared, and the peak is told.
    resource.setrlimit(resource.RLIMIT_DATA, (int(4 * MOST_MIB * MIB),) * 2)
    said = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print is not what is told
    if asked.path:
        print(json.dumps(one(asked.kind, asked.path)), file=said)
        return
    for number, path in inputs(asked.kind, asked.seed, asked.first, asked.folder):
        print(json.dumps({"number": number}), file=said)
        print(json.dumps({"number": number} | (found := one(asked.kind, path))), file=said)
        if found["state"] == "fault" or time.process_time() > asked.seconds:
            return


if __name__ == "__main__":
    main()
