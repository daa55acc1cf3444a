"""The tracks of an album: which files, or parts of files, are music, what they are called, and in which order."""

from __future__ import annotations

import filecmp
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import polars as pl

from bookscore.engine.errors import BookscoreError
from bookscore.engine.printable import printable
from bookscore.engine.stage import Inputs, Tables
from bookscore.ingest.album import cue_sheet
from bookscore.ingest.album.order import album_and_disc, in_order, natural, same_title
from bookscore.ingest.album.probe import Probe, probe
from bookscore.ingest.album.same_recording import MOST_APART_S, Excerpts
from bookscore.ingest.album.spoken import SPOKEN, spoken_share
from bookscore.ingest.album.tags import Tags, album_artist, credit, most, of_files
from bookscore.ingest.media.sound import stream

ANALYSED_HZ = 16_000  # the spectrum up to 6400 Hz, and onsets
SHORTEST_S = 0.01
TRACK = {
    "album_id": pl.String, "track_no": pl.Int32, "title": pl.String, "artist": pl.String, "path": pl.String,
    "duration_s": pl.Float64, "lufs": pl.Float64, "true_peak_db": pl.Float64, "album": pl.String,
    "file_start_s": pl.Float64, "file_end_s": pl.Float64,
}  # fmt: skip
UNUSED = {"album_id": pl.String, "track_no": pl.Int32, "path": pl.String, "reason": pl.String}


@dataclass
class _Track:
    """A file, or a part of one, that is to be a track."""

    name: str
    path: Path
    probe: Probe
    tags: Tags
    part: cue_sheet.Part | None = None

    @property
    def start_s(self) -> float:
        return self.part.start_s if self.part else 0.0

    @property
    def end_s(self) -> float | None:
        return self.part.end_s if self.part else None

    @property
    def duration_s(self) -> float | None:
        end_s = self.probe.duration_s if self.end_s is None else self.end_s
        return None if end_s is None else end_s - self.start_s

    @property
    def own_title(self) -> str | None:
        return self.part.title if self.part else self.tags.get("title")

    @property
    def title(self) -> str:
        stem = printable(Path(self.name).stem)
        return self.own_title or (f"{stem} {self.part.number:02}" if self.part else stem)

    @property
    def label(self) -> str:
        """How it is told of."""
        return f"{self.name}, track {self.part.number}" if self.part else self.name

    @cached_property
    def excerpts(self) -> Excerpts:
        return Excerpts(self.path, self.start_s, self.end_s)


@dataclass
class _Unused:
    """Rows of unused_file."""

    files: Mapping[str, Path]
    rows: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, reason: str) -> None:
        self.rows.append((str(self.files[name].resolve()), reason))


def tracks(inputs: Inputs) -> Tables:
    """The album and its tracks by their tags, in the order of album folder, disc and track.

    Files that cannot be played, second copies, the worse of two files of one recording and speech are no
    tracks; `unused_file` says why. A file that a cue sheet divides is as many tracks.

    Raises
    ------
    BookscoreError
        None of the files is music that can be played.
    """
    unused = _Unused(inputs.files)
    probes = dict(_playable(inputs.files, unused))
    tags = of_files(
        {name: inputs.files[name] for name in probes}, {name: p.metadata for name, p in probes.items()}
    )
    parts = _parts(inputs.files, probes, tags, unused)
    found = [
        _Track(name, inputs.files[name], probes[name], tags[name], part)
        for name in probes
        for part in parts.get(name, [None])
    ]
    found = _best_copies(found, unused)
    if not inputs.settings["album.keep_speech"]:
        found = [track for track in found if not _is_speech(track, unused)]
    if not found:
        path, reason = unused.rows[0]
        raise BookscoreError(f"{path}: {reason}; no other file of the album can be used either")
    kept = {track.name: track.tags for track in found}
    ordered = [track for name in in_order(kept) for track in found if track.name == name]
    rows = [
        (
            inputs.item_id, no, track.title, (track.part and track.part.artist) or credit(track.name, kept),
            str(track.path.resolve()), None, None, None, track.tags.get("album"), track.start_s, track.end_s,
        )
        for no, track in enumerate(ordered, 1)
    ]  # fmt: skip
    folder = Path(os.path.commonpath([t.path.resolve().parents[t.name.count("/")] for t in ordered]))
    album = {
        "album_id": inputs.item_id,
        "title": _album_title([track.tags.get("album") for track in ordered]) or printable(folder.name),
        "artist": album_artist([track.tags for track in ordered]),
        "path": str(folder),
    }
    return {
        "album": pl.DataFrame([album], schema_overrides={"artist": pl.String}),
        "track": pl.DataFrame(rows, schema=TRACK, orient="row"),
        "unused_file": pl.DataFrame(
            [(inputs.item_id, None, path, reason) for path, reason in unused.rows],
            schema=UNUSED,
            orient="row",
        ),
    }


def _playable(files: Mapping[str, Path], unused: _Unused) -> Iterator[tuple[str, Probe]]:
    """The files that can be decoded, each content once."""
    seen: dict[int, list[str]] = defaultdict(list)
    for name in sorted(files, key=natural):
        if _is_sheet(name):
            continue
        path = files[name]
        alike = seen[path.stat().st_size]
        if same := [other for other in alike if filecmp.cmp(path, files[other], shallow=False)]:
            unused.add(name, f"is a copy of {same[0]}: left out")
            continue
        try:
            probed = probe(path)
            next(stream(path, ANALYSED_HZ, block_s=1), None)
        except BookscoreError as error:
            unused.add(name, str(error).removeprefix(f"{path}: "))
            continue
        alike.append(name)
        yield name, probed


def _is_sheet(name: str) -> bool:
    return name.lower().endswith(".cue")


def _parts(
    files: Mapping[str, Path], probes: Mapping[str, Probe], tags: dict[str, Tags], unused: _Unused
) -> dict[str, list[cue_sheet.Part]]:
    """The parts of the files that a cue sheet divides, be it beside the file or in its tags.

    What the sheet says of the whole completes the file's tags.
    """
    found: dict[str, cue_sheet.Image] = {}
    music = [name for name in files if not _is_sheet(name)]
    for sheet in filter(_is_sheet, sorted(files, key=natural)):
        images = cue_sheet.read(files[sheet])
        for image in images:
            name = cue_sheet.image_of(image.file, sheet, music, len(images))
            if name is None:
                unused.add(
                    sheet, f"divides {image.file!r}, which is not beside it: its tracks are not told apart"
                )
            elif name in probes:
                found.setdefault(name, image)
    for name in probes.keys() - found.keys():
        for image in cue_sheet.parsed(tags[name].get("cuesheet", ""))[:1]:
            found[name] = image
    divided = {}
    for name, image in found.items():
        end_s = probes[name].duration_s
        inside = [p for p in image.parts if end_s is None or p.start_s < end_s - SHORTEST_S]
        for part in image.parts[len(inside) :]:
            unused.add(name, f"ends before track {part.number} of its cue sheet begins: check the sheet")
        if inside:
            divided[name] = inside
            whole = {"album": image.album, "albumartist": image.artist}
            tags[name] = {tag: text for tag, text in whole.items() if text} | tags[name]
    return divided


def _best_copies(found: list[_Track], unused: _Unused) -> list[_Track]:
    """The tracks without those of which there is a better file; the better one learns what the other's tags say."""
    kept: list[_Track] = []
    for track in found:
        other = next((k for k in kept if _may_be_same(k, track) and k.excerpts.is_same(track.excerpts)), None)
        if other is None:
            kept.append(track)
            continue
        best, worse = (track, other) if track.probe.quality > other.probe.quality else (other, track)
        kept[kept.index(other)] = best
        if not best.part and not worse.part:
            best.tags = worse.tags | best.tags
        unused.add(
            worse.name,
            f"{_of(worse)}is the same recording as {best.label}, which is kept: its sound is no worse",
        )
    return kept


def _may_be_same(one: _Track, other: _Track) -> bool:
    """Whether two tracks are to be compared by their sound: as long, and either called the same or in two formats."""
    lengths = one.duration_s, other.duration_s
    if one.name == other.name or None in lengths or abs(lengths[0] - lengths[1]) > 2 * MOST_APART_S:  # type: ignore[operator]
        return False
    if same_title(one.title, other.title):
        return True
    return one.probe.codec != other.probe.codec and None in (one.own_title, other.own_title)


def _is_speech(track: _Track, unused: _Unused) -> bool:
    if track.duration_s is None:
        return False
    try:
        share = spoken_share(track.path, track.start_s, track.start_s + track.duration_s)
    except BookscoreError:  # damage inside it is told where the whole is measured
        return False
    if share < SPOKEN:
        return False
    unused.add(track.name, f"{_of(track)}is speech, not music: left out; to keep it, use --keep-speech")
    return True


def _of(track: _Track) -> str:
    return f"its track {track.part.number} " if track.part else ""


def _album_title(titles: list[str | None]) -> str | None:
    """The title that most tracks have; of a pool in which none has so many, the first three of them."""
    bare = [album_and_disc(title)[0] if title else None for title in titles]
    usual = most(titles) or most(bare)
    if usual and (bare.count(usual) > len(bare) / 2 or len(set(bare) - {None}) == 1):
        return usual
    known = list(dict.fromkeys(title for title in bare if title))
    return ", ".join(known[:3]) + (" …" if len(known) > 3 else "") or None
