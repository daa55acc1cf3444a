"""The page for analysts: its blocks are run in their order, and print what the page says.

Where they print something else, ``python tests/test_analysis_page.py`` writes that into the page.
"""

from __future__ import annotations

import io
import re
import shlex
import tempfile
from contextlib import chdir, contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import woven_fixture as woven_title
from click.testing import CliRunner

from bookscore.commands import main as program
from bookscore.engine.warehouse import fetch
from bookscore.queries import output

PAGE = Path(__file__).parents[2] / "docs" / "analysis.md"
BLOCK = re.compile(r"```(sh|python|sql)\n(.*?)```\n(?:\n```text\n.*?```\n)?", re.DOTALL)


def _run(kind: str, code: str, warehouse: duckdb.DuckDBPyConnection, names: dict[str, Any]) -> str:
    """What a block prints."""
    if kind == "sql":
        return output.render(fetch(warehouse, code, {}), "table")
    if kind == "sh":
        for line in code.splitlines():
            result = CliRunner().invoke(program.main, shlex.split(line)[1:])
            assert result.exit_code == 0, result.output
        return ""
    with redirect_stdout(io.StringIO()) as printed:
        exec(compile(code, PAGE.name, "exec"), names)
    return printed.getvalue()


def as_run(page: str, folder: Path) -> str:
    """The page with what its blocks print, run in `folder` on the tiny woven title."""
    warehouse = woven_title.make(folder)
    names: dict[str, Any] = {}

    @contextmanager
    def reading(_: object):
        yield warehouse

    def block(found: re.Match[str]) -> str:
        kind, code = found.groups()
        printed = "\n".join(
            line.rstrip() for line in _run(kind, code, warehouse, names).strip("\n").splitlines()
        )
        return f"```{kind}\n{code}```\n" + (f"\n```text\n{printed}\n```\n" if printed else "")

    with pytest.MonkeyPatch.context() as patch, chdir(folder), pl.Config():
        patch.setattr(program.Session, "reading", reading)
        return BLOCK.sub(block, page)


def test_the_blocks_of_the_page_print_what_it_says(tmp_path):
    page = PAGE.read_text(encoding="utf-8")
    assert len(BLOCK.findall(page)) >= 10
    assert as_run(page, tmp_path) == page, "python tests/test_analysis_page.py writes it anew"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        PAGE.write_text(as_run(PAGE.read_text(encoding="utf-8"), Path(place)), encoding="utf-8")
