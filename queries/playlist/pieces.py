"""The soundtrack cut into files with fades and tags, which play one after the other without a gap."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bookscore.queries import atomic
from bookscore.queries.sound import mix, music_files, sound_file
from bookscore.queries.sound.looping import Loop, at_level
from bookscore.queries.sound.mix import Stretch, held
from bookscore.queries.sound.sound_file import Codec, SoundFile
from bookscore.queries.woven import Segment, Woven

if TYPE_CHECKING:
    import numpy as np

FADE_S = 2.0
"""Where the music begins and ends; never more than a quarter of it."""
GRID = 1024
"""Files are of a multiple of this many samples: AAC knows no other lengths."""
UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*#%]')
"""Characters that some file system, player or URL has another use for."""
MARK = "README.txt"
NOTE = "Music cut by Bookscore for the playlist beside this folder; the next export replaces it.\n"


@dataclass(frozen=True)
class Cut:
    """A file that was cut, and how long it is."""

    name: str
    duration_s: float


@dataclass(frozen=True)
class Part:
    """The sound of a file, in blocks; the segments for which it plays; what comes before and after it."""

    segments: list[Segment]
    blocks: Iterable[np.ndarray]
    before: np.ndarray | None = None
    after: np.ndarray | None = None


def write(soundtrack: Woven, folder: Path, codec: Codec, wpm: float | None, cover: bytes | None) -> list[Cut]:
    """Cut all that is heard.

    Parameters
    ----------
    soundtrack : Woven
    folder : Path
    codec : Codec
    wpm : float or None
        Words read in a minute: a file for every text segment, as long as it is read. Where the next segment
        has the same music it runs on from file to file; only where it changes it fades out and in. None: a
        file for every piece, which plays once.
    cover : bytes or None
        A picture for the files' tags, as JPEG or PNG.

    Returns
    -------
    list of Cut
        The file of each text segment, in reading order.

    Raises
    ------
    BookscoreError
        A track cannot be read.
    """
    atomic.write_text(folder / MARK, NOTE)
    title = soundtrack.title
    parts = (
        _once(soundtrack.segments, codec)
        if wpm is None
        else _as_read(mix.stretches(soundtrack.segments, wpm), codec)
    )
    cuts: dict[tuple[int, int], Cut] = {}
    for number, part in enumerate(parts, start=1):
        first = part.segments[0]
        name = f"{number:03} {UNSAFE.sub('_', first.track_title)[:60].strip()}{codec.suffix}"
        with SoundFile(folder / name, codec, before=part.before, after=part.after) as file:
            for block in part.blocks:
                file.write(block)
        tags = {
            "title": first.track_title if wpm is None else f"{first.chapter_title}: {first.track_title}",
            "artist": first.track_artist or "",
            "album": title.book_title,
            "albumartist": title.author or "",
            "tracknumber": str(number),
        }
        sound_file.tag(folder / name, codec, tags, cover)
        for segment in part.segments:
            cuts[segment.chapter_no, segment.segment_no] = Cut(name, file.n_samples / codec.rate_hz)
    return [cuts[segment.chapter_no, segment.segment_no] for segment in soundtrack.segments]


def _once(segments: list[Segment], codec: Codec) -> Iterator[Part]:
    """Every piece, with the segments that have it."""
    tracks: dict[str, dict[tuple[int, int], list[Segment]]] = defaultdict(lambda: defaultdict(list))
    for segment in sorted(segments, key=lambda s: (s.piece, s.chapter_no, s.segment_no)):
        tracks[segment.track_path][segment.piece].append(segment)
    for path, used in tracks.items():
        spans = [inside[0].in_file(inside[0].start_s, inside[0].end_s) for inside in used.values()]
        sounds = music_files.cut(Path(path), spans, codec.rate_hz)
        for inside, sound in zip(used.values(), sounds, strict=True):
            n = sound.shape[1]
            fade = min(round(FADE_S * codec.rate_hz), n // 4)
            whole = Loop(at_level(sound, inside[0]), 0, 0)
            yield Part(inside, mix.faded(whole, n, fade, fade, codec.rate_hz))


def _as_read(book: list[Stretch], codec: Codec) -> Iterator[Part]:
    """Every segment, with its part of a piece that goes round."""
    loops = held(book, codec.rate_hz)
    for stretch in book:
        first, last = 0, len(stretch.segments) - 1
        loop = loops(stretch.segments[0].piece)
        for number, segment in enumerate(stretch.segments):
            length_s = stretch.borders_s[number + 1] - stretch.borders_s[0]
            end = max(round(length_s * codec.rate_hz / GRID) * GRID, first + GRID)
            fade = min(round(FADE_S * codec.rate_hz), (end - first) // 4)
            rise, fall = fade * (number == 0), fade * (number == last)
            context = min(codec.context, first)
            yield Part(
                [segment],
                mix.faded(loop, end - first, rise, fall, codec.rate_hz, first),
                loop.sound(first - context, context) if number else None,
                loop.sound(end, codec.context) if number < last else None,
            )
            first = end
