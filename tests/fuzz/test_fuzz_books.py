"""Damaged books come to a result or to one line, in bounded time and memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzzing import fuzz

pytestmark = pytest.mark.long


@pytest.mark.parametrize("kind", ["epub", "prose"])
def test_damaged_books_are_read_or_refused_in_one_line(kind: str, tmp_path: Path) -> None:
    report = fuzz(kind, tmp_path)
    assert not report.faults, str(report)
    assert min(report.n["read"], report.n["refused"]) >= 3  # those before any damage among the first
