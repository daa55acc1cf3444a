"""Exports of tracks that a cue sheet cuts out of one file."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import duckdb
import heard
import jsonschema
import numpy as np
import pytest
import soundfile as sf
import woven_fixture as woven_title

from bookscore.queries import playlist, reader, soundtrack_json, woven
from bookscore.queries.sound import music_files
from bookscore.queries.sound.looping import Loop

RATE_HZ = woven_title.RATE_HZ
BEFORE_S = 3.0
STARTS_S = {1: BEFORE_S, 2: BEFORE_S + 8.0}


@pytest.fixture(params=["image.flac", "image.ogg"])
def image(tmp_path: Path, request: pytest.FixtureRequest) -> duckdb.DuckDBPyConnection:
    """The tracks one after the other in one file, after some seconds of another tone: found by a jump, or not."""
    connection = woven_title.make(tmp_path)
    folder = tmp_path / "album"
    noise = 0.3 * np.sin(2 * np.pi * 200 * np.arange(round(BEFORE_S * RATE_HZ)) / RATE_HZ)
    parts = [noise, *(sf.read(folder / name)[0] for name in (woven_title.TRACK_1, woven_title.TRACK_2))]
    sf.write(folder / request.param, np.concatenate(parts), RATE_HZ)
    for number, start_s in STARTS_S.items():
        connection.execute(
            "UPDATE track SET path = ?, file_start_s = ? WHERE track_no = ?",
            [str(folder / request.param), start_s, number],
        )
    return connection


def test_playlist_names_places_in_the_file(image, tmp_path):
    playlist.write(image, woven_title.NAME, tmp_path / "lamp.m3u8")
    starts = re.findall(r"start-time=([\d.]+)", (tmp_path / "lamp.m3u8").read_text())
    expected = [STARTS_S[piece[0]] + woven_title.PIECES[piece][0] for piece, _ in woven_title.WOVEN.values()]
    assert [float(start) for start in starts] == expected
    playlist.write(image, woven_title.NAME, tmp_path / "cut.m3u8", cut=True, codec="flac")
    for line, (piece, _) in zip(
        [x for x in (tmp_path / "cut.m3u8").read_text().splitlines() if x[0] != "#"],
        woven_title.WOVEN.values(),
        strict=True,
    ):
        sound, rate_hz = heard.decoded(tmp_path / line)
        start_s, end_s, pitch_hz = woven_title.PIECES[piece]
        assert sound.shape[1] / rate_hz == pytest.approx(end_s - start_s, abs=0.03)
        assert heard.pitch_hz(sound[0], rate_hz) == pytest.approx(pitch_hz, abs=2)


def test_reader_and_loops_have_the_music_of_the_track(image, tmp_path):
    reader.write(image, woven_title.NAME, tmp_path / "reader")
    scripts = list((tmp_path / "reader" / "audio").glob("*.js"))
    assert len(scripts) == 3
    for script in scripts:
        piece, mp3 = re.fullmatch(r'bookscoreAudio\("([\d-]+)","(.*)"\);\n', script.read_text()).groups()
        sound, rate_hz = heard.decoded(base64.b64decode(mp3))
        known = woven_title.PIECES[tuple(map(int, piece.split("-")))]
        assert heard.pitch_hz(sound[0], rate_hz) == pytest.approx(known[2], abs=2)
    for segment in woven.load(image, woven_title.NAME).segments:
        loop = Loop.of(segment, RATE_HZ)
        known = woven_title.PIECES[segment.piece]
        assert heard.pitch_hz(loop.round[0], RATE_HZ) == pytest.approx(known[2], abs=2)


def test_json_tells_where_the_track_begins_in_its_file(image, tmp_path):
    soundtrack_json.write(image, woven_title.NAME, tmp_path / "lamp.json")
    document = json.loads((tmp_path / "lamp.json").read_text())
    schema = Path(soundtrack_json.__file__).with_name("soundtrack.schema.json")
    jsonschema.validate(document, json.loads(schema.read_text()))
    assert {t["track_no"]: t["file_start_s"] for t in document["tracks"]} == STARTS_S


@pytest.mark.parametrize("suffix", [".flac", ".wav", ".aiff", ".ogg"])
def test_a_part_far_inside_a_file_is_cut_at_the_sample(tmp_path: Path, suffix: str) -> None:
    sound = 0.001 * np.random.default_rng(0).standard_normal(30 * RATE_HZ)
    sound[20 * RATE_HZ] = 0.9
    sf.write(tmp_path / f"x{suffix}", sound, RATE_HZ)
    [cut] = music_files.cut(tmp_path / f"x{suffix}", [(19.5, 20.5)])
    assert cut.shape == (2, RATE_HZ)
    assert np.abs(cut[0]).argmax() == RATE_HZ // 2
