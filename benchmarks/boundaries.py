"""Where music changes: our boundaries beside Foote's in MSAF and equal cuts.

Run: python benchmarks/boundaries.py [--cache FOLDER]

Truths: excerpts of 30-90 s of six songs joined, without a fade (12 pieces of rendered MIDI; and, where Debian's
wesnoth-music is installed, orchestral ones); and the hand-marked sections of POP909's songs, bars as seconds by
the downbeats. A section is some 16 s long, so a cut every 52 s can find few of them: precision tells more.

MSAF 0.1.80 calls what SciPy no longer has. Its rule is run again here with its defaults: CQT chroma by beats (of
the whole sound, where MSAF first takes away percussion), scaled, median of 12, kernel of 66 beats, adaptive peaks.

Needs what benchmarks/keys.py needs, without essentia.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import numpy as np
from keys import CACHE, POP909, need, rendered, songs

from bookscore.engine.settings import defaults
from bookscore.ingest.album.keystrength import FRAME_S, SPECTRUM_S, changes, chroma_frames, novelty
from bookscore.ingest.album.medium import MEDIUM
from bookscore.ingest.media.sound import stream

RATE_HZ = 16_000
WESNOTH = Path("/usr/share/games/wesnoth")
SCORE = Path(__file__).parents[2] / "shared" / "data" / "music" / "tears_of_steel_ost"
Method = Callable[[np.ndarray], np.ndarray]


@click.command()
@click.option("--cache", type=click.Path(path_type=Path), default=CACHE, help="Folder of the rendered songs.")
def main(cache: Path) -> None:
    need("mir_eval", "librosa")
    warnings.filterwarnings("ignore", category=FutureWarning)
    paths = {song: rendered(song, cache) for song in songs()}
    orchestral = sorted(WESNOTH.glob("*/data/core/music/*.ogg"))
    sets = {
        "joined songs": joined(list(paths.values()), 12),
        "joined orchestral tracks": joined(orchestral, 12) if orchestral else iter(()),
        "marked sections": ((sound_of(paths[song]), at) for song in paths if len(at := sections(song))),
    }
    methods: dict[str, Method] = {"ours": ours, "Foote as in MSAF": foote, "equal cuts of 52 s": equal_cuts}
    click.echo(f"{'':26}{'':20}{'F 3 s':>7}{'P':>7}{'R':>7}{'F 0.5 s':>9}{'mean s':>8}{'n':>5}")
    for truth, pieces in sets.items():
        rows: dict[str, list[list[float]]] = {name: [] for name in methods}
        for sound, at in pieces:
            for name, method in methods.items():
                rows[name].append(score(at, method(sound), len(sound) / RATE_HZ))
        for name, found in rows.items():
            if found:
                f3, p3, r3, f05, length_s = np.mean(found, axis=0)
                click.echo(
                    f"{truth:26}{name:20}{f3:7.3f}{p3:7.3f}{r3:7.3f}{f05:9.3f}{length_s:8.1f}{len(found):5}"
                )
    score_paths = [*orchestral, *sorted(SCORE.glob("*.ogg"))]
    sounds = [sound_of(path) for path in score_paths]
    n_segments = sum(len(ours(sound)) + 1 for sound in sounds)
    total_s = sum(len(sound) for sound in sounds) / RATE_HZ
    click.echo(f"{len(sounds)} orchestral tracks and film cues: {total_s / n_segments:.1f} s a segment")


def sound_of(path: Path) -> np.ndarray:
    return np.concatenate(list(stream(path, RATE_HZ)))


def joined(paths: list[Path], n_pieces: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pieces of six excerpts each, and the times of their joins."""
    for no in range(n_pieces):
        rng = np.random.default_rng(no)
        parts = []
        for index in rng.permutation(len(paths)):
            sound = sound_of(paths[index])
            size = round(rng.uniform(30, 90) * RATE_HZ)
            if len(sound) >= size + 10 * RATE_HZ:  # without the track's own beginning and end
                start = int(rng.integers(5 * RATE_HZ, len(sound) - size - 5 * RATE_HZ + 1))
                parts.append(sound[start : start + size])
            if len(parts) == 6:
                break
        yield np.concatenate(parts), np.cumsum([len(part) for part in parts])[:-1] / RATE_HZ


def sections(song: str) -> np.ndarray:
    """Times in seconds at which the song's sections begin; none where its bars and downbeats do not fit."""
    bars = np.cumsum(
        [int(n) for n in re.findall(r"[A-Za-z](\d+)", (POP909 / song / "human_label1.txt").read_text())]
    )
    beats = np.loadtxt(POP909 / song / "beat_midi.txt")
    downbeats = beats[beats[:, 2] == 1, 0]
    return downbeats[bars[:-1]] if bars[-1] <= len(downbeats) <= bars[-1] + 8 else np.empty(0)


def ours(sound: np.ndarray) -> np.ndarray:
    """By the rule and the defaults of the album's stages."""
    setting = {name.removeprefix("album."): value for name, value in defaults(MEDIUM.settings).items()}
    curve = novelty(
        chroma_frames([sound], RATE_HZ),
        round(setting["kernel_s"] / FRAME_S),
        round(setting["window_s"] / FRAME_S),
    )
    least_s = setting["least_segment_s"]
    found = changes(curve, setting["novelty_threshold"], setting["novelty_contrast"], least_s / FRAME_S)
    times = found * FRAME_S + SPECTRUM_S / 2
    return times[(times >= least_s) & (times <= len(sound) / RATE_HZ - least_s)]


def foote(sound: np.ndarray) -> np.ndarray:
    import librosa
    from scipy.ndimage import gaussian_filter1d, median_filter
    from scipy.signal.windows import gaussian
    from scipy.spatial.distance import pdist, squareform

    hop, size = 1024, 66
    _, beats = librosa.beat.beat_track(y=sound, sr=RATE_HZ, hop_length=hop, units="frames")
    frames = librosa.feature.chroma_cqt(y=sound, sr=RATE_HZ, hop_length=hop)
    by_beat = librosa.util.sync(frames, beats, aggregate=np.median).T
    scaled = (by_beat - by_beat.min()) / np.ptp(by_beat)
    scaled = np.stack([median_filter(column, size=12) for column in scaled.T], axis=1)
    distance = squareform(pdist(scaled, "seuclidean"))
    similarity = 1 - distance / distance.max()
    taper = gaussian(size, size / 3)
    sign = np.sign(np.arange(size) - size / 2 + 0.5)
    kernel = np.outer(taper * sign, taper * sign)
    curve = np.zeros(len(scaled))
    half = size // 2
    for beat in range(half, len(curve) - half + 1):
        curve[min(beat, len(curve) - 1)] = np.sum(
            similarity[beat - half : beat + half, beat - half : beat + half] * kernel
        )
    curve = (curve + curve.min()) / max((curve + curve.min()).max(), 1e-9)
    smooth = gaussian_filter1d(curve, 4)
    height = median_filter(smooth, size=64) + curve.mean() / 20
    inner = smooth[1:-1]
    peaks = np.flatnonzero((smooth[:-2] < inner) & (inner > smooth[2:]) & (inner > height[1:-1])) + 1
    starts = np.concatenate(([0], beats)) * hop / RATE_HZ
    return starts[peaks]


def equal_cuts(sound: np.ndarray) -> np.ndarray:
    length_s = len(sound) / RATE_HZ
    return np.linspace(0, length_s, max(1, round(length_s / 52)) + 1)[1:-1]


def score(true: np.ndarray, found: np.ndarray, length_s: float) -> list[float]:
    """F, precision and recall at 3 s, F at 0.5 s without the two ends, and the mean length of a segment."""
    import mir_eval

    def intervals(times: np.ndarray) -> np.ndarray:
        return np.array(list(zip([0, *times], [*times, length_s], strict=True)))

    p3, r3, f3, _, _, f05 = (
        figure
        for window_s in (3, 0.5)
        for figure in mir_eval.segment.detection(intervals(true), intervals(found), window_s, trim=True)
    )
    return [f3, p3, r3, f05, length_s / (len(found) + 1)]


if __name__ == "__main__":
    main()
