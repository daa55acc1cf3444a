"""A film that has nothing to do with the book, through the whole program."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import soundfile
from click.testing import CliRunner, Result
from small_models import SmallModels
from synthetic_music import cadence

from bookscore.commands import main as program
from bookscore.engine.warehouse import DATABASE

RATE_HZ = 22_050
STORY = [
    "The walrus borrowed my umbrella yesterday evening",
    "Seventeen lanterns drifted beyond the crooked lighthouse",
    "Grandmother pickles radishes inside copper kettles",
    "A velvet balloon burst above the parliament clock",
    "Nobody told the giraffe about the marmalade theft",
    "Eleven sailors juggled pineapples under the bridge",
]
OTHER = [
    "Did you lock the front door before we left",
    "I have waited three years for this letter",
    "Put the money on the table and walk away",
    "She never liked the colour of that car",
    "They say the mayor will resign on Monday",
    "Turn left at the bakery and then straight on",
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A book of three chapters, and an album."""
    chapters = [
        f"# Chapter {n}\n\n“{STORY[2 * n - 2]},” she said.\n\n“{STORY[2 * n - 1]},” he said."
        for n in (1, 2, 3)
    ]
    (tmp_path / "B.md").write_text("\n\n".join(chapters))
    (tmp_path / "ALBUM").mkdir()
    soundfile.write(tmp_path / "ALBUM/a.flac", 0.2 * cadence("C major", 30, RATE_HZ, chord_s=2.5), RATE_HZ)
    monkeypatch.setattr(program.Session, "choose_models", lambda _: SmallModels())
    return tmp_path


def weave(folder: Path, *films: list[str]) -> Result:
    given = []
    for film_no, lines in enumerate(films, 1):
        cues = [f"{n + 1}\n00:0{n}:01,000 --> 00:0{n}:04,000\n{line}.\n" for n, line in enumerate(lines)]
        path = folder / f"F{film_no}.srt"
        path.write_text("\n".join(cues))
        given += ["--film", str(path)]
    options = ["--warehouse", str(folder), "weave", "--book", str(folder / "B.md"), *given]
    return CliRunner().invoke(program.main, [*options, "--album", str(folder / "ALBUM"), "--name", "A"])


def reasons(folder: Path) -> set[str | None]:
    with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
        return {row[0] for row in connection.execute("SELECT evidence->>'reason' FROM soundtrack").fetchall()}


def test_a_film_of_another_story_is_told_of_with_exit_code_3(folder: Path) -> None:
    result = weave(folder, OTHER)
    assert result.exit_code == 3, result.output
    assert "the film does not match the book (0 spoken lines in common" in result.output
    assert reasons(folder) == {"the film does not match the book"}


def test_a_film_of_the_story_matches(folder: Path) -> None:
    result = weave(folder, STORY)
    assert result.exit_code == 0, result.output
    assert "the film does not match the book" not in reasons(folder)


def test_of_a_series_one_film_may_be_of_another_story(folder: Path) -> None:
    result = weave(folder, STORY, OTHER)
    assert result.exit_code == 0, result.output
    assert "1 of 2 films do not match the book" in result.output
