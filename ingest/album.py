"""The album: a folder of audio files into tracks, keystrength, music segments and fingerprints."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from engine.errors import BookscoreError
from engine.stage import Inputs, Medium, Stage, Tables

if TYPE_CHECKING:
    import numpy as np

SUFFIXES = {".flac", ".mp3", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".wav", ".aif", ".aiff", ".wma"}
RATE_HZ = 24_000  # holds all that keystrength looks at
RECOGNISER_RATE_HZ = 4000
READING_LUFS = -23.0


def sources(path: Path) -> dict[str, Path]:
    """The audio files of a folder and its subfolders, by relative name; other files are left alone.

    Raises
    ------
    BookscoreError
        No folder, or none of its files is audio.
    """
    if not path.is_dir():
        raise BookscoreError(
            f"{path}: is not a folder: --album wants the folder with the album's audio files"
        )
    found = sorted(
        f.relative_to(path).as_posix()
        for f in path.rglob("*")
        if f.suffix.lower() in SUFFIXES and f.is_file() and not f.name.startswith(".")
    )
    if not found:
        raise BookscoreError(
            f"{path}: holds no audio file ({', '.join(sorted(SUFFIXES))}): choose another folder"
        )
    return {name: path / name for name in found}


def read_tracks(inputs: Inputs) -> Tables:
    """Tags of all files, in the order of disc, track number and name."""
    import mutagen

    tagged = []
    for name, path in inputs.files.items():
        try:
            tags = mutagen.File(path, easy=True)
        except mutagen.MutagenError as error:
            raise BookscoreError(
                f"{path}: is damaged or no audio ({error}): repair it or take it out"
            ) from error
        first = {key: str(values[0]) for key, values in ((tags and tags.tags) or {}).items() if values}
        order = (_number(first.get("discnumber")), _number(first.get("tracknumber")), _natural(name))
        tagged.append((order, path, first))
    tagged.sort(key=lambda entry: entry[0])
    folder = _common_folder(list(inputs.files.values()))
    tracks = [
        {
            "album_id": inputs.item_id,
            "track_no": number,
            "title": tags.get("title") or path.stem,
            "artist": tags.get("artist"),
            "path": str(path.resolve()),
            "duration_s": None,
            "lufs": None,
        }
        for number, (_, path, tags) in enumerate(tagged, 1)
    ]
    titles = [tags["album"] for _, _, tags in tagged if tags.get("album")]
    artists = {track["artist"] for track in tracks}
    album = {
        "album_id": inputs.item_id,
        "title": max(sorted(set(titles)), key=titles.count) if titles else folder.name,
        "artist": artists.pop() if len(artists) == 1 else None,
        "path": str(folder),
    }
    schema = {"artist": pl.String, "duration_s": pl.Float64, "lufs": pl.Float64}
    return {
        "album": pl.DataFrame([album], schema_overrides={"artist": pl.String}),
        "track": pl.DataFrame(tracks, schema_overrides=schema),
    }


def measure_track(inputs: Inputs) -> Tables:
    """One decode of a track: duration, loudness, keystrength, energy, novelty, landmarks, sound."""
    import numpy as np

    from ingest import energy, keystrength, landmarks, sound

    track = inputs.given["track"]
    path = Path(track["path"][0])
    blocks: list[np.ndarray] = []
    momentary: list[float] = []
    for block in sound.stream(path, RATE_HZ, stereo=True):
        momentary += energy.momentary_lufs(block, RATE_HZ)
        blocks.append(block.mean(axis=1))
    if not blocks:
        raise BookscoreError(f"{path}: holds no sound: take it out of the folder")
    window_s, hop_s = float(inputs.settings["album.window_s"]), float(inputs.settings["album.hop_s"])
    times, chromas, levels = [], [], []
    for time_s, window in keystrength.windows(blocks, RATE_HZ, window_s, hop_s):
        times.append(time_s)
        chromas.append(keystrength.chroma(window, RATE_HZ))
        levels.append(energy.rms_db(window))
    strength = keystrength.keystrength(np.array(chromas), str(inputs.settings["album.profile"]))
    kernel_s, segment_s = (float(inputs.settings[f"album.{name}_s"]) for name in ("kernel", "segment"))
    curve = keystrength.novelty(strength, round(kernel_s / hop_s), round(segment_s / hop_s))
    onsets = energy.onset_times(blocks, RATE_HZ)
    rates = [float(np.sum(np.abs(onsets - t) <= window_s / 2) / window_s) for t in times]
    key = [pl.lit(inputs.item_id).alias("album_id"), pl.lit(inputs.part, pl.Int32).alias("track_no")]
    frame = pl.DataFrame({"frame_no": range(1, len(times) + 1), "time_s": times}).with_columns(key)
    low = list(sound.resampled(blocks, RATE_HZ, landmarks.RATE_HZ))
    return {
        "track": track.with_columns(
            duration_s=pl.lit(sum(map(len, blocks)) / RATE_HZ),
            lufs=pl.lit(energy.integrated_lufs(momentary), pl.Float64),
        ),
        "keystrength": frame.with_columns(
            strength=pl.Series(strength.astype(np.float32), dtype=pl.Array(pl.Float32, 24))
        ),
        "energy": frame.with_columns(rms_db=pl.Series(levels), onsets_per_s=pl.Series(rates)),
        "novelty": frame.with_columns(novelty=pl.Series(curve)),
        "track_landmark": landmarks.landmarks(low).with_columns(key),
        "track_sound": sound.pcm_blocks(
            sound.resampled(blocks, RATE_HZ, RECOGNISER_RATE_HZ), RECOGNISER_RATE_HZ
        ).with_columns(key),
    }


def cut_segments(inputs: Inputs) -> Tables:
    """Music segments of all tracks, with mode, arousal and gain."""
    import numpy as np

    from ingest.keystrength import changes

    setting = {name.removeprefix("album."): float(value) for name, value in inputs.settings.items()}
    rows = []
    for track in inputs.given["track"].iter_rows(named=True):
        of_track = pl.col("track_no") == track["track_no"]
        frames = (
            inputs.given["keystrength"]
            .filter(of_track)
            .join(inputs.given["energy"].drop("time_s"), on=["album_id", "track_no", "frame_no"])
        )
        times = frames["time_s"].to_numpy()
        curve = inputs.given["novelty"].filter(of_track)["novelty"].to_numpy()
        peaks = changes(
            curve, setting["threshold"], setting["contrast"], setting["apart_s"] / setting["hop_s"]
        )
        edges = [0.0, *times[peaks], track["duration_s"]]
        strength = np.array(frames["strength"].to_list())
        frame_mode = strength[:, :12].max(axis=1) - strength[:, 12:].max(axis=1)
        for number, (start_s, end_s) in enumerate(pairwise(edges), 1):
            inside = _inside(times, start_s, end_s)
            rows.append(
                {
                    "album_id": inputs.item_id,
                    "track_no": track["track_no"],
                    "music_segment_no": number,
                    "start_s": start_s,
                    "end_s": end_s,
                    "mode_strength": float(frame_mode[inside].mean()),
                    "rms_db": float(frames["rms_db"].to_numpy()[inside].mean()),
                    "onsets_per_s": float(frames["onsets_per_s"].to_numpy()[inside].mean()),
                    "gain_db": _gain_db(track["lufs"]),
                }
            )
    # Arousal is the mean rank of loudness and of onset density within the album, from 0 to 1.
    ranks = [(pl.col(part).rank() - 1) / max(1, len(rows) - 1) for part in ("rms_db", "onsets_per_s")]
    made = pl.DataFrame(rows).with_columns(
        mode=pl.when(pl.col("mode_strength") > 0).then(pl.lit("major")).otherwise(pl.lit("minor")),
        arousal=(ranks[0] + ranks[1]) / 2,
    )
    return {"music_segment": made.drop("rms_db", "onsets_per_s")}


def _inside(times: np.ndarray, start_s: float, end_s: float) -> np.ndarray:
    """Frames whose middle lies in the segment; the nearest one where none does."""
    import numpy as np

    inside = (times >= start_s) & (times < end_s)
    if not inside.any():
        inside[np.abs(times - (start_s + end_s) / 2).argmin()] = True
    return inside


def _gain_db(lufs: float | None) -> float:
    """To the reading level; quiet tracks are raised by no more than 12 dB, so that noise stays low."""
    return 0.0 if lufs is None else min(12.0, READING_LUFS - lufs)


def _number(tag: str | None) -> int:
    """3 of "3" and of "3/12"; tracks without a number come last."""
    digits = re.match(r"\s*(\d+)", tag or "")
    return int(digits[1]) if digits else 10_000


def _natural(name: str) -> list[tuple[bool, int, str]]:
    """Sorts "2 b" before "10 a"."""
    return [
        (part.isdigit(), int(part) if part.isdigit() else 0, part.lower())
        for part in re.split(r"(\d+)", name)
    ]


def _common_folder(paths: list[Path]) -> Path:
    import os

    return Path(os.path.commonpath([str(p.resolve().parent) for p in paths]))


MEDIUM = Medium(
    name="album",
    part_column="track_no",
    settings={
        "album.window_s": 10.0,
        "album.hop_s": 1.5,  # the paper's 85 % overlap; its code has 8.5
        "album.profile": "gomez",
        "album.kernel_s": 60.0,
        "album.threshold": 0.3,
        "album.contrast": 0.1,
        "album.apart_s": 15.0,
        "album.segment_s": 10.0,
    },
    stages=(
        Stage("album.tracks", read_tracks, makes=("album", "track"), files=("*",)),
        Stage(
            "album.sound",
            measure_track,
            makes=("track", "keystrength", "energy", "novelty", "track_landmark", "track_sound"),
            files=("*",),
            given=("track",),
            after=("album.tracks",),
            settings=("album.window_s", "album.hop_s", "album.profile", "album.kernel_s", "album.segment_s"),
            each="track",
        ),
        Stage(
            "album.segments",
            cut_segments,
            makes=("music_segment",),
            given=("track", "keystrength", "energy", "novelty"),
            after=("album.sound",),
            settings=("album.hop_s", "album.threshold", "album.contrast", "album.apart_s"),
        ),
    ),
)
