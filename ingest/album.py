"""The album: a folder of audio files into tracks, their sound and their music segments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from engine.errors import BookscoreError
from engine.stage import Inputs, Medium, Stage, Tables

if TYPE_CHECKING:
    import numpy as np

SUFFIXES = (".aac", ".aif", ".aiff", ".flac", ".m4a", ".mp3", ".oga", ".ogg", ".opus", ".wav")
DECODED_HZ = 44_100  # for loudness; most albums have it
ANALYSED_HZ = 16_000  # the spectrum up to 6400 Hz, and onsets
READING_LUFS = -23.0
MOST_GAIN_DB = 6.0  # quiet music has loud moments, which more would clip

# ID3 frames of files whose tags mutagen does not put under plain names (WAV, AIFF).
_ID3 = {"TIT2": "title", "TPE1": "artist", "TALB": "album", "TPOS": "discnumber", "TRCK": "tracknumber"}
_FRAME = ["album_id", "track_no", "frame_no"]
_TRACK = {
    "album_id": pl.String, "track_no": pl.Int32, "title": pl.String, "artist": pl.String, "path": pl.String,
    "duration_s": pl.Float64, "lufs": pl.Float64,
}  # fmt: skip


def sources(path: Path) -> dict[str, Path]:
    """The audio files of a folder and of its subfolders, by relative name.

    Covers, logs and hidden files are left alone.

    Raises
    ------
    BookscoreError
        `path` is no folder, holds no audio file, or one whose name is not valid text.
    """
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
    """The album and its tracks by their tags, in the order of disc, folder, track number and file name."""
    tags = {name: _tags(path) for name, path in inputs.files.items()}

    def place(name: str) -> tuple[object, ...]:
        disc, number = (_number(tags[name].get(tag)) for tag in ("discnumber", "tracknumber"))
        folder = _natural(Path(name).parent.as_posix())
        # A file without a number comes after those that have one.
        return disc or 1, folder, number is None, number or 0, _natural(name)

    ordered = sorted(inputs.files, key=place)
    rows = [
        (
            inputs.item_id, no, tags[name].get("title") or Path(name).stem, tags[name].get("artist"),
            str(inputs.files[name].resolve()), None, None,
        )
        for no, name in enumerate(ordered, 1)
    ]  # fmt: skip
    first = ordered[0]
    folder = inputs.files[first].resolve().parents[len(Path(first).parts) - 1]
    album = {
        "album_id": inputs.item_id,
        "title": _commonest(tags[name].get("album") for name in ordered) or folder.name,
        "artist": _commonest(tags[name].get("artist") for name in ordered),
        "path": str(folder),
    }
    return {
        "album": pl.DataFrame([album], schema_overrides={"artist": pl.String}),
        "track": pl.DataFrame(rows, schema=_TRACK, orient="row"),
    }


def sound(inputs: Inputs) -> Tables:
    """All that is measured on a track, from one decode of its file (METHOD 3 and 7)."""
    import numpy as np

    from ingest.energy import integrated_lufs, momentary_lufs, onset_times, rms_db
    from ingest.keystrength import chroma, keystrength, novelty, windows
    from ingest.landmarks import RATE_HZ, landmarks
    from ingest.sound import BLOCK_S, FULL_SCALE, pcm_blocks, resampled, stream, to_int16

    window_s, hop_s, profile = _analysis(inputs)
    (track,) = inputs.given["track"].iter_rows(named=True)
    momentary: list[float] = []
    n_samples = 0

    def decoded() -> Iterator[np.ndarray]:
        nonlocal n_samples
        for block in stream(Path(track["path"]), DECODED_HZ, block_s=20, stereo=True):
            momentary.extend(momentary_lufs(block, DECODED_HZ))
            n_samples += len(block)
            yield block.mean(axis=1)

    # The one decode is kept as 16 bits: 77 MB for 40 minutes. All else reads it block by block.
    kept = [to_int16(block) for block in resampled(decoded(), DECODED_HZ, ANALYSED_HZ)]
    if n_samples < DECODED_HZ / 100:
        raise BookscoreError(f"{track['path']}: is shorter than 10 ms: take it out of the album's folder")

    def blocks() -> Iterator[np.ndarray]:
        return (block.astype(np.float32) / FULL_SCALE for block in kept)

    times, chromas, levels = [], [], []
    for time_s, window in windows(blocks(), ANALYSED_HZ, window_s, hop_s):
        times.append(time_s)
        chromas.append(chroma(window, ANALYSED_HZ))
        levels.append(rms_db(window))
    strength = keystrength(np.array(chromas), profile)
    edge_frames = int(np.ceil(window_s / hop_s))  # each side of a change holds a window of its own
    curve = novelty(strength, int(inputs.settings["album.kernel_frames"]), edge_frames)
    onsets = onset_times(blocks(), ANALYSED_HZ)
    n_before = [np.searchsorted(onsets, np.array(times) + side * window_s / 2) for side in (-1, 1)]
    key = {"album_id": pl.lit(inputs.item_id), "track_no": pl.lit(inputs.part, pl.Int32)}
    frames = pl.DataFrame({"frame_no": range(1, len(times) + 1), "time_s": times}).with_columns(**key)
    return {
        "track": inputs.given["track"].with_columns(
            duration_s=pl.lit(n_samples / DECODED_HZ), lufs=pl.lit(integrated_lufs(momentary), pl.Float64)
        ),
        "keystrength": frames.with_columns(
            pl.Series("strength", strength.astype(np.float32), pl.Array(pl.Float32, 24))
        ),
        "energy": frames.with_columns(
            pl.Series("rms_db", levels, pl.Float32),
            pl.Series("onsets_per_s", (n_before[1] - n_before[0]) / window_s, pl.Float32),
        ),
        "novelty": frames.with_columns(pl.Series("novelty", curve, pl.Float32)),
        "track_landmark": pl.concat(
            landmarks(block, no * BLOCK_S)
            for no, block in enumerate(resampled(blocks(), ANALYSED_HZ, RATE_HZ))
        ).with_columns(**key),
        "track_sound": pcm_blocks(blocks(), ANALYSED_HZ).with_columns(**key),
    }


def segments(inputs: Inputs) -> Tables:
    """Music segments of all tracks, cut at their changes of key, with mode, arousal and gain."""
    from ingest.keystrength import changes

    given, setting = inputs.given, inputs.settings
    hop_s, least_s = float(setting["album.hop_s"]), float(setting["album.least_segment_s"])
    strength = pl.col("strength").cast(pl.List(pl.Float32))
    frames = (
        given["keystrength"]
        .join(given["energy"].drop("time_s"), on=_FRAME)
        .join(given["novelty"].drop("time_s"), on=_FRAME)
        .with_columns(mode_strength=strength.list.head(12).list.max() - strength.list.tail(12).list.max())
    )
    rows = []
    for track in given["track"].iter_rows(named=True):
        own = frames.filter(pl.col("track_no") == track["track_no"]).sort("frame_no")
        found = changes(
            own["novelty"].to_numpy(),
            float(setting["album.novelty_threshold"]),
            float(setting["album.novelty_contrast"]),
            least_s / hop_s,
        )
        inner = [t for t in own["time_s"].gather(found) if least_s <= t <= track["duration_s"] - least_s]
        for no, (start_s, end_s) in enumerate(pairwise([0.0, *inner, track["duration_s"]]), 1):
            inside = own.filter(pl.col("time_s").is_between(start_s, end_s, closed="left"))
            means = inside.select("mode_strength", "rms_db", "onsets_per_s").mean().row(0)
            rows.append(
                (inputs.item_id, track["track_no"], no, start_s, end_s, *means, _gain_db(track["lufs"]))
            )
    schema = {
        "album_id": pl.String, "track_no": pl.Int32, "music_segment_no": pl.Int32, "start_s": pl.Float64,
        "end_s": pl.Float64, "mode_strength": pl.Float32, "rms_db": pl.Float32, "onsets_per_s": pl.Float32,
        "gain_db": pl.Float32,
    }  # fmt: skip
    measured = pl.DataFrame(rows, schema=schema, orient="row")
    # Ranks, for neither decibels nor onsets have a natural zero or a scale in common.
    rank = [(pl.col(c).rank() - 1) / max(len(rows) - 1, 1) for c in ("rms_db", "onsets_per_s")]
    return {
        "music_segment": measured.with_columns(
            mode=pl.when(pl.col("mode_strength") > 0).then(pl.lit("major")).otherwise(pl.lit("minor")),
            arousal=(rank[0] + rank[1]) / 2,
        ).drop("rms_db", "onsets_per_s")
    }


def _analysis(inputs: Inputs) -> tuple[float, float, str]:
    """The settings of the keystrength frames, checked."""
    from ingest.keystrength import PROFILES

    window_s, hop_s = (float(inputs.settings[f"album.{name}"]) for name in ("window_s", "hop_s"))
    profile = str(inputs.settings["album.profile"])
    if window_s < 0.1 or hop_s < 0.1:
        raise BookscoreError("album.window_s and album.hop_s: must be at least 0.1 seconds")
    if profile not in PROFILES:
        raise BookscoreError(f"album.profile: {profile!r} is unknown: choose one of {', '.join(PROFILES)}")
    return window_s, hop_s, profile


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


def _commonest(values: Iterator[str | None]) -> str | None:
    counts = Counter(value for value in values if value)
    return counts.most_common(1)[0][0] if counts else None


def _gain_db(lufs: float | None) -> float:
    return 0.0 if lufs is None else min(READING_LUFS - lufs, MOST_GAIN_DB)


MEDIUM = Medium(
    name="album",
    part_column="track_no",
    stages=(
        Stage("album.tracks", tracks, makes=("album", "track"), files=("*",)),
        Stage(
            "album.sound", sound, files=("*",), given=("track",), each="track", after=("album.tracks",),
            makes=("track", "keystrength", "energy", "novelty", "track_landmark", "track_sound"),
            settings=("album.window_s", "album.hop_s", "album.profile", "album.kernel_frames"),
        ),
        Stage(
            "album.segments", segments, makes=("music_segment",),
            given=("track", "keystrength", "energy", "novelty"), after=("album.sound",),
            settings=(
                "album.hop_s", "album.least_segment_s", "album.novelty_threshold", "album.novelty_contrast",
            ),
        ),
    ),
    settings={
        "album.window_s": 10.0,
        "album.hop_s": 1.5,  # the paper's 85 % overlap; the authors' code has 8.5
        "album.profile": "gomez",
        "album.kernel_frames": 64,
        "album.least_segment_s": 15.0,  # the authors' code: 30
        "album.novelty_threshold": 0.2,  # the authors' code: 0.5, which misses every seventh change of key
        "album.novelty_contrast": 0.1,
    },
)  # fmt: skip
