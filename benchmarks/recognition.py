"""Which music of an album plays in a film, and where: found under speech and noise, beside audfprint.

Run: python benchmarks/recognition.py [--minutes 60] [--only CONDITION ...] [--recogniser NAME ...]

The album is the 41 tracks of Debian's wesnoth-music. The film is excerpts of them (3-90 s) with pauses, under
speech without end (three readers and espeak-ng's voices) and bursts of noise; in some pauses plays other music.
Each excerpt is so many dB louder than the rest while it plays. A window of 5 s counts as music of the album
where an excerpt fills more than half of it, but is left out where the track itself is there 20 dB below the
excerpt's mean: most tracks begin and end in silence. Recall: windows whose track and place (to 0.5 s) are told;
precision: of the windows for which any are told. Offsets: the greatest error of the windows that are right; ends:
the median error of the excerpts' starts and ends. Time is that from the film's file to the runs in `heard` with
the album decoded; memory is the peak of the process, which holds the album's sound besides.

audfprint is its packaged fork audfprint2, with windows of 10 s every 5 s, density 70 and its default of 5 hashes.
Needs wesnoth-music, espeak-ng and ffmpeg; audfprint2 only for its column. It installs nothing.
"""

from __future__ import annotations

import importlib.util
import io
import multiprocessing
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import numpy as np
import polars as pl
import soundfile
from scipy.signal import fftconvolve, firwin2, resample_poly

from bookscore.engine import sql_runner
from bookscore.engine.settings import defaults
from bookscore.engine.warehouse import Warehouse
from bookscore.ingest.heard.correlation import recognise
from bookscore.ingest.heard.landmarks import RATE_HZ as LANDMARK_HZ
from bookscore.ingest.heard.landmarks import landmarks
from bookscore.ingest.media.sound import RECOGNISER_HZ, stream
from bookscore.sql.settings import SETTINGS, parameters

WESNOTH = Path("/usr/share/games/wesnoth")
MUSIC = Path(__file__).parents[2] / "shared" / "data" / "music"
RATE_HZ = 16_000
DENSITY = 70  # of audfprint's hashes
WINDOW_S, PLACE_S, FADED_DB = 5.0, 0.5, -20.0
VOICES = ("en-us", "en-gb", "en-us+f3", "en-gb+m4", "de", "fr+f2", "es", "en-gb-scotland", "it+f4")
TEXT = """the lamp went out and somebody walked across the yard while rain fell on an old harbour nobody answered
when he called her name again they had been waiting for three days without any news from town I do not believe a
single word of it he said quietly give me that letter before it is too late"""
IDS = {"title_id": "title", "book_id": "book", "film_id": "film", "album_id": "album"}
Tracks = dict[int, np.ndarray]


@dataclass(frozen=True)
class Condition:
    """How a film's sound is made: music at `music_db` over the rest."""

    name: str
    music_db: float
    codec: tuple[str, ...] = ("-ac", "1", "film.wav")
    mix: str = "mono|c0=c0+c1"  # of music (c0) and the rest (c1)
    room: bool = False
    fade_s: float = 0.0
    speed: Fraction = Fraction(1)
    pause_s: tuple[float, float] = (3, 40)


AAC = ("-ar", "48000", "-c:a", "aac", "-b:a", "96k", "film.m4a")
AC3 = ("-ar", "48000", "-c:a", "ac3", "-b:a", "448k", "film.mka")
SURROUND = "5.1|FL=c0|FR=c0|FC=c1|LFE=0*c0|BL=.7*c0|BR=.7*c0"
CONDITIONS = [
    *(Condition(f"{db:+d} dB", db) for db in (6, 0, -6, -12)),
    Condition("AAC 96 kb/s", -6, codec=AAC, mix="stereo|c0=c0+c1|c1=c0+c1"),
    Condition("5.1 AC-3, mixed down", -6, codec=AC3, mix=SURROUND),
    Condition("EQ and reverberation", -6, room=True),
    Condition("fades of 5 s", -6, fade_s=5),
    Condition("without pauses", -6, pause_s=(0, 0)),
    *(Condition(f"PAL, {db:+d} dB", db, speed=Fraction(25, 24)) for db in (-6, -12)),
    *(Condition(f"pulldown, {db:+d} dB", db, speed=Fraction(1000, 1001)) for db in (-6, -12)),
]


@dataclass(frozen=True)
class Excerpt:
    """Where a track plays in the film, and its place in the track at film second 0 (on the track's clock)."""

    start_s: float
    end_s: float
    track_no: int
    lag_s: float
    speed: float = 1.0

    def window(self, no: int) -> bool:
        """Whether it fills more than half of a window."""
        inside_s = min(self.end_s, (no + 1) * WINDOW_S) - max(self.start_s, no * WINDOW_S)
        return inside_s > WINDOW_S / 2


@dataclass(frozen=True)
class Result:
    """What a recogniser told, and what it took."""

    runs: list[Excerpt]
    cpu_s: float
    wall_s: float
    peak_mib: float


@click.command()
@click.option("--minutes", default=60.0, help="Length of the film.")
@click.option("--only", multiple=True, help="Names of the conditions to try.")
@click.option("--recogniser", "wanted", multiple=True, help="Names of the recognisers to try.")
def main(minutes: float, only: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    album = album_files()
    peer = importlib.util.find_spec("audfprint2") is not None
    recognisers: dict[str, Callable[[Path], Result]] = {"album": by_album, "landmarks": by_landmarks}
    recognisers |= {"audfprint": by_audfprint} if peer else {}
    recognisers = {name: work for name, work in recognisers.items() if name in (wanted or recognisers)}
    if not peer:
        click.echo("pip install audfprint2 to see it beside ours")
    click.echo(
        f"{'':22}{'recogniser':12}{'recall':>8}{'precision':>10}{'offset ms':>10}{'ends s':>8}", nl=False
    )
    click.echo(f"{'CPU s/h':>9}{'wall s/h':>9}{'MiB':>6}{'windows':>8}")
    tracks = {no: sound_of(path, RATE_HZ) for no, path in album.items()}
    rest, free = surroundings(minutes, np.random.default_rng(1))
    with ExitStack() as stack:
        fresh = multiprocessing.get_context("spawn")
        pools = {name: stack.enter_context(ProcessPoolExecutor(1, mp_context=fresh)) for name in recognisers}
        for condition in CONDITIONS:
            if only and condition.name not in only:
                continue
            with tempfile.TemporaryDirectory() as folder:
                path, truth, left_out = film(condition, tracks, rest, free, Path(folder))
                for name, recogniser in recognisers.items():
                    result = pools[name].submit(recogniser, path).result()
                    click.echo(f"{condition.name:22}{name:12}" + figures(result, truth, left_out, minutes))


def album_files() -> dict[int, Path]:
    missing = [f"apt-get install {name}" for name in ("espeak-ng", "ffmpeg") if shutil.which(name) is None]
    paths = sorted(WESNOTH.glob("*/data/core/music/*.ogg"))
    missing += [] if paths else ["apt-get install wesnoth-music"]
    missing += [] if MUSIC.is_dir() else [f"the folder {MUSIC}"]
    if missing:
        raise click.ClickException(f"this benchmark needs: {'; '.join(missing)}")
    return dict(enumerate(paths, 1))


def sound_of(path: Path, rate_hz: int) -> np.ndarray:
    return np.concatenate(list(stream(path, rate_hz)))


def surroundings(minutes: float, rng: np.random.Generator) -> tuple[np.ndarray, list[np.ndarray]]:
    """Speech with bursts of noise, and music that is not on the album."""
    readers = [sound_of(path, RATE_HZ) for path in sorted((MUSIC / "librosa").glob("*-0000.ogg"))]
    for voice in VOICES * 3:
        text, pace = " ".join(rng.choice(TEXT.split(), 40)), str(rng.integers(130, 190))
        spoken = subprocess.run(
            ["espeak-ng", "-v", voice, "-s", pace, "--stdout", text], capture_output=True, check=True
        )
        sound, rate_hz = soundfile.read(io.BytesIO(spoken.stdout), dtype="float32")
        readers.append(resample_poly(sound, RATE_HZ, rate_hz).astype(np.float32))
    line = np.zeros(round(minutes * 60 * RATE_HZ), np.float32)
    at = 0
    while at < len(line):
        reader = readers[rng.integers(len(readers))]
        add(line, at, reader / loudness(reader[np.abs(reader) > 0.01]) * rng.uniform(0.6, 1.2))
        at += len(reader) + round(rng.exponential(0.5) * RATE_HZ)
    at = 0
    while at < len(line):
        size = round(rng.uniform(0.2, 6) * RATE_HZ)
        spectrum = np.fft.rfft(rng.standard_normal(size))
        noise = np.fft.irfft(spectrum * (1 + np.arange(len(spectrum))) ** -rng.uniform(0, 1), size)
        add(line, at, noise / noise.std() * np.exp(-np.arange(size) / RATE_HZ) * rng.uniform(0.1, 1))
        at += round(rng.exponential(2.5) * RATE_HZ)
    others = [path for path in sorted(MUSIC.glob("*/*.ogg")) if not path.stem.endswith("-0000")]
    return line, [sound_of(path, RATE_HZ) for path in others]


def film(
    condition: Condition, tracks: Tracks, rest: np.ndarray, free: list[np.ndarray], folder: Path
) -> tuple[Path, list[Excerpt], set[int]]:
    """The film's file, what is true of it, and the windows to leave out."""
    rng = np.random.default_rng(2)
    music, rest = np.zeros_like(rest), rest.copy()
    truth, quiet = [], np.zeros(len(rest) // RATE_HZ * 10 + 10, bool)  # by tenths of a second
    long = [no for no, sound in tracks.items() if len(sound) > 12 * RATE_HZ and sound.any()]
    room = (
        np.exp(-np.arange(RATE_HZ) / (0.17 * RATE_HZ)) * rng.standard_normal(RATE_HZ) * 0.02
    )  # 1.2 s to -60 dB
    room[0] = 1
    tone = firwin2(513, [0, 0.02, 0.06, 0.2, 0.5, 1], [2, 2, 1, 0.6, 0.3, 0.1])  # to 8 kHz
    at_s = 5.0
    while True:
        no = long[rng.integers(len(long))]
        length_s = min(rng.uniform(3, 90), len(tracks[no]) / RATE_HZ - 0.5)
        offset_s = rng.uniform(0, len(tracks[no]) / RATE_HZ - length_s)
        begin, size = round(at_s * RATE_HZ), round(length_s * RATE_HZ)
        if begin + size > len(rest) - 5 * RATE_HZ:
            break
        first = round(offset_s * RATE_HZ)
        piece = tracks[no][first : first + size].copy()
        if condition.room:
            piece = fftconvolve(fftconvolve(piece, tone, "same"), room)[:size]
        fade = min(round(condition.fade_s * RATE_HZ), size // 3)
        if fade:
            ramp = np.linspace(0, 1, fade)
            piece[:fade] *= ramp
            piece[-fade:] *= ramp[::-1]
        piece *= loudness(rest[begin : begin + size]) / loudness(piece) * 10 ** (condition.music_db / 20)
        add(music, begin, piece)
        tenths = piece[: size // 1600 * 1600].reshape(-1, 1600)
        level = np.sqrt(np.mean(np.square(tenths), axis=1)) / loudness(piece)
        quiet[begin // 1600 : begin // 1600 + len(level)] = level < 10 ** (FADED_DB / 20)
        truth.append(Excerpt(begin / RATE_HZ, (begin + size) / RATE_HZ, no, (first - begin) / RATE_HZ))
        at_s += length_s + rng.uniform(*condition.pause_s)
    for index, (before, after) in enumerate(pairwise(truth)):
        begin, size = round((before.end_s + 1) * RATE_HZ), round((after.start_s - before.end_s - 2) * RATE_HZ)
        if size > 10 * RATE_HZ:
            other = free[index % len(free)][:size]
            add(rest, begin, other / loudness(other) * loudness(rest[begin : begin + size]))
    told = [replace(e, start_s=e.start_s / float(condition.speed), end_s=e.end_s / float(condition.speed),
                    speed=float(condition.speed)) for e in truth]  # fmt: skip
    tenths_a_window = WINDOW_S * 10 * float(condition.speed)
    left_out = {
        no for no in range(int(len(quiet) / tenths_a_window))
        if quiet[round(no * tenths_a_window) : round((no + 1) * tenths_a_window)].mean() > 0.4
    }  # fmt: skip
    return written(condition, 0.04 * np.stack([music, rest], axis=1), folder), told, left_out


def add(line: np.ndarray, at: int, sound: np.ndarray) -> None:
    place = line[at : at + len(sound)]
    place += sound[: len(place)]


def loudness(sound: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(sound)))) or 1.0


def written(condition: Condition, channels: np.ndarray, folder: Path) -> Path:
    if condition.speed != 1:
        channels = resample_poly(channels, condition.speed.denominator, condition.speed.numerator, axis=0)
    path = folder / condition.codec[-1]
    command = ["ffmpeg", "-v", "error", "-f", "f32le", "-ar", str(RATE_HZ), "-ac", "2", "-i", "-",
               "-af", f"pan={condition.mix}", *condition.codec[:-1], str(path)]  # fmt: skip
    subprocess.run(command, input=channels.astype("<f4").tobytes(), check=True)
    return path


def timed(work: Callable[[], list[Excerpt]]) -> Result:
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    runs = work()
    cpu_s, wall_s = time.process_time() - cpu_s, time.perf_counter() - wall_s
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return Result(runs, cpu_s, wall_s, int(peak[1]) / 1024 if peak else 0)


@cache
def album_at(rate_hz: int) -> Tracks:
    return {no: sound_of(path, rate_hz) for no, path in album_files().items()}


def by_album(path: Path) -> Result:
    tracks = album_at(RECOGNISER_HZ)

    def work() -> list[Excerpt]:
        windows = recognise(sound_of(path, RECOGNISER_HZ), tracks, RECOGNISER_HZ)
        return heard("album", tracks, windows.with_columns(recogniser=pl.lit("album")))

    return timed(work)


@cache
def album_landmarks() -> pl.DataFrame:
    return pl.concat(
        landmarks(sound).with_columns(track_no=pl.lit(no), album_id=pl.lit("album"))
        for no, sound in album_at(LANDMARK_HZ).items()
    )


def by_landmarks(path: Path) -> Result:
    of_album, tracks = album_landmarks(), album_at(LANDMARK_HZ)

    def work() -> list[Excerpt]:
        of_film = landmarks(sound_of(path, LANDMARK_HZ)).with_columns(film_id=pl.lit("film"))
        return heard("landmarks", tracks, film_landmark=of_film, track_landmark=of_album)

    return timed(work)


def heard(
    recogniser: str, tracks: Tracks, windows: pl.DataFrame | None = None, **tables: pl.DataFrame
) -> list[Excerpt]:
    """The runs that sql/heard makes."""
    rate_hz = RECOGNISER_HZ if recogniser == "album" else LANDMARK_HZ
    rows = [("album", no, str(no), str(no), len(sound) / rate_hz) for no, sound in tracks.items()]
    schema = ["album_id", "track_no", "title", "path", "duration_s"]
    tables["track"] = pl.DataFrame(rows, schema=schema, orient="row")
    if windows is not None:
        tables["heard_window"] = windows.with_columns(film_id=pl.lit("film"), album_id=pl.lit("album"))
    min_score = parameters(defaults(SETTINGS))["heard_score"]
    with tempfile.TemporaryDirectory() as folder, Warehouse(Path(folder)) as warehouse:
        for name, frame in tables.items():
            warehouse.insert(name, frame)
        sql_runner.derive(warehouse, "heard", IDS | {"recogniser": recogniser, "min_score": min_score})
        return [
            Excerpt(*row)
            for row in warehouse.connection.execute(
                "SELECT start_s, end_s, track_no, offset_s - speed * start_s, speed FROM heard ORDER BY start_s"
            ).fetchall()
        ]


@cache
def audfprint_table() -> tuple[Any, Any]:
    """audfprint's analyzer, and the album as its table of hashes."""
    from audfprint2.core.analyzer import Analyzer
    from audfprint2.core.hash_table import HashTable

    analyzer, table = Analyzer(DENSITY), HashTable()
    for no, sound in album_at(LANDMARK_HZ).items():
        table.store(str(no), hashes(analyzer, sound))
    return analyzer, table


def hashes(analyzer: Any, sound: np.ndarray) -> list[tuple[int, int]]:
    from audfprint2.core.analyzer import landmarks2hashes

    found = landmarks2hashes(analyzer.peaks2landmarks(analyzer.find_peaks(sound, LANDMARK_HZ)))
    return [(int(frame), int(code)) for frame, code in found]


def by_audfprint(path: Path) -> Result:
    from audfprint2.core.matcher import Matcher

    (analyzer, table), matcher = audfprint_table(), Matcher()

    def work() -> list[Excerpt]:
        sound, found = sound_of(path, LANDMARK_HZ), []
        for start_s in np.arange(WINDOW_S / 2, len(sound) / LANDMARK_HZ - 10, WINDOW_S):
            start = round(start_s * LANDMARK_HZ)
            marks = hashes(analyzer, sound[start : start + 10 * LANDMARK_HZ])
            matches = matcher.match_hashes(table, np.array(marks)) if marks else []
            if len(matches) and matches[0][1] >= matcher.threshcount:
                lag_s = matches[0][2] * analyzer.n_hop / LANDMARK_HZ - start_s
                no = int(table.names[matches[0][0]])
                found.append(Excerpt(start_s + WINDOW_S / 2, start_s + 1.5 * WINDOW_S, no, lag_s))
        return found

    return timed(work)


def figures(result: Result, truth: list[Excerpt], left_out: set[int], minutes: float) -> str:
    n_told = n_true = n_right = 0
    errors_s = []
    last = int(max(excerpt.end_s for excerpt in truth) // WINDOW_S) + 1
    for no in set(range(last)) - left_out:
        true = next((excerpt for excerpt in truth if excerpt.window(no)), None)
        told = next((run for run in result.runs if run.window(no)), None)
        n_true, n_told = n_true + (true is not None), n_told + (told is not None)
        if true and told and true.track_no == told.track_no:
            middle_s = (no + 0.5) * WINDOW_S
            error_s = abs(told.lag_s - true.lag_s + (told.speed - true.speed) * middle_s)
            if error_s < PLACE_S:
                n_right += 1
                errors_s.append(error_s)
    ends_s = [
        min(abs(getattr(true, end) - getattr(run, end)) for run in result.runs)
        for end in ("start_s", "end_s")
        for true in truth
        if result.runs
    ]
    return (
        f"{100 * n_right / n_true:7.2f}%{100 * n_right / max(n_told, 1):9.2f}%"
        f"{1000 * max(errors_s, default=0):10.1f}{np.median(ends_s) if ends_s else 0:8.2f}"
        f"{result.cpu_s / minutes * 60:9.0f}{result.wall_s / minutes * 60:9.0f}{result.peak_mib:6.0f}{n_true:8}"
    )


if __name__ == "__main__":
    main()
