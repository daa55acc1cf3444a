"""Cues against the speech of a film: where speech is, what moves cues into place, and whose they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from bookscore.engine.errors import BelowGate
from bookscore.engine.settings import defaults
from bookscore.engine.stage import Inputs
from bookscore.ingest.film.cues.fit import Fit, measure
from bookscore.ingest.film.cues.stage import read_cues
from bookscore.ingest.film.medium import MEDIUM
from bookscore.ingest.media import speech
from bookscore.ingest.media.sound import stream
from tests.small_models import SmallModels

LENGTH_S = 5400.0


def spans(rows: Any) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"start_s": pl.Float64, "end_s": pl.Float64}, orient="row")


def talk(seed: int, length_s: float = LENGTH_S, share: float = 0.4) -> pl.DataFrame:
    """Lines of one to five seconds that fill a share of the film, denser in some minutes than in others."""
    rng = np.random.default_rng(seed)
    rows, at_s = [], 5.0
    while at_s < length_s - 10:
        line_s = rng.uniform(1, 5)
        rows.append((at_s, at_s + line_s))
        lull = 1.6 if at_s // 300 % 2 else 0.6
        at_s += line_s + rng.exponential(3 * (1 - share) / share * lull)
    return spans(rows)


def heard(lines: pl.DataFrame, seed: int = 0, missed: float = 0.4) -> pl.DataFrame:
    """Lines as a detector hears them: some not at all, the others with other ends, and some false ones."""
    rng = np.random.default_rng(seed)
    rows = []
    for start_s, end_s in lines.iter_rows():
        if rng.random() > missed:
            rows.append((start_s + rng.normal(0, 0.2), max(end_s - rng.exponential(0.3), start_s + 0.5)))
        if rng.random() < 0.2:
            rows.append((end_s + 2, end_s + 2 + rng.uniform(0.3, 1)))
    return spans(rows)


@pytest.mark.parametrize("offset_s", [0.0, -37.3, 0.9, 61.0])
@pytest.mark.parametrize("speed", [1.0, 25 / 24, 24 / 25, 1001 / 1000, 1000 / 1001, 25.025 / 24])
def test_offset_and_speed_are_found(offset_s: float, speed: float) -> None:
    lines = talk(1)
    fit = measure(lines.select((pl.all() - offset_s) / speed), heard(lines), LENGTH_S)
    assert fit and fit.is_clear and not fit.disagrees(0.2)
    assert fit.speed == pytest.approx(speed)
    assert fit.offset_s == pytest.approx(offset_s, abs=0.25)
    assert fit.gains == ((offset_s, speed) != (0.0, 1.0))


@pytest.mark.parametrize("seed", range(2, 8))
def test_cues_of_another_film_agree_with_nothing(seed: int) -> None:
    fit = measure(talk(seed), heard(talk(1)), LENGTH_S)
    assert fit and fit.disagrees(0.2) and not fit.gains
    assert fit.fit < 6 * fit.chance < 0.2


@pytest.mark.parametrize(
    "speech_rows", [[], [(0.0, LENGTH_S)], [(10.0, 12.0)], [(100.0 * n, 100.0 * n + 1) for n in range(50)]]
)
def test_a_film_with_little_speech_or_nothing_else_is_not_measured(speech_rows: Any) -> None:
    fit = measure(talk(1), spans(speech_rows), LENGTH_S)
    assert fit is None or not (fit.is_clear or fit.disagrees(0.2))


def test_a_short_film_is_not_enough_to_refuse_cues() -> None:
    fit = measure(talk(2, 800), heard(talk(1, 800)), 800)
    assert fit and not fit.disagrees(0.2) and not fit.gains


@pytest.mark.parametrize("length_s", [60.0, LENGTH_S])
@pytest.mark.parametrize("n_cues", [0, 3, 30])
def test_few_cues_are_not_measured(n_cues: int, length_s: float) -> None:
    for seed in range(5):
        few = talk(seed).sample(n_cues, seed=seed).sort("start_s") * (length_s / LENGTH_S)
        assert measure(few, heard(talk(seed + 9, length_s)), length_s) is None


def film(folder: Path, lines: pl.DataFrame, speech_rows: pl.DataFrame, **settings: Any) -> dict[str, Any]:
    """The stage's rows for a subtitle file of `lines` beside a film with that speech."""
    blocks = (
        f"{no}\n{clock(start_s)} --> {clock(end_s)}\nLine {no}\n"
        for no, (start_s, end_s) in enumerate(lines.iter_rows(), 1)
    )
    (folder / "f.srt").write_text("\n".join(blocks))
    return rows(folder, speech_rows, **settings)


def rows(folder: Path, speech_rows: pl.DataFrame, **settings: Any) -> dict[str, Any]:
    (folder / "f.mkv").touch()
    files = {"video": folder / "f.mkv", "subtitles": folder / "f.srt"}
    given = {"film": pl.DataFrame({"duration_s": [LENGTH_S]}), "film_speech": speech_rows}
    made = read_cues(Inputs("f1", 0, files, defaults(MEDIUM.settings) | settings, given, SmallModels()))
    return {"cue": made["cue"], **made["cue_source"].row(0, named=True)}


def clock(time_s: float) -> str:
    whole, thousandths = divmod(round(time_s * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02},{thousandths:03}"


def test_drifting_subtitles_are_moved_even_where_they_end_after_the_film(tmp_path: Path) -> None:
    lines = talk(1)
    drifting = lines.select((pl.all() + 4) * 25 / 24)
    assert drifting["end_s"][-1] > LENGTH_S + 120
    made = film(tmp_path, drifting, heard(lines))
    assert (made["origin"], made["format"], made["n_left_out"]) == ("file", "srt", 0)
    assert made["speed"] == pytest.approx(24 / 25)
    assert made["offset_s"] == pytest.approx(-4, abs=0.25)
    assert 0.3 < made["fit"] < 1
    assert made["cue"]["start_s"].to_numpy() == pytest.approx(lines["start_s"].to_numpy(), abs=0.25)


def test_subtitles_in_place_stay_as_they_are(tmp_path: Path) -> None:
    lines = talk(1)
    made = film(tmp_path, lines, heard(lines))
    assert (made["offset_s"], made["speed"]) == (0, 1) and made["fit"] > 0.3
    assert made["cue"]["start_s"].to_numpy() == pytest.approx(lines["start_s"].to_numpy(), abs=0.001)


def test_without_speech_the_fit_is_not_known(tmp_path: Path) -> None:
    made = film(tmp_path, talk(1), spans([]))
    assert (made["offset_s"], made["speed"], made["fit"]) == (0, 1, None)


def test_sung_lines_are_kept_but_not_measured(tmp_path: Path) -> None:
    lines, songs = talk(1), spans([(5000.0 + n, 5000.9 + n) for n in range(0, 300)])
    plain = film(tmp_path, lines.filter(pl.col("end_s") < 5000), heard(lines))["fit"]
    subtitles = (tmp_path / "f.srt").read_text()
    for no, (start_s, end_s) in enumerate(songs.iter_rows(), 9000):
        subtitles += f"\n{no}\n{clock(start_s)} --> {clock(end_s)}\n♪ La la la ♪\n"
    (tmp_path / "f.srt").write_text(subtitles)
    made = rows(tmp_path, heard(lines))
    assert made["fit"] == plain
    assert made["cue"].filter("is_lyrics").select("text", "start_s").row(0) == ("La la la", 5000.0)
    assert made["cue"]["is_lyrics"].sum() == 300


def test_subtitles_of_another_film_are_below_the_gate_unless_it_is_lowered(tmp_path: Path) -> None:
    with pytest.raises(BelowGate, match=r"f\.srt: does not fit f\.mkv: .*film\.cue_fit=0"):
        film(tmp_path, talk(2), heard(talk(1)))
    made = film(tmp_path, talk(2), heard(talk(1)), **{"film.cue_fit": 0.0})
    assert made["fit"] is None and len(made["cue"]) == len(talk(2))


def test_speech_is_heard_over_music_and_not_in_music(data_dir: Path) -> None:
    def sound(name: str) -> np.ndarray:
        return np.concatenate(list(stream(data_dir / "music" / name, speech.RATE_HZ)))

    music = sound("tears_of_steel_ost/03 The battle.ogg")[: 60 * speech.RATE_HZ]
    voice = sound("librosa/198-209-0000.ogg")[: 13 * speech.RATE_HZ]
    voice *= 1.5 * np.sqrt(np.mean(music**2) / np.mean(voice**2))
    film = music.copy()
    film[20 * speech.RATE_HZ :][: len(voice)] += voice
    assert (
        speech.stretches(speech.scores(music)).select((pl.col("end_s") - pl.col("start_s")).sum()).item() < 2
    )
    found = speech.stretches(speech.scores(film))
    inside = sum(min(end_s, 33.0) - max(start_s, 20.0) for start_s, end_s in found.iter_rows() if end_s > 20)
    assert inside > 8
    assert (found["end_s"] - found["start_s"]).sum() - inside < 2


def test_the_threads_of_other_models_stay_as_they_were() -> None:
    import torch

    before = torch.get_num_threads()
    speech.scores(np.zeros(speech.FRAME, np.float32))
    assert torch.get_num_threads() == before


def test_a_fit_that_chance_gives_as_well_moves_nothing() -> None:
    assert not Fit(5.0, 1.0, fit=0.1, fit_unmoved=0.01, chance=0.03, attainable=0.8).gains
