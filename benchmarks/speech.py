"""Where a film's sound holds speech, heard over music by several detectors, and how surely cues are placed by it.

Run: python benchmarks/speech.py [--minutes 90]

The film is music of Debian's wesnoth-music throughout, and the lines of real subtitles (The Little Princess),
spoken by espeak-ng and three readers in turn, as much louder or softer than the music as told. Detection:
correlation of the frames marked as speech with the truth, and the share of the music alone that is taken for
speech. Placing: how well the film's own cues fit the speech, and those of three other films at best, in standard
deviations of the fit at wrong offsets; the gate lies at `cue_fit.CLEAR`.

webrtcvad is used where webrtcvad-wheels is installed. Needs wesnoth-music and espeak-ng. It installs nothing.
"""

from __future__ import annotations

import importlib.util
import io
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import polars as pl
import soundfile
from scipy.signal import resample_poly

from bookscore.ingest.film.cues import fit as cue_fit
from bookscore.ingest.film.cues import subtitles as cues
from bookscore.ingest.media import speech
from bookscore.ingest.media.sound import stream

RATE_HZ = speech.RATE_HZ
WESNOTH = Path("/usr/share/games/wesnoth")
DATA = Path(__file__).parents[2] / "shared" / "data"
VOICES = ("en-us", "en-gb+f2", "en-us+m3", "en-gb", "en-us+f4")
LEVEL = 0.05


def spans(lines: list[cues.Cue]) -> pl.DataFrame:
    rows = [(line.start_s, line.end_s) for line in lines]
    return pl.DataFrame(rows, schema=speech.SCHEMA, orient="row")


def at_level(sound: np.ndarray) -> np.ndarray:
    return sound * (LEVEL / max(float(np.sqrt(np.mean(sound**2))), 1e-9))


def spoken(lines: list[cues.Cue], n: int) -> tuple[np.ndarray, np.ndarray]:
    """The lines said at their times, every fourth by a reader, and the samples that hold speech."""
    readers = [
        np.concatenate(list(stream(path, RATE_HZ))) for path in sorted(DATA.glob("music/librosa/*-0000.ogg"))
    ]
    talk, truth = np.zeros(n, np.float32), np.zeros(n, bool)
    for number, line in enumerate(lines):
        if number % 4 == 3:
            reader = readers[number // 4 % 3]
            start = number * 4001 % (len(reader) - RATE_HZ)
            said = reader[start : start + round((line.end_s - line.start_s) * RATE_HZ)]
        else:
            command = ["espeak-ng", "-v", VOICES[number % len(VOICES)], "--stdout", line.text]
            wave = subprocess.run(command, capture_output=True, check=True).stdout
            read, rate_hz = soundfile.read(io.BytesIO(wave), dtype="float32")
            said = resample_poly(read, RATE_HZ, rate_hz)
        at = round(line.start_s * RATE_HZ)
        said = at_level(said)[: max(n - at, 0)]
        talk[at : at + len(said)] += said
        truth[at : at + len(said)] = True
    return talk, truth


def tracks(n: int) -> np.ndarray:
    sound, length = [], 0
    for path in sorted(WESNOTH.rglob("music/*.ogg")):
        sound.append(at_level(np.concatenate(list(stream(path, RATE_HZ)))))
        length += len(sound[-1])
        if length >= n:
            break
    return np.resize(np.concatenate(sound), n)


def ours(sound: np.ndarray) -> pl.DataFrame:
    return speech.stretches(speech.scores(sound))


def without_refreshing(sound: np.ndarray) -> pl.DataFrame:
    return speech.stretches(speech._detector().audio_forward(sound))


def webrtc(sound: np.ndarray) -> pl.DataFrame:
    import webrtcvad

    detector, size = webrtcvad.Vad(3), RATE_HZ * 30 // 1000
    pcm = (sound.clip(-1, 1) * 32767).astype("<i2")
    marks = [
        detector.is_speech(pcm[at : at + size].tobytes(), RATE_HZ)
        for at in range(0, len(pcm) - size + 1, size)
    ]
    edges = np.flatnonzero(np.diff(np.r_[0, marks, 0])) * 0.03
    return pl.DataFrame(edges.reshape(-1, 2), schema=speech.SCHEMA, orient="row")


def agreement(found: pl.DataFrame, truth: np.ndarray) -> float:
    marks = np.zeros(len(truth), bool)
    for start_s, end_s in found.iter_rows():
        marks[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)] = True
    return float(np.corrcoef(marks[::160], truth[::160])[0, 1])


@click.command(help=__doc__)
@click.option("--minutes", default=90, help="Length of the film.")
def main(minutes: int) -> None:
    missing = [name for name in ("espeak-ng",) if shutil.which(name) is None]
    missing += [] if WESNOTH.is_dir() else ["wesnoth-music"]
    if missing:
        raise click.ClickException(f"missing: apt-get install {' '.join(missing)}")
    films = {path.stem: cues.read_file(path).cues for path in sorted((DATA / "subtitles").glob("*.srt"))}
    lines = [line for line in films.pop("the-little-princess-1939-en") if line.end_s < minutes * 60]
    n = minutes * 60 * RATE_HZ
    (talk, truth), music = spoken(lines, n), tracks(n)
    detectors: dict[str, Callable[[np.ndarray], pl.DataFrame]] = {
        "ours": ours,
        "never refreshed": without_refreshing,
    }
    if importlib.util.find_spec("webrtcvad"):
        detectors["webrtcvad"] = webrtc
    for name, detect in detectors.items():
        started_s = time.perf_counter()
        false = detect(music)
        speed = minutes * 60 / (time.perf_counter() - started_s)
        share = (false["end_s"] - false["start_s"]).sum() / (minutes * 60)
        click.echo(f"{name}: {speed:.0f} times real time; {share:.1%} of music alone taken for speech")
        for level_db in (10, 0, -6, -12):
            mixed = talk + music * 10 ** (-level_db / 20)
            found = detect(mixed / np.abs(mixed).max())
            own, *others = (
                fit.fit / fit.chance if fit else 0.0
                for fit in (
                    cue_fit.measure(spans(film), found, minutes * 60.0) for film in (lines, *films.values())
                )
            )
            click.echo(
                f"  speech {level_db:+} dB: agreement {agreement(found, truth):.2f}; "
                f"own cues {own:.1f}, others at most {max(others):.1f}"
            )


if __name__ == "__main__":
    main()
