"""The wheel: the rooms inside ``bookscore`` and nothing beside it, and it works from anywhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
ROOMS = ("commands", "engine", "ingest", "queries", "sql")
NOT_SHIPPED = ("demo", "benchmarks", "tests")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project: built in place, a wheel takes along what an earlier build has left in ``build``."""
    copy = tmp_path_factory.mktemp("source") / "project"
    copy.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    for name in ("bookscore", *ROOMS, *NOT_SHIPPED):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "out"))
    return copy


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", folder, source)
    (built,) = folder.glob("*.whl")
    return built


def run(*command: object, folder: Path | None = None) -> str:
    """What a program prints; nothing in its environment leads to the project or to a warehouse."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "BOOKSCORE_"))
    }
    environment["OMP_NUM_THREADS"] = (
        "1"  # on a busy machine torch's threads spin while they wait for each other
    )
    done = subprocess.run([*map(str, command)], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def pip(*arguments: object) -> None:
    run(sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments)


class Environment:
    """A fresh environment, in which somebody else has packages that are called like the rooms.

    The packages that Bookscore needs can be lent to it from the environment that runs the tests. Of folders that are
    lent, Python reads no ``.pth`` file, so that the project's editable install is not seen.
    """

    def __init__(self, folder: Path) -> None:
        run(sys.executable, "-m", "venv", "--without-pip", folder)
        self.python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
        self.packages = Path(
            run(self.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
        )
        self._lent = self.packages / "lent.pth"
        self.others = {
            self.packages / name / "__init__.py": f"# {name} of somebody else\n"
            for name in (*ROOMS, *NOT_SHIPPED)
        }
        for path, text in self.others.items():
            path.parent.mkdir()
            path.write_text(text)

    def install(self, wheel: Path) -> None:
        pip("--python", self.python, "install", "--no-deps", "--no-index", wheel)

    def uninstall(self) -> None:
        self._lent.unlink(missing_ok=True)
        pip("--python", self.python, "uninstall", "--yes", "bookscore")

    def lend(self) -> None:
        folders = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
        self._lent.write_text("\n".join(folders))


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """One with the wheel installed."""
    fresh = Environment(tmp_path_factory.mktemp("environment"))
    fresh.install(wheel)
    return fresh


def test_the_wheel_holds_every_file_of_the_rooms_and_nothing_else(source: Path, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    wanted = {
        ("" if room == "bookscore" else "bookscore/") + path.relative_to(source).as_posix()
        for room in ("bookscore", *ROOMS)
        for path in (source / room).rglob("*")
        if path.is_file()
    }
    shipped = {name for name in names if ".dist-info/" not in name}
    missing, beside = ("\n".join(sorted(names)) for names in (wanted - shipped, shipped - wanted))
    assert not missing, f"not in the wheel: add the package or the suffix to pyproject.toml:\n{missing}"
    assert not beside
    assert {Path(name).suffix for name in shipped} >= {
        ".sql",
        ".css",
        ".js",
        ".npz",
        ".json",
        ".toml",
    }
    assert "bookscore/py.typed" in shipped


def test_the_installed_program_weaves_from_another_folder(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "album").mkdir()
    text = ['"Where did the heron go?" asked Ottilie, and nobody knew.', "The lamp went out."] * 3
    (tmp_path / "book.txt").write_text(
        "\n\n".join(["CHAPTER I. The Heron", *text, "CHAPTER II. The Lamp", *text])
    )
    times = np.arange(8 * 22050) / 22050
    chord = 0.1 * sum(np.sin(2 * np.pi * hz * times) for hz in (261.6, 329.6, 392.0))
    soundfile.write(tmp_path / "album" / "chord.wav", chord, 22050)

    environment.lend()
    where = (
        "import bookscore, bookscore.engine; print(bookscore.__file__, bookscore.engine.__file__, sep='\\n')"
    )
    for file in run(environment.python, "-c", where, folder=tmp_path).splitlines():
        assert Path(file).is_relative_to(environment.packages)
    weave = (
        "--models",
        "embedded",
        "--quiet",
        "weave",
        "--book",
        "book.txt",
        "--album",
        "album",
        "--name",
        "Heron",
    )
    assert "2 segments" in run(environment.python, "-m", "bookscore", *weave, folder=tmp_path)
    script = environment.python.with_name("bookscore")
    run(script, "export", "json", "Heron", "--output", "heron.json", folder=tmp_path)
    made = json.loads((tmp_path / "heron.json").read_text())
    assert [len(chapter["segments"]) for chapter in made["chapters"]] == [1, 1]


def test_packages_of_the_rooms_names_stay_as_they_were(environment: Environment) -> None:
    def beside() -> dict[Path, str]:
        found = environment.packages.glob("*/**/*.py")
        return {
            path: path.read_text()
            for path in found
            if path.relative_to(environment.packages).parts[0] != "bookscore"
        }

    assert (environment.packages / "bookscore" / "queries" / "__init__.py").is_file()
    assert beside() == environment.others
    environment.uninstall()
    assert not (environment.packages / "bookscore").exists()
    assert beside() == environment.others
