"""The examples in the commands' help: each is run, in the order of the help, on a small book, film and album."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import click
import numpy as np
import pytest
import soundfile
from book_files import link, make_epub, nav, page
from click.testing import CliRunner, Result
from small_models import SmallModels
from synthetic_music import cadence, piece

from bookscore.commands import main as program
from bookscore.engine.models import catalogue
from bookscore.queries.reader.serve import ThreadingHTTPServer

RATE_HZ = 22_050
SCENE_S, CHAPTERS = 16, 3
VIEWS = ((200, 40, 30), (30, 180, 60), (40, 50, 210))


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


# --- What the examples speak of ---


def _line(chapter: int, number: int) -> str:
    """What somebody says, in words of its own."""
    rng = np.random.default_rng([chapter, number])
    words = ["".join(rng.choice([*"bdfglmnprst"], 4) + rng.choice([*"aeiou"], 4)) for _ in range(6)]
    return f"Bring the {' '.join(words[:3])} and every {' '.join(words[3:])} with you"


def _book(path: Path) -> None:
    """Three chapters; the last is long enough for two pieces of music."""
    pages, sentence = {}, "The grey cat sat by the old stove and slept until the rain had gone. "
    for chapter in range(1, CHAPTERS + 1):
        told = [f"<p>“{_line(chapter, n)},” said Ada. {sentence * chapter}</p>" for n in range(1, 6)]
        pages[f"c{chapter}.xhtml"] = page(f"<h1>{chapter}</h1>{''.join(told)}")
    make_epub(path, pages, nav("".join(link(name, f"Part {name[1]}") for name in pages)))


def _film(path: Path, music: np.ndarray) -> None:
    """A scene a chapter, one shot each, in which its lines are spoken and the music plays."""
    fps = 8
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=fps)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        sound = container.add_stream("aac", rate=RATE_HZ, layout="mono")
        for n in range(CHAPTERS * SCENE_S * fps):
            image = np.full((48, 64, 3), VIEWS[n // (SCENE_S * fps)], np.uint8)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = n, Fraction(1, fps)
            container.mux(video.encode(frame))
        wave = av.AudioFrame.from_ndarray(
            music[None, : CHAPTERS * SCENE_S * RATE_HZ], format="fltp", layout="mono"
        )
        wave.sample_rate, wave.time_base, wave.pts = RATE_HZ, Fraction(1, RATE_HZ), 0
        container.mux([*video.encode(None), *sound.encode(wave), *sound.encode(None)])
    cues = []
    for chapter in range(1, CHAPTERS + 1):
        for n in range(1, 6):
            at_s = (chapter - 1) * SCENE_S + 3 * n - 2
            cues.append(
                f"{len(cues) + 1}\n00:00:{at_s:02},000 --> 00:00:{at_s + 2:02},000\n{_line(chapter, n)}.\n"
            )
    path.with_suffix(".srt").write_text("\n".join(cues))


def _world(folder: Path) -> None:
    (folder / "ALBUM").mkdir()
    ebb = piece({f"{tonic} major": 16 for tonic in ("C", "F", "D", "G", "A")}, RATE_HZ)
    flow = cadence("Eb major", 30, RATE_HZ, chord_s=2.5)
    for name, sound in {"Ebb": ebb, "Flow": 0.2 * flow}.items():  # one of them calmer
        soundfile.write(folder / "ALBUM" / f"{name}.flac", sound, RATE_HZ)
    _book(folder / "B.epub")
    _film(folder / "F.mkv", ebb)
    [truth] = re.findall(r"^ *Example truth: (.+)$", COMMANDS["bookscore evaluate"].help or "", re.MULTILINE)
    (folder / "truth.json").write_text(truth)


# --- The examples ---


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("examples")


@pytest.fixture(scope="module")
def results(folder: Path) -> dict[str, Result]:
    """All of them in order: some rest on those before."""

    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    _world(folder)
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
