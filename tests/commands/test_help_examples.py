"""The examples in the commands' help: each is run, in the order of the help, on a small book, film and album."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import small_world
from click.testing import CliRunner, Result
from small_models import SmallModels

from bookscore.commands import main as program
from bookscore.engine.models import catalogue
from bookscore.queries.reader.serve import ThreadingHTTPServer

pytestmark = pytest.mark.long


def _commands(command: click.Command, path: str = "bookscore") -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _commands(inner, f"{path} {name}")


def _examples(command: click.Command) -> list[str]:
    return re.findall(r"(?:^|Example:) *(bookscore .+)$", command.help or "", re.MULTILINE)


COMMANDS = dict(_commands(program.main))
EXAMPLES = list(dict.fromkeys(example for command in COMMANDS.values() for example in _examples(command)))
# What an example needs that those before it do not leave.
NEEDS = {
    "bookscore ban": ['bookscore unpin "A Title"'],
    "bookscore calmer": ['bookscore unpin "A Title"', 'bookscore louder "A Title" 3.2'],
}


# --- The examples ---


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("examples")


@pytest.fixture(scope="module")
def results(folder: Path) -> dict[str, Result]:
    """All of them in order: some rest on those before."""

    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    small_world.make(folder)
    [truth] = re.findall(r"^ *Example truth: (.+)$", COMMANDS["bookscore evaluate"].help or "", re.MULTILINE)
    (folder / "truth.json").write_text(truth)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("BOOKSCORE_WAREHOUSE", raising=False)
        (folder / "bookscore.toml").write_text("[book]\nsegment_words = 150\n")  # minutes need not be encoded
        patch.setattr(program.Session, "choose_models", lambda _: SmallModels())
        patch.setattr(catalogue.Entry, "pull", lambda entry: folder / entry.task)  # no hub is asked
        patch.setattr(ThreadingHTTPServer, "serve_forever", interrupted)
        patch.setattr("webbrowser.open", lambda _: True)
        weaving = [example for example in EXAMPLES if " weave --book" in example]
        done = {}
        for example in [*weaving, *(example for example in EXAMPLES if example not in weaving)]:
            name = " ".join(example.split()[:2])
            for line in [*NEEDS.get(name, []), example]:
                done[example] = CliRunner().invoke(program.main, shlex.split(line)[1:])
        return done


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_gives_an_example_of_itself(name):
    assert any(example.startswith(name) for example in _examples(COMMANDS[name]))


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_example_works(results, folder, example):
    result = results[example]
    assert result.exit_code == 0, result.output
    for output in re.findall(r"-o (\S+)", example):
        made = folder / output
        assert any(made.iterdir()) if output.endswith("/") else made.stat().st_size
        assert f"wrote {Path(output)}" in result.output
    assert not [path for path in folder.rglob(".*")], "nothing half-written is left"


# --- The documentation ---

ROOT = Path(__file__).parents[2]
WRITTEN = sorted(
    {
        line.strip()
        for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
        for line in page.read_text(encoding="utf-8").splitlines()
        if line.strip().startswith("bookscore ")
    }
)


@pytest.mark.parametrize("line", WRITTEN)
def test_the_documentation_names_commands_and_options_that_exist(line):
    result = CliRunner().invoke(program.main, [*shlex.split(line, comments=True)[1:], "--help"])
    assert result.exit_code == 0, result.output
