"""The album: a folder of audio files into tracks, their sound and their music segments."""

from __future__ import annotations

import filecmp
import math
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from bookscore.engine.errors import BookscoreError
from bookscore.engine.printable import printable
from bookscore.engine.settings import Setting
from bookscore.engine.stage import Inputs, Medium, Stage, Tables
from bookscore.ingest.album.keystrength import PROFILES

if TYPE_CHECKING:
    import numpy as np

SUFFIXES = (
    ".aac", ".aif", ".aiff", ".ape", ".caf", ".flac", ".m4a", ".mka", ".mp2", ".mp3", ".oga", ".ogg", ".opus",
    ".tta", ".wav", ".wma", ".wv",
)  # fmt: skip
DECODED_HZ = 44_100  # for loudness; most albums have it
ANALYSED_HZ = 16_000  # the spectrum up to 6400 Hz, and onsets
READING_LUFS = -23.0
HIGHEST_PEAK_DB = -1.0  # dBTP, as EBU R128 wants it
MOST_GAIN_DB = 12.0  # music that is meant to be hushed stays so, and so does its hiss

# Shares in arousal. Tempo has the least, for it is often told as its double or half.
AROUSAL_PARTS = {"loudness_lufs": 0.35, "onsets_per_s": 0.35, "brightness_hz": 0.2, "tempo_bpm": 0.1}

# ID3 frames of files whose tags mutagen does not put under plain names (WAV, AIFF).
_ID3 = {"TIT2": "title", "TPE1": "artist", "TALB": "album", "TPOS": "discnumber", "TRCK": "tracknumber"}
_FRAME = ["album_id", "track_no", "frame_no"]
_TRACK = {
    "album_id": pl.String, "track_no": pl.Int32, "title": pl.String, "artist": pl.String, "path": pl.String,
    "duration_s": pl.Float64, "lufs": pl.Float64, "true_peak_db": pl.Float64, "album": pl.String,
}  # fmt: skip
_MEASURED = ("keystrength", "energy", "novelty", "track_landmark", "track_sound")
_UNUSED = {"album_id": pl.String, "track_no": pl.Int32, "path": pl.String, "reason": pl.String}


def sources(*paths: Path) -> dict[str, Path]:
    """The audio files of one or several folders and of their subfolders, by relative name.

    Several folders are one pool of music; a name then begins with its folder's. Covers, logs and hidden
    files are left alone.

    Raises
    ------
    BookscoreError
        A path is no folder, holds no audio file, or one whose name is not valid text.
    """
    if len(paths) == 1:
        return _audio_files(paths[0])
    found: dict[str, Path] = {}
    for path in dict.fromkeys(path.resolve() for path in paths):
        same = sum(name.startswith(f"{path.name}/") for name in found)
        folder = f"{path.name} {same + 1}" if same else path.name
        found |= {f"{folder}/{name}": file for name, file in _audio_files(path).items()}
    return found


def _audio_files(path: Path) -> dict[str, Path]:
    if not path.is_dir():
        raise BookscoreError(f"{path}: is not a folder: give the folder that holds the album's audio files")
    found = {}
    for file in path.rglob("*"):
        parts = file.relative_to(path).parts
        if file.suffix.lower() in SUFFIXES and file.is_file() and not any(part[0] == "." for part in parts):
            found["/".join(parts)] = file
    if not found:
        raise BookscoreError(
            f"{path}: holds no audio file ({' '.join(SUFFIXES)}): give the folder that holds the album's tracks"
        )
    for name in found:
        if any("\ud800" <= char <= "\udfff" for char in name):  # bytes that are no UTF-8
            raise BookscoreError(f"{str(path / name)!a}: has a name that is not valid text: rename it")
    return {name: found[name] for name in sorted(found, key=_natural)}


def tracks(inputs: Inputs) -> Tables:
    """The album and its tracks by their tags, in the order of disc, folder, track number and file name.

    Files that cannot be played and second copies are no tracks; `unused_file` says why.

    Raises
    ------
    BookscoreError
        None of the files can be played.
    """
    tags = {name: _tags(path) for name, path in inputs.files.items()}

    def place(name: str) -> tuple[object, ...]:
        disc, number = (_number(tags[name].get(tag)) for tag in ("discnumber", "tracknumber"))
        folder = _natural(Path(name).parent.as_posix())
        # A file without a number comes after those that have one.
        return disc or 1, folder, number is None, number or 0, _natural(name)

    ordered: list[str] = []
    unused = []
    for name in sorted(inputs.files, key=place):
        if reason := _fault(inputs.files, name, ordered):
            unused.append((inputs.item_id, None, str(inputs.files[name].resolve()), reason))
        else:
            ordered.append(name)
    if not ordered:
        _, _, path, reason = unused[0]
        raise BookscoreError(f"{path}: {reason}; nor can any other file of the album be used")
    rows = [
        (
            inputs.item_id, no, tags[name].get("title") or printable(Path(name).stem), tags[name].get("artist"),
            str(inputs.files[name].resolve()), None, None, None, tags[name].get("album"),
        )
        for no, name in enumerate(ordered, 1)
    ]  # fmt: skip
    folder = Path(
        os.path.commonpath([inputs.files[name].resolve().parents[name.count("/")] for name in ordered])
    )
    album = {
        "album_id": inputs.item_id,
        "title": _album_title([tags[name].get("album") for name in ordered]) or printable(folder.name),
        "artist": _commonest(tags[name].get("artist") for name in ordered),
        "path": str(folder),
    }
    return {
        "album": pl.DataFrame([album], schema_overrides={"artist": pl.String}),
        "track": pl.DataFrame(rows, schema=_TRACK, orient="row"),
        "unused_file": pl.DataFrame(unused, schema=_UNUSED, orient="row"),
    }


def sound(inputs: Inputs) -> Tables:
    """All that is measured on a track, from one decode of its file (METHOD 3 and 7).

    A track that turns out not to be playable stays without length and rows; `unused_file` says why.
    """
    import numpy as np

    from bookscore.ingest.album import energy
    from bookscore.ingest.album.keystrength import (
        FRAME_S,
        SPECTRUM_S,
        chroma_frames,
        chroma_windows,
        keystrength,
        novelty,
    )
    from bookscore.ingest.heard.landmarks import RATE_HZ, landmarks
    from bookscore.ingest.media.sound import BLOCK_S, FULL_SCALE, pcm_blocks, resampled, stream, to_int16

    window_s, hop_s, kernel_s = (
        float(inputs.settings[f"album.{n}"]) for n in ("window_s", "hop_s", "kernel_s")
    )
    (track,) = inputs.given["track"].iter_rows(named=True)
    momentary: list[float] = []
    momentary_s: list[np.ndarray] = []
    peak, n_samples = 0.0, 0

    def decoded() -> Iterator[np.ndarray]:
        nonlocal peak, n_samples
        for block in stream(Path(track["path"]), DECODED_HZ, block_s=20, stereo=True):
            found = energy.momentary_lufs(block, DECODED_HZ)
            momentary.extend(found)
            momentary_s.append(n_samples / DECODED_HZ + energy.momentary_middles_s(len(found)))
            peak = max(peak, energy.true_peak(block))
            n_samples += len(block)
            yield block.mean(axis=1)

    try:
        # The one decode is kept as 16 bits: 77 MB for 40 minutes. All else reads it block by block.
        kept = [to_int16(block) for block in resampled(decoded(), DECODED_HZ, ANALYSED_HZ)]
        if n_samples < DECODED_HZ / 100:
            raise BookscoreError(f"{track['path']}: is shorter than 10 ms: take it out of the album's folder")
    except BookscoreError as error:
        return _unplayable(inputs, track, error)

    def blocks() -> Iterator[np.ndarray]:
        return (block.astype(np.float32) / FULL_SCALE for block in kept)

    duration_s = n_samples / DECODED_HZ
    times_s = np.arange(window_s / 2, duration_s - window_s / 2 + 1e-6, hop_s)
    if not len(times_s):
        times_s = np.array([duration_s / 2])
    chroma = chroma_frames(blocks(), ANALYSED_HZ)
    strength = keystrength(chroma_windows(chroma, times_s, window_s), str(inputs.settings["album.profile"]))
    curve = novelty(chroma, round(kernel_s / FRAME_S), round(window_s / FRAME_S))
    loudness = energy.loudness_at(times_s, np.concatenate(momentary_s), momentary)
    curves = energy.spectral_curves(blocks(), ANALYSED_HZ)
    onsets_per_s = energy.onsets_at(times_s, window_s, energy.onset_times(curves[0]))
    brightness = energy.brightness_at(times_s, window_s, curves)
    key = {"album_id": pl.lit(inputs.item_id), "track_no": pl.lit(inputs.part, pl.Int32)}
    curve_s = SPECTRUM_S / 2 + FRAME_S * np.arange(len(curve))
    frames, curve_frames = (
        pl.DataFrame({"frame_no": range(1, len(t) + 1), "time_s": t}).with_columns(**key)
        for t in (times_s, curve_s)
    )
    return {
        "track": inputs.given["track"].with_columns(
            duration_s=pl.lit(duration_s),
            lufs=pl.lit(energy.integrated_lufs(momentary), pl.Float64),
            true_peak_db=pl.lit(20 * math.log10(peak) if peak else None, pl.Float64),
        ),
        "unused_file": pl.DataFrame(schema=_UNUSED),
        "keystrength": frames.with_columns(
            pl.Series("strength", strength.astype(np.float32), pl.Array(pl.Float32, 24))
        ),
        "energy": frames.with_columns(
            pl.Series("lufs", loudness, pl.Float32),
            pl.Series("onsets_per_s", onsets_per_s, pl.Float32),
            pl.Series("brightness_hz", brightness, pl.Float32).fill_nan(None),
        ),
        "novelty": curve_frames.with_columns(pl.Series("novelty", curve, pl.Float32)),
        "track_landmark": pl.concat(
            landmarks(block, no * BLOCK_S)
            for no, block in enumerate(resampled(blocks(), ANALYSED_HZ, RATE_HZ))
        ).with_columns(**key),
        "track_sound": pcm_blocks(blocks(), ANALYSED_HZ).with_columns(**key),
    }


def segments(inputs: Inputs) -> Tables:
    """Music segments of a track, cut at its changes of key, with mode, loop, gain and the parts of arousal."""
    from bookscore.ingest.album.energy import integrated_lufs
    from bookscore.ingest.album.keystrength import FRAME_S, changes
    from bookscore.ingest.album.loops import find_loop
    from bookscore.ingest.heard.correlation import blocks_to_array

    given, setting = inputs.given, inputs.settings
    least_s = float(setting["album.least_segment_s"])
    frame_s = float(setting["album.window_s"]) / 2 + float(setting["album.hop_s"])
    if least_s < frame_s:
        raise BookscoreError(f"album.least_segment_s: must be at least {frame_s:g}, for the windows in use")
    track, curve, rows = given["track"].row(0, named=True), given["novelty"], []
    if (length_s := track["duration_s"]) is not None:
        strength = pl.col("strength").cast(pl.List(pl.Float32))
        frames = (
            given["keystrength"]
            .join(given["energy"].drop("time_s"), on=_FRAME)
            .with_columns(mode_strength=strength.list.head(12).list.max() - strength.list.tail(12).list.max())
        )
        sound, rate_hz = blocks_to_array(given["track_sound"]), int(given["track_sound"]["rate_hz"][0])
        found = changes(
            curve["novelty"].to_numpy(),
            float(setting["album.novelty_threshold"]),
            float(setting["album.novelty_contrast"]),
            least_s / FRAME_S,
        )
        inner = [t for t in curve["time_s"].gather(found) if least_s <= t <= length_s - least_s]
        for no, (start_s, end_s) in enumerate(pairwise([0.0, *inner, length_s]), 1):
            inside = frames.filter(pl.col("time_s").is_between(start_s, end_s, closed="left"))
            if inside.is_empty():  # at the end of a track, or shorter than a hop
                inside = frames.sort((pl.col("time_s") - (start_s + end_s) / 2).abs()).head(1)
            lufs = integrated_lufs(inside["lufs"].to_list())
            loop = find_loop(sound, rate_hz, start_s, end_s)
            means = inside.select("mode_strength", "onsets_per_s", "brightness_hz").mean().row(0)
            rows.append(
                (
                    inputs.item_id, inputs.part, no, start_s, end_s, *means, lufs, loop.tempo_bpm,
                    loop.start_s, loop.end_s, loop.seam, _gain_db(lufs, track["true_peak_db"]),
                )
            )  # fmt: skip
    schema = {
        "album_id": pl.String, "track_no": pl.Int32, "music_segment_no": pl.Int32, "start_s": pl.Float64,
        "end_s": pl.Float64, "mode_strength": pl.Float32, "onsets_per_s": pl.Float32,
        "brightness_hz": pl.Float32, "loudness_lufs": pl.Float32, "tempo_bpm": pl.Float32,
        "loop_start_s": pl.Float64, "loop_end_s": pl.Float64, "seam": pl.Float32, "gain_db": pl.Float32,
    }  # fmt: skip
    return {
        "music_segment": pl.DataFrame(rows, schema=schema, orient="row").with_columns(
            mode=pl.when(pl.col("mode_strength") > 0).then(pl.lit("major")).otherwise(pl.lit("minor"))
        )
    }


def arousal(inputs: Inputs) -> Tables:
    """The album's music segments with their arousal, from calm to stirring.

    Raises
    ------
    BookscoreError
        No track could be played.
    """
    found = inputs.given["music_segment"]
    if found.is_empty():
        path, reason = inputs.given["unused_file"].select("path", "reason").row(0)
        raise BookscoreError(f"{path}: {reason}; nor can any other file of the album be used")
    return {"music_segment": found.with_columns(arousal=arousal_from_ranks())}


def arousal_from_ranks() -> pl.Expr:
    """0 for the calmest of the segments to 1 for the most stirring: the weighted mean of the ranks of its parts.

    Ranks, for decibels, onsets, hertz and beats have neither a natural zero nor a scale in common. What a
    segment lacks (the loudness of silence, the tempo of music without a pulse) ranks lowest.
    """
    ranks = {
        name: (pl.col(name).fill_null(-math.inf).rank() - 1) / (pl.len() - 1).clip(1)
        for name in AROUSAL_PARTS
    }
    return pl.sum_horizontal(share * ranks[name] for name, share in AROUSAL_PARTS.items())


def _tags(path: Path) -> dict[str, str]:
    """A file's tags by mutagen's plain names, the first value of each; none where they cannot be read."""
    import mutagen

    try:
        file = mutagen.File(path, easy=True)
    except mutagen.MutagenError:
        # Music with damaged tags still plays; whether this is music at all is told when it is decoded.
        return {}
    found = {}
    for name, values in (file.tags or {}).items() if file else ():
        first = next(iter(getattr(values, "text", values)), "")
        text = " ".join("".join(c if c.isprintable() else " " for c in str(first)).split())
        if text:
            found[_ID3.get(name, name)] = text
    return found


def _number(tag: str | None) -> int | None:
    """3 of ``3`` and of ``3/12``."""
    digits = re.match(r"\d+", tag or "")
    return int(digits[0]) if digits else None


def _natural(name: str) -> list[tuple[str, int]]:
    """Sorts ``2 b`` before ``10 a``."""
    return [(text.casefold(), int(digits or 0)) for text, digits in re.findall(r"(\D*)(\d*)", name)]


def _album_title(titles: list[str | None]) -> str | None:
    """The title that most tracks have; of a pool in which none has so many, the first three of them."""
    commonest = _commonest(iter(titles))
    if commonest is None or titles.count(commonest) > len(titles) / 2:
        return commonest
    known = list(dict.fromkeys(title for title in titles if title))
    return ", ".join(known[:3]) + (" …" if len(known) > 3 else "")


def _commonest(values: Iterator[str | None]) -> str | None:
    counts = Counter(value for value in values if value)
    return counts.most_common(1)[0][0] if counts else None


def _fault(files: Mapping[str, Path], name: str, tracks: list[str]) -> str | None:
    """Why a file is no track of its own beside `tracks`; None where it is one."""
    from bookscore.ingest.media.sound import stream

    path = files[name]
    for other in tracks:
        if filecmp.cmp(path, files[other], shallow=False):
            return f"is the same file as {other}: kept once"
    try:
        next(stream(path, ANALYSED_HZ, block_s=1), None)
    except BookscoreError as error:
        return str(error).removeprefix(f"{path}: ")
    return None


def _unplayable(inputs: Inputs, track: dict[str, object], error: BookscoreError) -> Tables:
    reason = str(error).removeprefix(f"{track['path']}: ")
    row = (inputs.item_id, inputs.part, track["path"], reason)
    nothing = pl.DataFrame(schema={"album_id": pl.String, "track_no": pl.Int32})
    return dict.fromkeys(_MEASURED, nothing) | {
        "track": inputs.given["track"],
        "unused_file": pl.DataFrame([row], schema=_UNUSED, orient="row"),
    }


def _gain_db(lufs: float | None, true_peak_db: float | None) -> float:
    """To the reading level, as far as neither the peaks nor `MOST_GAIN_DB` forbid."""
    if lufs is None or true_peak_db is None:
        return 0.0
    return min(READING_LUFS - lufs, HIGHEST_PEAK_DB - true_peak_db, MOST_GAIN_DB)


MEDIUM = Medium(
    name="album",
    part_column="track_no",
    stages=(
        Stage(
            "album.tracks", tracks, makes=("album", "track", "unused_file"), files=("*",), version=3,
        ),
        Stage(
            "album.sound", sound, files=("*",), given=("track",), each="track", after=("album.tracks",),
            makes=("track", "unused_file", *_MEASURED), version=2,
            settings=("album.window_s", "album.hop_s", "album.profile", "album.kernel_s"),
        ),
        Stage(
            "album.segments", segments, makes=("music_segment",), each="track", version=3,
            after=("album.sound",), given=("track", "keystrength", "energy", "novelty", "track_sound"),
            settings=(
                "album.window_s", "album.hop_s", "album.least_segment_s", "album.novelty_threshold",
                "album.novelty_contrast",
            ),
        ),
        Stage(
            "album.arousal", arousal, makes=("music_segment",), given=("music_segment", "unused_file"),
            after=("album.segments",),
        ),
    ),
    settings=(
        Setting("album.window_s", 10.0, "length of the windows of sound that have a key", "s", least=0.1, most=120),
        Setting(
            "album.hop_s", 1.5, "from one window to the next: the paper's 85 % overlap; the authors' code has 8.5", "s",
            least=0.1, most=60,
        ),
        Setting(
            "album.profile", "aarden",
            "profile of the 24 keys: of the six, aarden did best at the mode; the paper has gomez",
            choices=tuple(PROFILES),
        ),
        Setting(
            "album.kernel_s", 96.0, "length of the checkerboard kernel of the novelty: the authors' 64 frames", "s",
            least=1, most=600,
        ),
        Setting(
            "album.least_segment_s", 25.0, "no music segment is shorter; the authors' code: 30", "s", least=1, most=3600,
        ),
        Setting(
            "album.novelty_threshold", 0.2,
            "novelty from which a peak may be a boundary; the authors' code: 0.5, which misses every seventh change of key",
            "share of the track's highest", least=0, most=1,
        ),
        Setting(
            "album.novelty_contrast", 0.1, "height of a boundary's peak above the dip that parts it from a higher one",
            "share of the track's highest", least=0, most=1,
        ),
    ),
)  # fmt: skip
