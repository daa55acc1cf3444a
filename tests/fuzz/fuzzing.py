"""Damaged files of a kind read for some seconds, and those that failed kept under build/fuzz."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fuzz_worker import HANGS_S, ROOT

SECONDS = float(os.environ.get("BOOKSCORE_FUZZ_SECONDS", "36"))  # of the processor, for all kinds
SEED = int(os.environ.get("BOOKSCORE_FUZZ_SEED", "1"))
SHARES = {"epub": 0.25, "prose": 0.2, "subtitles": 0.15, "album": 0.2, "film": 0.2}
KEPT = ROOT / "build" / "fuzz"
_MOST_FAULTS = 20
_START_S = 2.0  # of the processor, until the first is read


@dataclass
class Report:
    """What came of the files of a kind.

    Attributes
    ----------
    n : Counter
        How many were read, refused, and failed.
    faults : list of str
        What is wrong with each, and how to read it again.
    slowest_s, peak_mib : float
        The most that one of them took.
    """

    kind: str
    seed: int
    n: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    peak_mib: float = 0.0

    def __str__(self) -> str:
        head = f"{self.kind}, seed {self.seed}: {dict(self.n)}, at most {self.slowest_s:.1f} s and {self.peak_mib:.0f} MiB"
        return "\n".join([head, *self.faults])


def fuzz(kind: str, folder: Path) -> Report:
    """Read damaged files of a kind for its share of the seconds; a fault ends the process that met it, and another goes on.

    Parameters
    ----------
    kind : str
    folder : Path
        Where the files are made.
    """
    report, first, left_s = Report(kind, SEED), 0, SECONDS * SHARES[kind]
    while left_s > 0 and len(report.faults) < _MOST_FAULTS:
        began_s = time.monotonic()
        told, error, code = _worker(kind, first, left_s, folder)
        for one in told:
            if "state" in one:
                report.n[one["state"]] += 1
                report.slowest_s = max(report.slowest_s, one["took_s"])
                report.peak_mib = max(report.peak_mib, one["peak_mib"])
        if not told:
            raise RuntimeError(error)
        last = told[-1]
        if last.get("state") in ("read", "refused") and code == 0:
            break
        what = last.get("what") or f"the process ended with code {code}: {error[-1500:]}"
        report.n["fault"] += "state" not in last
        report.faults.append(_kept(report, last["number"], folder / "input", what))
        first = last["number"] + 1
        left_s -= max(_START_S, time.monotonic() - began_s)
    return report


def _worker(kind: str, first: int, seconds: float, folder: Path) -> tuple[list[dict[str, Any]], str, int]:
    asked = [kind, "--seed", SEED, "--first", first, "--seconds", seconds, "--folder", folder]
    worker = [sys.executable, str(ROOT / "tests" / "fuzz" / "fuzz_worker.py"), *map(str, asked)]
    alone = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        worker, capture_output=True, text=True, env=alone, timeout=4 * seconds + 4 * HANGS_S
    )
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr, done.returncode


def _kept(report: Report, number: int, made: Path, what: str) -> str:
    folder = KEPT / f"{report.kind}-{report.seed}-{number}"
    shutil.rmtree(folder, ignore_errors=True)
    if made.is_dir():
        shutil.copytree(made, folder)
    inside = [path for path in folder.rglob("*") if path.is_file()]
    path = inside[0] if report.kind != "album" and len(inside) == 1 else folder
    again = f"python tests/fuzz/fuzz_worker.py {report.kind} {path.relative_to(ROOT)}"
    return f"number {number}: {what}\n    again: {again}"
