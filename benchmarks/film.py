"""How long the one pass over a film's picture takes, beside PySceneDetect's own command line for shots alone, and beside
the bare decode of the same file by PyAV with the same threads, which no such pass can undercut.

Run: python benchmarks/film.py [FILM ...]; without files, a film of two minutes at 720 lines is made. Peak is
the highest memory of the process; each is run in one of its own, one after the other, twice, and the faster
run counts. CPU seconds are those of all cores, user and system.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from multiprocessing import Process
from pathlib import Path

import av
import click
import cv2
import numpy as np

ROOT = Path(__file__).parents[1]
SIZE, FPS, MINUTES = (1280, 720), 24, 2
RUNS = 2
BARE = "decode"
PEER = "from scenedetect.__main__ import main; main()"
STAGES = {
    "shots, frames, black, thumbnails": "film.picture",
    "sound and speech": "film.sound",
    "vectors of the frames": "film.vectors",
    "scenes": "film.scenes",
}


def make(path: Path) -> None:
    """A film of changing, moving views with grain."""
    sys.path.insert(0, str(ROOT))
    from tests.moving_pictures import MOTIONS, camera

    rng = np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "veryfast", "crf": "20"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        sound = container.add_stream("aac", rate=44_100, layout="stereo")
        made, wanted = 0, MINUTES * 60 * FPS
        while made < wanted:
            length = min(int(rng.integers(30, 200)), wanted - made)
            for picture in camera(rng, length, str(rng.choice(MOTIONS))):
                image = cv2.resize(picture, SIZE) + rng.normal(0, 4, (SIZE[1], SIZE[0], 1))
                frame = av.VideoFrame.from_ndarray(np.clip(image, 0, 255).astype(np.uint8), format="rgb24")
                container.mux(stream.encode(frame))
            made += length
        noise = 0.05 * rng.standard_normal((2, MINUTES * 60 * 44_100)).astype(np.float32)
        wave = av.AudioFrame.from_ndarray(noise, format="fltp", layout="stereo")
        wave.sample_rate = 44_100
        container.mux(sound.encode(wave))
        for each in (stream, sound):
            container.mux(each.encode(None))


def bare_decode(film: Path) -> None:
    """Decode the picture and do nothing with it; print the seconds of the clock and of the processor."""
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        started = time.perf_counter(), time.process_time()
        for _ in container.decode(stream):
            pass
    click.echo(f"{time.perf_counter() - started[0]} {time.process_time() - started[1]}")


def measured(command: list[str]) -> tuple[float, float, str]:
    """Seconds of the clock, peak MiB and standard output of the fastest of some runs."""
    found = []
    for _ in range(RUNS):
        started_s = time.perf_counter()
        running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert running.stdout
        printed = running.stdout.read()
        _, status, usage = os.wait4(running.pid, 0)
        if status:
            raise click.ClickException(f"failed: {' '.join(command)}")
        found.append((time.perf_counter() - started_s, usage.ru_maxrss / 1024, printed))
    return min(found)


def stage(name: str, film: Path) -> None:
    """Run a stage of the film and those it builds on in this process; print the seconds of the clock and of the processor it took
    itself."""
    from bookscore.engine.models import Models
    from bookscore.engine.settings import defaults
    from bookscore.engine.stage import Inputs, Tables
    from bookscore.ingest.film.medium import MEDIUM, sources

    wanted = {name}
    for each in reversed(MEDIUM.stages):
        if each.name in wanted:
            wanted.update(each.after)
    made: Tables = {}
    for each in MEDIUM.stages:
        if each.name in wanted:
            given = {table: made[table] for table in each.given}
            started = time.perf_counter(), time.process_time()
            made |= each.run(
                Inputs("film", 0, sources(film), defaults(MEDIUM.settings), given, Models("embedded"))
            )
            took_s, cpu_s = time.perf_counter() - started[0], time.process_time() - started[1]
    click.echo(f"{took_s} {cpu_s}")


@click.command()
@click.argument("films", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--stage", "only", hidden=True)
def main(films: tuple[Path, ...], only: str | None) -> None:
    """Print seconds, frames a second, times real time and memory of each stage, and of the peer."""
    if only:
        if only == BARE:
            bare_decode(films[0])
        else:
            stage(only, films[0])
        return
    with tempfile.TemporaryDirectory() as folder:
        if not films:
            films = (Path(folder) / "made.mp4",)
            # A process of its own: the peak of one that is started counts its parent's memory too.
            made = Process(target=make, args=films)
            made.start()
            made.join()
        for film in films:
            with av.open(str(film)) as container:
                length_s = (container.duration or 0) / av.time_base
                n_frames = container.streams.video[0].frames
            click.echo(f"\n{film.name}: {length_s:.0f} s, {n_frames} frames")
            click.echo(f"{'':40}{'s':>8}{'frames/s':>10}{'x real time':>13}{'MiB':>7}")
            command = [
                sys.executable,
                "-c",
                PEER,
                "-q",
                "-i",
                str(film),
                "detect-adaptive",
                "list-scenes",
                "-n",
            ]
            tell("PySceneDetect, shots alone", *measured(command)[:2], n_frames, length_s)
            ours = [sys.executable, __file__, str(film), "--stage"]
            took_s, peak_mib, _ = measured([*ours, "film.picture"])
            tell("ours, whole process up to the picture", took_s, peak_mib, n_frames, length_s)
            cpu_s: dict[str, float] = {}
            for title, name in {"bare decode": BARE, **STAGES}.items():
                _, peak_mib, printed = measured([*ours, name])
                took_s, cpu_s[name] = (float(value) for value in printed.split())
                tell(f"  {title}", took_s, peak_mib, n_frames, length_s)
            for name in (BARE, "film.picture", "film.vectors"):
                click.echo(
                    f"CPU s, {name:33}{cpu_s[name]:8.1f} ({cpu_s[name] / cpu_s[BARE]:.2f} x the bare decode)"
                )


def tell(title: str, took_s: float, peak_mib: float, n_frames: int, length_s: float) -> None:
    click.echo(f"{title:40}{took_s:8.1f}{n_frames / took_s:10.0f}{length_s / took_s:13.1f}{peak_mib:7.0f}")


if __name__ == "__main__":
    main()
