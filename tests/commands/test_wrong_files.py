"""A file of the wrong kind is told of at once, before any other is read."""

from __future__ import annotations

import shutil
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from book_files import make_small_epub
from click.testing import CliRunner
from PIL import Image

from bookscore.commands import main as program
from bookscore.ingest.book import medium as book_medium

SRT = "1\n00:00:01,000 --> 00:00:02,000\nHARRY: Come in.\n\n2\n00:00:03,000 --> 00:00:04,000\nMARY: Go out.\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """One file of every kind, each under its own name and under a film's."""
    folder = tmp_path / "files"
    (folder / "album").mkdir(parents=True)
    make_small_epub(folder / "book.epub")
    (folder / "film.srt").write_text(SRT)
    (folder / "page.html").write_text("<!DOCTYPE html><html><body><p>words</p></body></html>")
    (folder / "words.txt").write_text("CHAPTER I\n\nWords of a book.\n\nMore of them.\n")
    (folder / "paper.pdf").write_bytes(b"%PDF-1.7\n" + b"words " * 300)
    (folder / "words.rtf").write_bytes(b"{\\rtf1 words}")
    Image.new("L", (64, 64)).save(folder / "cover.png")
    sound = 0.1 * np.sin(np.arange(22050 * 5) / 9)
    soundfile.write(folder / "album" / "01.wav", sound, 22050)
    shutil.copy(folder / "album" / "01.wav", folder / "sound.wav")
    with zipfile.ZipFile(folder / "files.zip", "w") as archive:
        archive.writestr("a.txt", "words")
    (folder / "noise.mkv").write_bytes(np.random.default_rng(0).bytes(50_000))
    (folder / "empty.mkv").touch()
    for name in ("book.epub", "page.html", "words.txt", "paper.pdf", "cover.png", "sound.wav", "files.zip"):
        shutil.copy(folder / name, folder / f"{name}.mkv")
    for name in ("book.epub", "words.txt", "cover.png", "sound.wav"):
        shutil.copy(folder / name, folder / f"{name}.srt")
    return folder


@pytest.fixture
def refused(tmp_path: Path, files: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Weaves with some options changed; gives the one line that refuses it."""
    monkeypatch.setattr(book_medium, "tables", lambda *_: pytest.fail("the book was read"))

    def weave(**changed: Path | str) -> str:
        given = {"book": "book.epub", "film": "film.srt", "album": "album", **changed}
        options = [part for name, value in given.items() for part in (f"--{name}", str(files / value))]
        started_s = time.monotonic()
        done = CliRunner().invoke(
            program.main, ["--warehouse", str(tmp_path / "w"), "weave", *options, "--name", "A Title"]
        )
        assert time.monotonic() - started_s < 10, "even where libraries are loaded first"
        [line] = done.stderr.splitlines()
        assert done.exit_code == 1 and line.startswith("bookscore: ") and "fault of the program" not in line
        assert not (tmp_path / "w").exists(), "nothing is made"
        return line

    return weave


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("book.epub", "is an EPUB"), ("book.epub.mkv", "is an EPUB"), ("files.zip", "zip archive"), ("page.html", "HTML"),
        ("page.html.mkv", "HTML"), ("words.txt", "as a video"), ("words.txt.mkv", "as a video"), ("paper.pdf.mkv", "is a PDF"),
        ("words.rtf", "RTF"), ("cover.png", "still image"), ("cover.png.mkv", "still image"),
        ("sound.wav", "sound but no picture"), ("sound.wav.mkv", "sound but no picture"), ("noise.mkv", "as a video"),
        ("empty.mkv", "as a video"), ("album", "is not a file"), ("absent.mkv", "is not a file"),
        ("book.epub.srt", "ZIP archive"), ("words.txt.srt", "subtitles"), ("cover.png.srt", "subtitles"),
        ("sound.wav.srt", "subtitles"),
    ],
)  # fmt: skip
def test_what_is_no_film_is_refused_before_the_book_is_read(refused, name: str, says: str) -> None:  # type: ignore[no-untyped-def]
    line = refused(film=name)
    assert says in line and name in line


@pytest.mark.parametrize("name", ["album/01.wav", "book.epub", "cover.png", "absent"])
def test_what_is_no_album_is_refused_before_the_book_is_read(refused, name: str) -> None:  # type: ignore[no-untyped-def]
    assert "is not a folder" in refused(album=name)


def test_a_folder_without_sound_is_refused_before_the_book_is_read(refused, files: Path) -> None:  # type: ignore[no-untyped-def]
    shutil.rmtree(files / "album")
    (files / "album").mkdir()
    for name in ("01.mp3", "02.flac"):
        (files / "album" / name).write_text("no sound at all\n" * 100)
    line = refused()
    assert "01.mp3" in line and "no other file" in line


@pytest.mark.parametrize(
    "name", ["cover.png", "sound.wav", "paper.pdf", "files.zip", "album", "absent.epub", "noise.mkv"]
)
def test_what_is_no_book_is_refused(refused, name: str) -> None:  # type: ignore[no-untyped-def]
    assert name in refused(book=name)


def test_a_subtitle_file_that_is_none_is_refused_with_a_video(
    tmp_path: Path, files: Path, data_dir: Path
) -> None:
    video = data_dir / "video" / "big-buck-bunny-480p-30s.mp4"
    done = CliRunner().invoke(
        program.main,
        [
            "--warehouse",
            str(tmp_path / "w"),
            "ingest",
            "film",
            str(video),
            "--subtitles",
            str(files / "sound.wav.srt"),
        ],
    )
    assert done.exit_code == 1 and "sound.wav.srt" in done.stderr and not (tmp_path / "w").exists()
