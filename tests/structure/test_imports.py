"""The rooms and what each may import: commands > queries, sql > ingest > engine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAY_IMPORT = {
    "engine": {"engine"},
    "ingest": {"ingest", "engine"},
    "queries": {"queries", "engine"},
    "sql": {"sql", "ingest", "engine"},
    "commands": {"commands", "queries", "sql", "ingest", "engine"},
}
MEDIA_MAY_IMPORT = {
    "media": {"media"},
    "heard": {"heard", "media"},
    "book": {"book", "media"},
    "film": {"film", "heard", "media"},
    "album": {"album", "heard", "media"},
}
"""The same inside ingest: a book, a film and an album know nothing of each other."""
MOST_LINES = 420


@dataclass(frozen=True)
class Import:
    """An import: the module it is in, its line, and the full name of what it imports."""

    module: str
    line: int
    name: str
    for_types: bool

    def __str__(self) -> str:
        return f"{self.module} line {self.line}: {self.name}"


def sources() -> dict[str, Path]:
    """The package's files by the module's name."""
    found = {}
    for room in ("bookscore", *MAY_IMPORT):
        for path in sorted((ROOT / room).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            parts = parts if room == "bookscore" else ("bookscore", *parts)
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


def imports(module: str, text: str, *, is_package: bool = False) -> Iterator[Import]:
    """All imports of a module, those inside functions and those for the type checker alone included."""

    def visit(node: ast.AST, for_types: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            yield from (Import(module, node.lineno, alias.name, for_types) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = module.split(".")
                parts = parts[: len(parts) - node.level + is_package]
                base = ".".join([*parts, *([base] if base else [])])
            yield from (
                Import(module, node.lineno, f"{base}.{alias.name}", for_types) for alias in node.names
            )
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for part in node.body:
                yield from visit(part, True)
            for part in node.orelse:
                yield from visit(part, for_types)
        else:
            for part in ast.iter_child_nodes(node):
                yield from visit(part, for_types)

    yield from visit(ast.parse(text), False)


ALL = [
    found
    for module, path in sources().items()
    for found in imports(module, path.read_text(encoding="utf-8"), is_package=path.stem == "__init__")
]


def room(name: str) -> str | None:
    """engine of ``bookscore.engine.warehouse``; None of what is not in a room."""
    parts = name.split(".")
    return parts[1] if parts[0] == "bookscore" and len(parts) > 1 and parts[1] in MAY_IMPORT else None


def upward(found: list[Import]) -> list[str]:
    """Imports of a room that the module's own room may not import."""
    return [
        str(one)
        for one in found
        if (own := room(one.module)) and (other := room(one.name)) and other not in MAY_IMPORT[own]
    ]


def across_media(found: list[Import]) -> list[str]:
    """Imports inside ingest of a medium that the module's own medium may not import."""
    wrong = []
    for one in found:
        if room(one.module) == room(one.name) == "ingest" and one.module.count(".") > 1:
            own, other = one.module.split(".")[2], one.name.split(".")[2]
            if other not in MEDIA_MAY_IMPORT[own]:
                wrong.append(str(one))
    return wrong


def circles(graph: dict[str, set[str]]) -> list[str]:
    """Circles of modules that import each other, one for each arrow that closes one."""
    done: set[str] = set()
    found = []

    def walk(module: str, path: list[str]) -> None:
        if module in path:
            found.append(" -> ".join([*path[path.index(module) :], module]))
        elif module not in done:
            for other in sorted(graph.get(module, ())):
                walk(other, [*path, module])
            done.add(module)

    for module in sorted(graph):
        walk(module, [])
    return found


def run_time_graph() -> dict[str, set[str]]:
    """Which modules of the package each imports while the program runs, at once or later."""
    modules = sources().keys()
    graph: dict[str, set[str]] = {module: set() for module in modules}
    for one in ALL:
        target = one.name if one.name in modules else one.name.rpartition(".")[0]
        if not one.for_types and target in modules:
            graph[one.module].add(target)
    return graph


def none(found: list[str]) -> None:
    assert not found, "\n".join(found)


def test_every_room_imports_only_those_below_it() -> None:
    none(upward(ALL))


def test_book_film_and_album_do_not_know_each_other() -> None:
    none(across_media(ALL))


def test_every_medium_has_its_rule() -> None:
    media = {path.parent.name for path in (ROOT / "ingest").glob("*/__init__.py")}
    assert media <= MEDIA_MAY_IMPORT.keys()
    assert [path.name for path in (ROOT / "ingest").glob("*.py")] == ["__init__.py"]


def test_only_the_entry_point_imports_the_commands() -> None:
    entering = {one.module for one in ALL if room(one.name) == "commands" and room(one.module) != "commands"}
    assert entering == {"bookscore.__main__"}


def test_only_the_commands_import_click() -> None:
    none([str(one) for one in ALL if one.name.split(".")[0] == "click" and room(one.module) != "commands"])


def test_the_package_imports_neither_demo_nor_benchmarks_nor_tests() -> None:
    own = {"demo", "benchmarks", "tests", *(path.stem for path in (ROOT / "tests").glob("*.py"))}
    none([str(one) for one in ALL if one.name.split(".")[0] in own])


def test_no_modules_import_each_other_in_a_circle() -> None:
    none(circles(run_time_graph()))


def test_every_import_of_the_package_is_of_something_there() -> None:
    """Otherwise the other tests would not see an import that is misspelt or relative."""
    modules = sources()
    unknown = [
        str(one)
        for one in ALL
        if one.name.split(".")[0] == "bookscore"
        and one.name not in modules
        and one.name.rpartition(".")[0] not in modules
    ]
    none(unknown)


def test_no_file_of_the_rooms_is_too_long() -> None:
    kinds = {".py", ".sql", ".js", ".css", ".html", ".j2"}
    lengths = {
        str(path.relative_to(ROOT)): sum(
            bool(line.strip()) for line in path.read_text(encoding="utf-8").splitlines()
        )
        for name in MAY_IMPORT
        for path in (ROOT / name).rglob("*")
        if path.suffix in kinds
    }
    assert {name: n for name, n in lengths.items() if n > MOST_LINES} == {}


def old_imports(text: str) -> list[str]:
    """Imports of a room as a package of its own, as it was called once; in strings of code and shell lines, too."""
    rooms = "|".join(MAY_IMPORT)
    before = r"(?<![\w.])"
    patterns = [
        rf"{before}from (?:{rooms})(?:\.\w+)* import\b",
        rf"{before}import (?:{rooms})(?:\.\w+)*(?=\s*(?:$|[;,\"'#]|as\b))",
        rf"{before}-m (?:{rooms})\b",
        rf"\b(?:import_module|files|setattr|patch|importorskip)\(\s*[\"'](?:{rooms})(?:\.\w+)*[\"']",
    ]
    return [found[0] for pattern in patterns for found in re.finditer(pattern, text, re.MULTILINE)]


def test_nobody_imports_a_room_by_its_old_name() -> None:
    own = ["bookscore", *MAY_IMPORT, "tests", "demo", "benchmarks", "docs", ".ci"]
    files = [path for name in own for path in (ROOT / name).rglob("*")]
    files += [ROOT / name for name in ("Makefile", "README.md", "pyproject.toml")]
    wrong = {
        str(path.relative_to(ROOT)): found
        for path in files
        if path.suffix in {".py", ".md", ".toml", ".sql", ""} and path.is_file() and path != Path(__file__)
        if (found := old_imports(path.read_text(encoding="utf-8")))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    "line",
    [
        "from engine.warehouse import fetch",
        "    import ingest.book.medium as book",
        "program = 'import sys; from commands.main import main'",
        '"import queries; queries.f()"',
        "\tpython -m queries.dictionary docs",
        'monkeypatch.setattr("engine.models.device", None)',
    ],
)
def test_an_old_name_is_found(line: str) -> None:
    assert old_imports(line)


@pytest.mark.parametrize(
    "line",
    [
        "from bookscore.engine import vectors",
        "import engine_room",
        "text from queries, imported",
        "# see sql/title.py",
    ],
)
def test_other_words_are_no_old_name(line: str) -> None:
    assert old_imports(line) == []


def test_an_arrow_up_is_found_wherever_it_is_written() -> None:
    text = (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from bookscore.queries.woven import Woven\n"
        "def f():\n    try:\n        from ..sql import title\n    except ImportError:\n        from bookscore import ingest\n"
        "    from . import warehouse\n"
    )
    found = list(imports("bookscore.engine.runner", text))
    assert [line.split(": ")[1] for line in upward(found)] == [
        "bookscore.queries.woven.Woven",
        "bookscore.sql.title",
        "bookscore.ingest",
    ]
    assert found[-1].name == "bookscore.engine.warehouse"
    package = imports("bookscore.engine", "from . import warehouse", is_package=True)
    assert next(package).name == "bookscore.engine.warehouse"


def test_an_arrow_between_media_is_found() -> None:
    (found,) = imports("bookscore.ingest.book.prose", "from bookscore.ingest.film import speech")
    assert across_media([found]) == ["bookscore.ingest.book.prose line 1: bookscore.ingest.film.speech"]


def test_a_circle_is_found_but_not_a_diamond() -> None:
    diamond = {"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": set()}
    assert circles(diamond) == []
    assert circles(diamond | {"d": {"b"}}) == ["b -> d -> b"]
