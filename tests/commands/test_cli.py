"""The command line: help, exit codes, bad input in one line, queries that change nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
import polars as pl
import pytest
import soundfile
from click.testing import CliRunner, Result

from bookscore.commands import main as program

pytestmark = pytest.mark.long


def run(*arguments: object, warehouse: Path) -> Result:
    return CliRunner().invoke(program.main, ["--warehouse", str(warehouse), *map(str, arguments)])


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return tmp_path / "warehouse"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.txt"
    text = ['"Where did the heron go?" asked Ottilie, and nobody knew.', "The lamp went out."] * 3
    path.write_text("\n\n".join(["CHAPTER I. The Heron", *text, "CHAPTER II. The Lamp", *text]))
    return path


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    folder.mkdir()
    times = np.arange(20 * 22050) / 22050
    for name, notes in {"major": (261.6, 329.6, 392.0), "minor": (220.0, 261.6, 329.6)}.items():
        soundfile.write(
            folder / f"{name}.wav", 0.1 * sum(np.sin(2 * np.pi * f * times) for f in notes), 22050
        )
    return folder


@pytest.mark.parametrize("path", list(commands(program.main)), ids=" ".join)
def test_every_command_has_help_with_an_example(path: tuple[str, ...], warehouse: Path) -> None:
    result = run(*path, "--help", warehouse=warehouse)
    assert result.exit_code == 0
    is_group = "COMMAND [ARGS]" in result.output
    assert is_group or "Example" in result.output
    assert not warehouse.exists(), "help makes nothing"


def test_help_loads_no_heavy_library() -> None:
    program = (
        "import sys; from bookscore.commands.main import main; from click.testing import CliRunner; "
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0; "
        "print([m for m in ('torch', 'transformers', 'librosa', 'av', 'cv2', 'faiss', 'scipy', 'lxml') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_book_and_album_make_a_soundtrack_without_a_film(
    warehouse: Path, book: Path, album: Path, tmp_path: Path
) -> None:
    weave = ("-q", "weave", "--book", book, "--album", album, "--name", "Heron")
    result = run(*weave, warehouse=warehouse)
    assert result.exit_code == 0, result.output
    assert "2 segments; music from the film for 0, by emotion for 2" in result.output
    for form in ("playlist", "json", "reader"):
        assert run("-q", "export", form, "Heron", "-o", tmp_path / form, warehouse=warehouse).exit_code == 0
    made = json.loads((tmp_path / "json").read_text())
    assert [len(chapter["segments"]) for chapter in made["chapters"]] == [1, 1]
    assert (tmp_path / "reader" / "index.html").is_file()
    again = run(*weave[1:], warehouse=warehouse)
    assert "title.weave: already done, skipped" in again.output
    shown = json.loads(run("status", "--format", "json", warehouse=warehouse).output)
    assert [title["n_segments"] for title in shown["titles"]] == [2]
    assert all(item["left"] == [] for item in shown["items"])


def test_query_prints_tables_and_writes_files(warehouse: Path, book: Path, tmp_path: Path) -> None:
    assert run("-q", "ingest", "book", book, warehouse=warehouse).exit_code == 0
    statement = "SELECT chapter_no, title FROM chapter ORDER BY 1"
    assert "The Heron" in run("query", statement, warehouse=warehouse).output
    rows = json.loads(run("query", statement, "--format", "json", warehouse=warehouse).output)
    assert [row["chapter_no"] for row in rows] == [1, 2]
    assert run("query", statement, "--format", "csv", warehouse=warehouse).output.startswith(
        "chapter_no,title\n1,"
    )
    target = tmp_path / "chapters.parquet"
    assert run("query", statement, "--format", "parquet", "-o", target, warehouse=warehouse).exit_code == 0
    assert pl.read_parquet(target)["chapter_no"].to_list() == [1, 2]


@pytest.mark.parametrize("command", [["settings"], ["query"], ["weave", "--help"], ["--help"]])
def test_a_reader_that_goes_away_ends_the_program_quietly(command: list[str]) -> None:
    """As in ``bookscore settings | head -1``."""
    running = subprocess.Popen(
        [sys.executable, "-m", "bookscore", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert running.stdout and running.stderr
    running.stdout.close()
    said = running.stderr.read()
    assert (running.wait(), said) == (141, b"")
    running.stderr.close()


def test_a_broken_pipe_of_another_kind_is_a_fault(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise BrokenPipeError("a worker is gone")

    monkeypatch.setattr(program.saved, "names", fail)
    result = run("query", warehouse=warehouse)
    assert result.exit_code == 1 and "a worker is gone" in result.stderr


def test_a_query_cannot_change_the_warehouse(warehouse: Path, book: Path) -> None:
    run("-q", "ingest", "book", book, warehouse=warehouse)
    for statement in ("DELETE FROM chapter", "DROP TABLE chapter", "CREATE TABLE x (a INTEGER)"):
        assert run("query", statement, warehouse=warehouse).exit_code == 1
    assert json.loads(
        run("query", "SELECT count(*) AS n FROM chapter", "--format", "json", warehouse=warehouse).output
    ) == [{"n": 2}]


def broken_epub(path: Path) -> Path:
    path.write_bytes(b"PK\x03\x04 cut off")
    return path


def locked_epub(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="c.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
        )
        archive.writestr(
            "c.opf",
            '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata/><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>',
        )
        archive.writestr("a.xhtml", "scrambled")
        archive.writestr(
            "META-INF/encryption.xml",
            '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData><enc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/><enc:CipherData><enc:CipherReference URI="a.xhtml"/></enc:CipherData></enc:EncryptedData></encryption>',
        )
    return path


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path, ""),
        (lambda path: path.mkdir() or path, ""),
        (broken_epub, ""),
        (locked_epub, "DRM"),
    ],
    ids=["absent", "folder", "broken", "DRM"],
)
def test_a_bad_book_is_one_clear_line(warehouse: Path, tmp_path: Path, make, words: str) -> None:  # type: ignore[no-untyped-def]
    path = make(tmp_path / "b.epub")
    result = run("-q", "ingest", "book", path, warehouse=warehouse)
    assert_one_line(result, path, words)


@pytest.mark.parametrize("has_text_file", [False, True])
def test_an_album_without_audio_is_one_clear_line(
    warehouse: Path, tmp_path: Path, has_text_file: bool
) -> None:
    folder = tmp_path / "album"
    folder.mkdir()
    if has_text_file:
        (folder / "cover.txt").write_text("no music")
    assert_one_line(run("-q", "ingest", "album", folder, warehouse=warehouse), folder, "audio")


@pytest.mark.parametrize("name", ["film.mkv", "film.srt"])
def test_a_bad_film_is_one_clear_line(warehouse: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert_one_line(run("-q", "ingest", "film", path, warehouse=warehouse), path, "")
    path.write_text("not a film")
    assert_one_line(run("-q", "ingest", "film", path, warehouse=warehouse), path, "")


def assert_one_line(result: Result, path: Path, words: str) -> None:
    assert result.exit_code == 1
    [line] = result.output.strip().splitlines()
    assert line.startswith("bookscore: ") and path.name in line and words.lower() in line.lower()
    assert "fault of the program" not in line


def test_an_unknown_title_is_told_with_the_known_ones(warehouse: Path, book: Path, tmp_path: Path) -> None:
    run("-q", "ingest", "book", book, warehouse=warehouse)
    result = run("export", "json", "Nothing", "-o", tmp_path / "x.json", warehouse=warehouse)
    assert result.exit_code == 1 and "Nothing" in result.output and len(result.output.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["weave"],
        ["--set", "no.such=1", "settings"],
        ["--set", "book.segment_words=many", "settings"],
        ["nonsense"],
    ],
)
def test_wrong_usage_exits_2(warehouse: Path, arguments: list[str]) -> None:
    assert run(*arguments, warehouse=warehouse).exit_code == 2


def test_reading_without_a_warehouse_says_how_to_begin(warehouse: Path) -> None:
    result = run("status", warehouse=warehouse)
    assert result.exit_code == 1 and "bookscore weave" in result.output
    assert not warehouse.exists()


def test_a_full_disk_is_one_clear_line_and_leaves_the_warehouse_whole(
    warehouse: Path, book: Path, tmp_path: Path
) -> None:
    assert run("-q", "ingest", "book", book, warehouse=warehouse).exit_code == 0
    before = run("query", "SELECT * FROM paragraph", "--format", "json", warehouse=warehouse).output
    other = tmp_path / "other.txt"
    other.write_text(
        "CHAPTER I\n\n"
        + "\n\n".join(f"Sentence {n} has its very own words {n * 7919}." for n in range(20_000))
    )
    # No file may grow beyond 3 MB: what a full disk looks like to a program.
    program = (
        "import resource; from bookscore.commands.main import main; resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000)); "
        f"main(['--warehouse', {str(warehouse)!r}, '-q', 'ingest', 'book', {str(other)!r}])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if line.startswith("bookscore: no space left")], (
        done.stderr
    )
    assert "Traceback" not in done.stderr
    assert run("query", "SELECT * FROM paragraph", "--format", "json", warehouse=warehouse).output == before
