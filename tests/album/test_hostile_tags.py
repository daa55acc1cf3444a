"""Tags and cue sheets made to take memory or time without end; the music still plays."""

from __future__ import annotations

import time
import zlib
from pathlib import Path

import mutagen.id3
import numpy as np
import pytest
from synthetic_music import encode

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.album.bounded_id3 import bounded, is_plausible
from bookscore.ingest.album.cue_sheet import MOST_TRACKS, parsed
from bookscore.ingest.album.order import album_and_disc, in_order, natural
from bookscore.ingest.album.tags import LONGEST, of_files
from bookscore.ingest.media.sound import stream

MOST_S = 5.0


def syncsafe(n: int) -> bytes:
    return bytes(n >> shift & 127 for shift in (21, 14, 7, 0))


def frame(name: bytes, data: bytes, flags: int = 0) -> bytes:
    return name + syncsafe(len(data)) + flags.to_bytes(2, "big") + data


def tagged(path: Path, *frames: bytes, flags: int = 0) -> Path:
    body = b"".join(frames)
    music = encode(path, np.zeros((1, 4800), np.float32)).read_bytes()
    path.write_bytes(b"ID3\4\0" + bytes([flags]) + syncsafe(len(body)) + body + music)
    return path


def test_a_frame_that_unpacks_to_gigabytes_is_not_unpacked(tmp_path: Path) -> None:
    pressed = (100).to_bytes(4, "big") + zlib.compress(b"\3" + b"a" * 100_000_000)
    path = tagged(tmp_path / "a.mp3", frame(b"TIT2", pressed, 0x0009), frame(b"TALB", b"\3Album"))
    with bounded():
        tags = mutagen.id3.ID3(path)
    assert "TIT2" not in tags and tags["TALB"].text == ["Album"]
    small = (20).to_bytes(4, "big") + zlib.compress(b"\3A title")
    path = tagged(tmp_path / "b.mp3", frame(b"TIT2", small, 0x0009))
    assert of_files({"b.mp3": path}, {"b.mp3": {}})["b.mp3"]["title"] == "A title"


MANY = {
    "frames": [frame(b"TIT2", b"\3ab")] * 100_000,
    "values": [frame(b"TPE1", b"\3" + b"a\0" * 500_000)],
    "text": [frame(b"TIT2", b"\3" + b"ab " * 500_000)],
    "escapes": [frame(b"APIC", b"\xff\0" * 1_500_000)],
}


@pytest.mark.parametrize("kind", MANY)
def test_a_tag_of_more_than_tags_have_is_left_to_ffmpeg(tmp_path: Path, kind: str) -> None:
    path = tagged(tmp_path / "a.mp3", *MANY[kind])
    began_s = time.process_time()
    assert of_files({"a.mp3": path}, {"a.mp3": {"title": "Told by FFmpeg"}})["a.mp3"] == {
        "title": "Told by FFmpeg"
    }
    assert time.process_time() - began_s < MOST_S


def test_a_large_cover_is_plausible() -> None:
    cover = frame(b"APIC", bytes(range(256)) * 4000)
    assert is_plausible(cover + frame(b"TIT2", b"\3Title") + bytes(1000), 4)
    assert not is_plausible(frame(b"TIT2", b"\3" + b"a" * 200_000), 4)
    assert is_plausible(b"TT2\0\0\3\0ab", 2) and is_plausible(b"", 3)


def test_endless_texts_are_cut_and_sorted_in_time(tmp_path: Path) -> None:
    raw = {"title": "a " * 1_000_000, "album": "," * 1_000_000 + "x", "artist": b"\xe9a" * 1_000_000}
    (tmp_path / "a.wav").write_bytes(b"")
    began_s = time.process_time()
    (found,) = of_files({"a.wav": tmp_path / "a.wav"}, {"a.wav": raw}).values()  # type: ignore[dict-item]
    assert all(len(text) <= LONGEST for text in found.values()) and found["artist"].startswith("éaéa")
    assert album_and_disc(found["album"])[1] is None
    assert time.process_time() - began_s < MOST_S


def test_endless_numbers_and_turkish_letters_sort() -> None:
    digits = "9" * 5000
    tags = {
        "a.mp3": {"tracknumber": digits, "discnumber": digits, "album": digits},
        "b.mp3": {"tracknumber": "fıve"},
    }
    assert sorted(in_order(tags)) == ["a.mp3", "b.mp3"]
    assert natural("Disc ıı") == natural("Disc 2") and natural("Part FİVE") == natural("Part 5")


SHEETS = {
    "number": ("TRACK " + "9" * 5000 + "\nINDEX 01 00:00:00\nTRACK 2\nINDEX 01 00:01:00\n", 2),
    "minutes": ("TRACK 1\nINDEX 01 00:00:00\nTRACK 2\nINDEX 01 " + "9" * 400 + ":00:00\nTRACK 3\nINDEX 01 00:02:00\n", 2),
    "tracks": ("TRACK 1\nINDEX 01 00:00:00\n" * (MOST_TRACKS + 1), 0),
    "length": ("TRACK 1\nINDEX 01 00:00:00\n" * 100_000, 0),
}  # fmt: skip


@pytest.mark.parametrize("kind", SHEETS)
def test_cue_sheets_without_end(kind: str) -> None:
    sheet, n_parts = SHEETS[kind]
    assert [len(image.parts) for image in parsed(f'FILE "a.wav" WAVE\n{sheet}')] == (
        [n_parts] if n_parts else []
    )


def test_names_in_a_sheet_with_and_without_quotes() -> None:
    rest = "TRACK 1\nINDEX 01 00:00:00\nTRACK 2\nINDEX 01 00:01:00\n"
    for written, name in {
        '"a b.wav" WAVE': "a b.wav", "a b.wav WAVE": "a b.wav", "a b.wav": "a b.wav", '"a "b".wav" MP3': 'a "b".wav',
        f"a{' ' * 300_000}b": f"a{' ' * 300_000}b", "WAVE": "WAVE",
    }.items():  # fmt: skip
        assert [image.file for image in parsed(f"FILE {written}\n{rest}")] == [name]


def test_sound_of_one_sample_a_second_is_no_music(tmp_path: Path) -> None:
    data = bytearray(encode(tmp_path / "a.wav", np.zeros((1, 4800), np.float32)).read_bytes())
    data[24:28] = (1).to_bytes(4, "little")
    (tmp_path / "a.wav").write_bytes(data)
    with pytest.raises(BookscoreError, match=r"a\.wav: its sound has 1 samples a second"):
        next(stream(tmp_path / "a.wav", 4000))
