"""The album: a folder of audio files into tracks, their sound and their music segments."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from bookscore.engine.errors import BookscoreError
from bookscore.engine.settings import Setting
from bookscore.engine.stage import Inputs, Medium, Stage, Tables
from bookscore.ingest.album.files import sources
from bookscore.ingest.album.keystrength import PROFILES
from bookscore.ingest.album.tracks import ANALYSED_HZ, UNUSED, tracks

__all__ = ["MEDIUM", "segments", "sound", "sources", "tracks"]

if TYPE_CHECKING:
    import numpy as np

DECODED_HZ = 44_100  # for loudness; most albums have it
READING_LUFS = -23.0
HIGHEST_PEAK_DB = -1.0  # dBTP, as EBU R128 wants it
MOST_GAIN_DB = 12.0  # music that is meant to be hushed stays so, and so does its hiss

# Shares in arousal. Tempo has the least, for it is often told as its double or half.
AROUSAL_PARTS = {"loudness_lufs": 0.35, "onsets_per_s": 0.35, "brightness_hz": 0.2, "tempo_bpm": 0.1}

_FRAME = ["album_id", "track_no", "frame_no"]
_MEASURED = ("keystrength", "energy", "novelty", "track_landmark", "track_sound")


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
    played = stream(
        Path(track["path"]), DECODED_HZ, block_s=20, stereo=True,
        start_s=track["file_start_s"] or 0.0, end_s=track["file_end_s"],
    )  # fmt: skip
    momentary: list[float] = []
    momentary_s: list[np.ndarray] = []
    peak, n_samples = 0.0, 0

    def decoded() -> Iterator[np.ndarray]:
        nonlocal peak, n_samples
        for block in played:
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
        "unused_file": pl.DataFrame(schema=UNUSED),
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
        raise BookscoreError(f"{path}: {reason}; no other file of the album can be used either")
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


def _unplayable(inputs: Inputs, track: dict[str, object], error: BookscoreError) -> Tables:
    reason = str(error).removeprefix(f"{track['path']}: ")
    row = (inputs.item_id, inputs.part, track["path"], reason)
    nothing = pl.DataFrame(schema={"album_id": pl.String, "track_no": pl.Int32})
    return dict.fromkeys(_MEASURED, nothing) | {
        "track": inputs.given["track"],
        "unused_file": pl.DataFrame([row], schema=UNUSED, orient="row"),
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
            "album.tracks", tracks, makes=("album", "track", "unused_file"), files=("*",), version=4,
            settings=("album.keep_speech",),
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
        Setting(
            "album.keep_speech", 0, "1: tracks that are speech (audiobook, commentary) are music like the others; 0: they are left out",
            choices=(0, 1),
        ),
        Setting("album.window_s", 10.0, "length of the windows of sound that have a key", "s", least=0.1, most=120),
        Setting(
            "album.hop_s", 1.5, "step from one window to the next; the default is the paper's overlap of 85 %, the authors' code has 8.5", "s",
            least=0.1, most=60,
        ),
        Setting(
            "album.profile", "aarden",
            "key profile; of the six, aarden was best at the mode, the paper has gomez",
            choices=tuple(PROFILES),
        ),
        Setting(
            "album.kernel_s", 96.0, "length of the novelty's checkerboard kernel; the default is the authors' 64 frames", "s",
            least=1, most=600,
        ),
        Setting(
            "album.least_segment_s", 25.0, "shortest music segment; the authors' code has 30", "s", least=1, most=3600,
        ),
        Setting(
            "album.novelty_threshold", 0.2,
            "least novelty of a peak that may be a boundary; the authors' code has 0.5, which misses every seventh change of key",
            "share of the track's highest", least=0, most=1,
        ),
        Setting(
            "album.novelty_contrast", 0.1, "prominence of a boundary's peak: its height above the dip between it and a higher peak",
            "share of the track's highest", least=0, most=1,
        ),
    ),
)  # fmt: skip
