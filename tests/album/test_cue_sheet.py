"""A disc in one file and the sheet that divides it into tracks."""

from __future__ import annotations

from pathlib import Path

import mutagen
import numpy as np
import pytest
import soundfile
from synthetic_music import encode, flac, piece
from test_tracks import noise, read, titles, unused

from bookscore.engine.models import Models
from bookscore.engine.runner import Item, Run
from bookscore.engine.settings import defaults
from bookscore.engine.warehouse import Warehouse, fetch
from bookscore.ingest.album.cue_sheet import Part, image_of, parsed
from bookscore.ingest.album.medium import MEDIUM, sources
from bookscore.ingest.media.sound import stream

SHEET = """REM GENRE Soundtrack
PERFORMER "Comp"
TITLE "The Score"
FILE "{file}" WAVE
  TRACK 01 AUDIO
    TITLE "{title}"
    PERFORMER "Guest"
    ISRC DEABC0000001
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "A "quoted" one"
    INDEX 00 00:01:70
    INDEX 01 00:02:15
  TRACK 03 AUDIO
    INDEX 01 00:04:00
"""
TIMES = [(0, 2.2), (2.2, 4), (4, None)]


def sheet(path: Path, encoding: str = "utf-8", file: str = "disc.wav", title: str = "First") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(SHEET.format(file=file, title=title).replace("\n", "\r\n").encode(encoding))
    return path


def test_a_sheet_is_read_with_times_titles_and_performers() -> None:
    (image,) = parsed(SHEET.format(file="disc.wav", title="First"))
    assert (image.file, image.album, image.artist) == ("disc.wav", "The Score", "Comp")
    assert image.parts == [
        Part(1, 0.0, 2.2, "First", "Guest"),
        Part(2, 2.2, 4.0, 'A "quoted" one', "Comp"),
        Part(3, 4.0, None, None, "Comp"),
    ]


def test_sides_gaps_data_and_names_without_quotes() -> None:
    text = """
FILE side A.flac WAVE
TRACK 01 AUDIO
TITLE One
INDEX 01 00:00:00
TRACK 02 AUDIO
TITLE Two
INDEX 01 00:10:00
TRACK 03 AUDIO
TITLE Three
INDEX 00 00:20:00
FILE "side B.flac" WAVE
INDEX 01 00:00:00
TRACK 04 AUDIO
TITLE Four
INDEX 01 00:05:00
TRACK 05 MODE1/2352
INDEX 01 00:09:00
"""
    first, second = parsed(text)
    assert (first.file, [(p.title, p.start_s, p.end_s) for p in first.parts]) == (
        "side A.flac",
        [("One", 0, 10), ("Two", 10, None)],
    )
    assert (second.file, [(p.title, p.start_s, p.end_s) for p in second.parts]) == (
        "side B.flac",
        [("Three", 0, 5), ("Four", 5, 9)],
    )


@pytest.mark.parametrize(
    "text",
    ["", "no sheet at all", "FILE x WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n", "TRACK\nINDEX\nFILE\nTITLE"],
)
def test_what_divides_nothing_is_no_sheet_of_an_image(text: str) -> None:
    assert parsed(text) == []


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ("Disc.WAV", "a/disc.flac"),
        ("C:\\Rips\\other.wav", "a/other.ape"),
        ("gone.wav", "a/sheet.flac"),
    ],
)
def test_the_file_that_a_sheet_means(named: str, found: str) -> None:
    assert (
        image_of(named, "a/sheet.cue", ["a/disc.flac", "a/other.ape", "a/sheet.flac", "b/gone.wav"]) == found
    )
    assert (
        image_of(named, "c/sheet.cue", ["a/disc.flac", "c/01.flac"]) == "c/01.flac"
    )  # the only one beside it
    assert image_of(named, "c/sheet.cue", ["c/01.flac", "c/02.flac"]) is None


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("utf-8", "Träume"),
        ("utf-8-sig", "Тема"),
        ("utf-16", "Тема"),
        ("cp1251", "Тема Дождя"),
        ("cp1252", "Frühling"),
        ("cp932", "もののけ姫のテーマ"),
    ],
)
def test_an_image_becomes_its_tracks(tmp_path: Path, encoding: str, title: str) -> None:
    image = flac(tmp_path / "disc.flac", noise(1, 6))
    sheet(tmp_path / "disc.cue", encoding, title=title)
    made = read(tmp_path)
    assert titles(made) == [title, 'A "quoted" one', "disc 03"]
    assert made["track"]["artist"].to_list() == ["Guest", "Comp", "Comp"]
    assert made["track"].select("file_start_s", "file_end_s").rows() == TIMES
    assert made["track"]["path"].to_list() == [str(image)] * 3
    assert made["album"].select("title", "artist").row(0) == ("The Score", "Comp")
    assert unused(made) == {}


def test_a_sheet_in_the_tags_divides_its_file(tmp_path: Path) -> None:
    path = flac(tmp_path / "disc.flac", noise(1, 6))
    file = mutagen.File(path)
    file["cuesheet"] = SHEET.format(file="whatever.wav", title="First")
    file.save()
    assert titles(read(tmp_path)) == ["First", 'A "quoted" one', "disc 03"]


def test_discs_in_images_stay_in_order_beside_single_tracks(tmp_path: Path) -> None:
    for no in (2, 10):
        flac(tmp_path / f"CD{no}" / "disc.flac", noise(no, 6))
        sheet(tmp_path / f"CD{no}" / "disc.cue", title=f"of {no}")
    flac(tmp_path / "CD1" / "01 Alone.flac", noise(1))
    assert titles(read(tmp_path))[:2] == ["01 Alone", "of 2"]
    assert titles(read(tmp_path))[4] == "of 10"


def test_sheets_that_do_not_fit_are_told(tmp_path: Path) -> None:
    flac(tmp_path / "disc.flac", noise(1, 3))
    sheet(tmp_path / "disc.cue")
    sheet(tmp_path / "lost" / "x.cue", file="lost.wav")
    flac(tmp_path / "lost" / "1.flac", noise(2))
    flac(tmp_path / "lost" / "2.flac", noise(3))
    made = read(tmp_path)
    assert titles(made) == ["First", 'A "quoted" one', "1", "2"]
    assert unused(made)["disc.flac"] == "ends before track 3 of its cue sheet begins: check the sheet"
    assert unused(made)["x.cue"].startswith("divides 'lost.wav', which is not beside it")


def test_tracks_of_an_image_are_measured_each_by_itself(tmp_path: Path) -> None:
    rate_hz = 22_050
    flac(tmp_path / "album" / "disc.flac", piece({"D major": 16, "Bb minor": 14, "C major": 12}, rate_hz))
    (tmp_path / "album" / "disc.cue").write_text(
        'FILE "disc.flac" WAVE\n'
        + "".join(
            f'TRACK 0{no} AUDIO\nTITLE "{key}"\nINDEX 01 00:{at}:00\n'
            for no, (key, at) in enumerate((("D major", "00"), ("Bb minor", "16"), ("C major", "30")), 1)
        )
    )
    with Warehouse(tmp_path / "warehouse") as warehouse:
        item = Item.of(warehouse, MEDIUM, sources(tmp_path / "album"))
        Run(
            warehouse, defaults(MEDIUM.settings), Models("embedded"), force=False, progress=lambda *_: None
        ).ingest([item])
        rows = fetch(
            warehouse.connection,
            "SELECT title, duration_s, mode, start_s, end_s FROM track JOIN music_segment USING (track_no) ORDER BY track_no",
        ).rows()
        keys = fetch(warehouse.connection, "FROM keystrength WHERE frame_no = 1 ORDER BY track_no")[
            "strength"
        ].arr.arg_max()
    assert [row[:3] for row in rows] == [
        ("D major", pytest.approx(16, abs=0.01), "major"),
        ("Bb minor", pytest.approx(14, abs=0.01), "minor"),
        ("C major", pytest.approx(12, abs=0.01), "major"),
    ]
    assert all(row[3] == 0 and row[4] == row[1] for row in rows)
    assert keys.to_list() == [2, 12 + 10, 0]


@pytest.mark.parametrize("suffix", [".flac", ".wav", ".aiff", ".ogg", ".mp3", ".m4a"])
def test_a_part_of_a_file_is_the_same_sound_as_in_the_whole(tmp_path: Path, suffix: str) -> None:
    sound = noise(1, 12, 48_000)
    path = tmp_path / f"x{suffix}"
    if suffix in (".mp3", ".m4a"):
        encode(path, sound[None])
    else:
        soundfile.write(path, sound, 48_000)
    whole = np.concatenate(list(stream(path, 48_000)))
    part = np.concatenate(list(stream(path, 48_000, start_s=7.25, end_s=9.5)))
    assert len(part) == 2.25 * 48_000
    assert part == pytest.approx(whole[round(7.25 * 48_000) :][: len(part)], abs=1e-4)
    rough = np.concatenate(list(stream(path, 48_000, start_s=7.25, end_s=9.5, roughly=True)))
    assert len(rough) == pytest.approx(len(part), abs=48_00)
    assert len(np.concatenate([*stream(path, 48_000, start_s=11), np.zeros(0)])) == len(whole) - 11 * 48_000
