"""What files hold reaches the terminal as text: no escape sequence acts, no name becomes a picture."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import soundfile
import woven_fixture as woven_title
from book_files import make_epub, page
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from bookscore.commands import main as program
from bookscore.commands.progress import Reporter, show
from bookscore.engine.printable import printable
from bookscore.engine.warehouse import Warehouse
from bookscore.ingest.film.cues import subtitles
from bookscore.queries import output, playlist

ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"), ("a\x1b[2J\x1b[1;1Hb", "ab"), ("\x9b31mred", "red"), ("\x1b[?25lx", "x"),
        ("\x1b]0;title\x07x", "x"), ("\x1b]8;;http://far.example\x1b\\link\x1b]8;;\x1b\\", "link"), ("\x9d0;t\x9cx", "x"),
        ("\x1bP1$r0m\x1b\\x", "x"), ("\x1b]0;no end", "0;no end"), ("\x1b(Bx\x1bcx", "xx"), ("a\x1b", "a"),
        ("a\bb\x07c\x00", "abc"), ("a\rb\r\nc\td", "a\nb\nc\td"), ("\u202egpj.exe\u2066x\u2069", "gpj.exex"),
        ("\udce9t\udce9", "?t?"), ("root:x:0 [bold]", "root:x:0 [bold]"), ("“é” 日本 👍🏽", "“é” 日本 👍🏽"),
    ],
)  # fmt: skip
def test_codes_go_and_text_stays(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(st.sampled_from("\x1b\x9b\x9d\x07[]0;mHPab\\\r\n\u202e\ud800"), max_size=40))
def test_nothing_acts_after_cleaning_once(text: str) -> None:
    assert not ACTS.search(printable(text)) and printable(printable(text)) == printable(text)


def test_lines_for_the_user_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    Reporter(0, live=False).say("root:x:0 [bold]x[/bold] \x1b]0;t\x07:smile: \x1b[31mred")
    show("root:x:0 [bold] \x1b[31mred")
    show("\x1b]0;t\x07:smile:", err=True)
    shown = capsys.readouterr()
    assert (
        shown.err == "root:x:0 [bold]x[/bold] :smile: red\n:smile:\n" and shown.out == "root:x:0 [bold] red\n"
    )


ROWS = pl.DataFrame({
    "text": ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "a=b", "'x", ":x: \x1b[31mred", "", None, "\x9b1m\u202ex"],
    "number": [-1.5, 2, -3, 4, 5, 6, 7, 8, 9, 10, 11, -12],
})  # fmt: skip


def test_tables_show_no_codes_and_no_pictures() -> None:
    table = output.render(ROWS, "table")
    assert not ACTS.search(table) and ":x: red" in table


def test_texts_that_a_spreadsheet_would_compute_are_guarded_in_csv_alone(tmp_path: Path) -> None:
    cells = list(csv.reader(io.StringIO(output.render(ROWS, "csv"), newline="")))[1:]
    assert [text for text, _ in cells[:9]] == [
        "'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "a=b", "'x", ":x: \x1b[31mred",
    ]  # fmt: skip
    assert [float(number) for _, number in cells] == ROWS["number"].to_list()
    as_json = output.render(ROWS, "json")
    assert [row["text"] for row in json.loads(as_json)] == ROWS["text"].to_list() and not ACTS.search(as_json)
    output.write(ROWS, "parquet", tmp_path / "x.parquet")
    assert pl.read_parquet(tmp_path / "x.parquet").equals(ROWS)


def test_a_playlist_in_csv_is_guarded(tmp_path: Path) -> None:
    connection = woven_title.make(tmp_path)
    connection.execute("UPDATE chapter SET title = '=cmd()' WHERE chapter_no = 1")
    connection.execute("UPDATE track SET title = '@' || title, artist = '-x'")
    playlist.write(connection, woven_title.NAME, tmp_path / "x.csv")
    rows = list(csv.DictReader((tmp_path / "x.csv").open(encoding="utf-8", newline="")))
    assert rows[0]["chapter"] == "'=cmd()" and {row["artist"] for row in rows} == {"'-x"}
    assert all(row["track"].startswith("'@") and float(row["start_s"]) >= 0 for row in rows)
    playlist.write(connection, woven_title.NAME, tmp_path / "x.jspf")
    [first, *_] = json.loads((tmp_path / "x.jspf").read_text(encoding="utf-8"))["playlist"]["track"]
    assert first["title"].startswith("@") and first["creator"] == "-x"


# --- Cleaned at reading ---

CODES = "\x1b]0;owned\x07\x1b[31m\x9b1m\u202e"


def ingested(warehouse: Path, *arguments: object) -> str:
    done = CliRunner().invoke(program.main, ["--warehouse", str(warehouse), *map(str, arguments)])
    assert done.exit_code == 0, done.output
    assert not ACTS.search(done.output) and not ACTS.search(done.stderr)
    return done.output


def texts(warehouse: Path, *columns: str) -> list[str]:
    with Warehouse(warehouse) as opened:
        return [
            value
            for column in columns
            for (value,) in opened.connection.execute(f"SELECT {column.rpartition('.')[2]} FROM {column.partition('.')[0]}").fetchall()
            if value is not None
        ]  # fmt: skip


def test_a_subtitle_file_is_read_without_codes(tmp_path: Path) -> None:
    path = tmp_path / f"a{CODES}b.srt"
    path.write_text(
        f"1\n00:00:01,000 --> 00:00:02,000\n{CODES}HARRY: root:x:0 {CODES}here\n\n"
        "2\n00:00:03,000 --> 00:00:04,000\nMARY: come &#x202e;&#155;31mback\n"
    )
    ingested(tmp_path / "w", "ingest", "film", path)
    assert texts(tmp_path / "w", "film.title", "cue.speaker") == ["ab", "HARRY", "MARY"]
    assert subtitles.read_file(path).cues[0].text == "root:x:0 here"
    assert not ACTS.search("".join(texts(tmp_path / "w", "cue.text")))


def test_names_and_speakers_of_ass_are_read_without_codes(tmp_path: Path) -> None:
    path = tmp_path / "a.ass"
    path.write_text(
        "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        f"Dialogue: 0,0:00:01.00,0:00:02.00,Default,Jo{CODES},0,0,0,,Come {CODES}in\n"
    )
    assert [(cue.speaker, cue.text) for cue in subtitles.read_file(path).cues] == [("Jo", "Come in")]


def test_an_album_is_read_without_codes(tmp_path: Path) -> None:
    folder = tmp_path / f"al{CODES}bum"
    folder.mkdir()
    soundfile.write(folder / f"one{CODES}.wav", 0.1 * np.sin(np.arange(22050 * 12) / 9), 22050)
    ingested(tmp_path / "w", "ingest", "album", folder)
    assert texts(tmp_path / "w", "album.title", "track.title") == ["album", "one"]
    table = ingested(tmp_path / "w", "query", "SELECT path FROM track")
    assert "album/one.wav" in table, "the path is shown without them, too"
    ingested(tmp_path / "w", "status")


@pytest.mark.parametrize("suffix", ["epub", "txt", "html", "md"])
def test_a_book_is_read_without_codes(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"bo{CODES}ok.{suffix}"
    words = "\x9b1m\u202ewords\u2066 root:x:0"
    if suffix == "epub":
        make_epub(path, {"a.xhtml": page(f"<h1>One{words}</h1><p>Some {words}.</p>")})
        with zipfile.ZipFile(path) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        files["e/book.opf"] = (
            files["e/book.opf"]
            .replace(b"The Book", f"The{words}".encode())
            .replace(b"A. Writer", "A\u202e B".encode())
        )
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
    else:
        heading = {"txt": "CHAPTER I", "html": f"<h1>One{words}</h1>", "md": f"# One{words}"}[suffix]
        more = "More words are here, and more of them. " * 200
        path.write_text(f"{heading}\n\nSome {words} {CODES}.\n\n{more}\n")
    ingested(tmp_path / "w", "ingest", "book", path)
    columns = (
        "book.title",
        "book.author",
        "chapter.title",
        "paragraph.text",
        "paragraph.markup",
        "sentence.text",
        "book_metadata.text",
    )
    found = texts(tmp_path / "w", *columns)
    assert len(found) > 4 and not [text for text in found if ACTS.search(text)]
    assert "root:x:0" in "".join(found)


def test_an_error_names_a_file_without_codes(tmp_path: Path) -> None:
    path = tmp_path / f"bo{CODES}ok:x:.epub"
    path.write_bytes(b"PK no zip")
    done = CliRunner().invoke(program.main, ["--warehouse", str(tmp_path / "w"), "ingest", "book", str(path)])
    assert done.exit_code == 1 and "book:x:.epub: is damaged" in done.stderr and not ACTS.search(done.stderr)
