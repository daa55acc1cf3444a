"""Public functions of two or more arguments describe them under Parameters, as numpydoc has it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("bookscore", "engine", "ingest", "queries", "sql", "commands")
EXCEPTION = "See `TitleWriter`"
"""In the docstring of a function whose parameters are described by that protocol."""
COMMAND = re.compile(r"\.(command|group)\(")


def public(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Public functions of a module or class, and those of its public classes."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and child.name[0] != "_":
            if isinstance(child, ast.ClassDef):
                yield from public(child)
            else:
                yield child


def undescribed(text: str) -> list[str]:
    """Public functions of a module that lack the section; a click command describes its options in the help."""
    found = []
    for function in public(ast.parse(text)):
        given = function.args
        own = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        names = [argument.arg for argument in own if argument and argument.arg not in ("self", "cls")]
        docstring = ast.get_docstring(function) or ""
        is_command = bool(COMMAND.search(" ".join(map(ast.unparse, function.decorator_list))))
        is_described = "Parameters\n---" in docstring or EXCEPTION in docstring
        if len(names) >= 2 and not is_command and not is_described:
            found.append(f"line {function.lineno}: {function.name}({', '.join(names)})")
    return found


def test_public_functions_describe_their_parameters() -> None:
    paths = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    assert len(paths) > len(ROOMS)
    found = {str(path.relative_to(ROOT)): undescribed(path.read_text(encoding="utf-8")) for path in paths}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "text",
    [
        "def f(a, b): ...",
        "def f(a, *, b):\n    'Of two.'",
        "def f(*a, **b): ...",
        "class C:\n    def f(self, a, b): ...",
    ],
)
def test_a_function_without_the_section_is_found(text: str) -> None:
    assert len(undescribed(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "def f(a): ...",
        "def _f(a, b): ...",
        "class _C:\n    def f(self, a, b): ...",
        "class C:\n    def f(self, a): ...",
        "def f(a, b):\n    '''Of two.\n\n    Parameters\n    ----------\n    a, b : int\n    '''",
        f"def write(a, b):\n    'Writes. {EXCEPTION}.'",
        "@click.command()\ndef f(a, b): ...",
    ],
)
def test_other_functions_are_not(text: str) -> None:
    assert undescribed(text) == []
