"""Key and mode of 60 songs rendered from MIDI, beside essentia's KeyExtractor and librosa with Krumhansl's profiles.

Run: python benchmarks/keys.py [--cache FOLDER]

The songs are POP909's with their annotated keys; each annotated stretch is judged whole and in pieces of
52 s, the length of a music segment. Profile and chroma were chosen on the songs of even number: the others
are the test. Needs fluidsynth with a General MIDI sound font, and pip's mir_eval, essentia and librosa; it
installs nothing.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import click
import numpy as np

from bookscore.ingest.album.keystrength import PROFILES, chroma_frames, chroma_windows, keystrength
from bookscore.ingest.media.sound import stream

POP909 = Path(__file__).parents[2] / "shared" / "data" / "keys" / "pop909"
SOUND_FONTS = tuple(Path("/usr/share/sounds/sf2") / f"{name}.sf2" for name in ("TimGM6mb", "default-GM"))
CACHE = Path(tempfile.gettempdir()) / "bookscore-rendered"
TONICS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
KEYS = [f"{tonic} {mode}" for mode in ("major", "minor") for tonic in TONICS]
WINDOW_S, HOP_S, PIECE_S, LEAST_S = 10.0, 1.5, 52.0, 20.0

Method = Callable[[float, float], tuple[str, str]]  # key and mode of the sound from start to end
Judged = tuple[int, bool, float, bool]  # song, whole stretch?, key score, mode right?


@click.command()
@click.option("--cache", type=click.Path(path_type=Path), default=CACHE, help="Folder of the rendered songs.")
def main(cache: Path) -> None:
    need("mir_eval", "essentia", "librosa")
    judged: dict[str, list[Judged]] = {}
    for song in songs():
        path = rendered(song, cache)
        methods = ours(path) | peers(path)
        for start_s, end_s, key, whole in stretches(song):
            for name, tell in methods.items():
                judged.setdefault(name, []).append((int(song), whole, *score(key, tell(start_s, end_s))))
    click.echo(f"{'':22}{'whole stretches':^38}{'pieces of 52 s':^38}")
    click.echo(f"{'':22}" + f"{'key':>6}{'mode':>8}{'even':>8}{'odd':>8}{'n':>6}  " * 2)
    for method, rows in judged.items():
        click.echo(
            f"{method:22}" + "".join(_figures([r for r in rows if r[1] is whole]) for whole in (True, False))
        )


def songs() -> list[str]:
    if not POP909.is_dir():
        raise click.ClickException(f"{POP909}: is missing: it holds the songs")
    return sorted(path.name for path in POP909.iterdir() if path.is_dir())


def need(*packages: str) -> None:
    """End with a line on what is missing."""
    missing = [f"pip install {name}" for name in packages if importlib.util.find_spec(name) is None]
    if shutil.which("fluidsynth") is None or not any(font.is_file() for font in SOUND_FONTS):
        missing.append("apt-get install fluidsynth timgm6mb-soundfont")
    if missing:
        raise click.ClickException(f"this benchmark needs: {'; '.join(missing)}")


def rendered(song: str, cache: Path) -> Path:
    """The song as a FLAC file, made once."""
    path, part = cache / f"{song}.flac", cache / f"{song}.part.flac"
    if not path.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        font = next(font for font in SOUND_FONTS if font.is_file())
        render = ["fluidsynth", "-q", "-ni", "-r", "44100", "-g", "0.6", "-T", "flac", "-F", part, font]
        subprocess.run([*render, POP909 / song / f"{song}.mid"], check=True, capture_output=True)
        part.rename(path)
    return path


def stretches(song: str) -> list[tuple[float, float, str, bool]]:
    """Start, end and key of the song's annotated stretches (True) and of their pieces (False)."""
    found = []
    for line in (POP909 / song / "key_audio.txt").read_text().splitlines():
        start_s, end_s = map(float, line.split()[:2])
        key = line.split()[2].replace(":", " ") + "or"  # C:maj
        if end_s - start_s >= LEAST_S:
            edges = np.linspace(start_s, end_s, max(1, round((end_s - start_s) / PIECE_S)) + 1)
            found += [(start_s, end_s, key, True), *((a, b, key, False) for a, b in pairwise(edges))]
    return found


def score(true: str, told: tuple[str, str]) -> tuple[float, bool]:
    import mir_eval

    key, mode = told
    return mir_eval.key.weighted_score(true, key), true.endswith(mode)


def ours(path: Path) -> dict[str, Method]:
    """By the strongest key of the mean keystrength; the mode by the rule of `album.segments`."""
    frames = chroma_frames(stream(path, 16_000), 16_000)
    times = np.arange(WINDOW_S / 2, len(frames) / 4, HOP_S)
    chromas = chroma_windows(frames, times, WINDOW_S)

    def method(profile: str) -> Method:
        strength = keystrength(chromas, profile)

        def tell(start_s: float, end_s: float) -> tuple[str, str]:
            inside = strength[(times >= start_s) & (times < end_s)]
            lead = np.mean(inside[:, :12].max(axis=1) - inside[:, 12:].max(axis=1))
            return KEYS[int(inside.mean(axis=0).argmax())], "major" if lead > 0 else "minor"

        return tell

    return {f"ours, {profile}": method(profile) for profile in PROFILES}


def peers(path: Path) -> dict[str, Method]:
    import essentia.standard
    import librosa

    essentia.log.infoActive = essentia.log.warningActive = False
    sound, rate_hz = librosa.load(path, sr=44_100)
    extractors = {name: essentia.standard.KeyExtractor(profileType=name) for name in ("bgate", "krumhansl")}
    hop = 2048
    half_rate = librosa.resample(sound, orig_sr=rate_hz, target_sr=rate_hz // 2)
    cqt = librosa.feature.chroma_cqt(y=half_rate, sr=rate_hz // 2, hop_length=hop)
    per_s = rate_hz / 2 / hop

    def by_essentia(profile: str) -> Method:
        def tell(start_s: float, end_s: float) -> tuple[str, str]:
            piece = np.ascontiguousarray(sound[int(start_s * rate_hz) : int(end_s * rate_hz)])
            tonic, mode, _ = extractors[profile](piece)
            return f"{tonic} {mode}", mode

        return tell

    def by_librosa(start_s: float, end_s: float) -> tuple[str, str]:
        mean = cqt[:, int(start_s * per_s) : int(end_s * per_s)].mean(axis=1)
        key = KEYS[int(keystrength(mean[None], "krumhansl").argmax())]
        return key, key.split()[1]

    return {f"essentia, {name}": by_essentia(name) for name in extractors} | {
        "librosa CQT, krumhansl": by_librosa
    }


def _figures(rows: list[Judged]) -> str:
    def mean(column: int, kept: tuple[int, ...]) -> float:
        return float(np.mean([row[column] for row in rows if row[0] % 2 in kept]))

    figures = (mean(2, (0, 1)), mean(3, (0, 1)), mean(3, (0,)), mean(3, (1,)))
    return f"{figures[0]:6.3f}" + "".join(f"{figure:8.3f}" for figure in figures[1:]) + f"{len(rows):6}  "


if __name__ == "__main__":
    main()
