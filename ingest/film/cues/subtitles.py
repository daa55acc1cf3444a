"""Subtitles, from a file or from inside the video, into cues of plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from bookscore.engine.container import open_media, tag
from bookscore.engine.errors import BookscoreError
from bookscore.engine.printable import printable
from bookscore.ingest.film.cues.formats import detect, substation
from bookscore.ingest.film.cues.formats.raw import LONGEST, LeftOut, RawCue, Read, too_long
from bookscore.ingest.film.cues.subtitle_marks import bracketed, is_advert, speeches
from bookscore.ingest.film.cues.subtitle_names import known_names
from bookscore.ingest.media.languages import same_language
from bookscore.ingest.media.packets import packets
from bookscore.ingest.media.text import decode

if TYPE_CHECKING:
    import av
    from av.subtitles.stream import SubtitleStream
    from av.subtitles.subtitle import AssSubtitle

SUFFIXES = (".srt", ".ass", ".ssa", ".vtt", ".ttml", ".dfxp", ".sbv")
# Those of files that are read, or refused by name, but not looked for beside a film.
ALL_SUFFIXES = (
    *SUFFIXES,
    ".imsc",
    ".itt",
    ".sub",
    ".idx",
    ".sup",
    ".smi",
    ".sami",
    ".mpl",
    ".stl",
    ".scc",
    ".lrc",
)
SILENT = "no spoken word"
ADVERT = "line of the distributor"
_LARGEST = 64 << 20  # bytes of a file; those of a film have 0.1 MiB
_STRAY_S = 3600.0
# A track with less than this share of the longest track's cues holds only signs, or what is said in
# another language, whether or not it is marked as forced.
_WHOLE = 1 / 4


@dataclass(frozen=True)
class Cue:
    """Times in seconds; text on one line; the speaker where the subtitles mark one.

    `bracketed` is a name in brackets before the text that may be a speaker or a sound, as far as the subtitles tell.
    """

    start_s: float
    end_s: float
    text: str
    speaker: str | None
    is_lyrics: bool = False
    bracketed: str | None = None


@dataclass(frozen=True)
class Subtitles:
    """Cues in order of time, and where they come from.

    Attributes
    ----------
    cues : list of Cue
    origin : str
        file, track, transcript or none.
    language : str or None
        Of a track, as it tells.
    format : str or None
        FFmpeg's name of a track's codec, e.g. ``subrip``, or ``hdmv_pgs_subtitle`` where there are only
        pictures of text; pysubs2's name of a file's format.
    left_out : tuple of LeftOut
        Cues without a spoken word (sounds, notes, the distributor's lines) and damaged ones.
    n_odd : int
        Places in a file that are not valid in its encoding.
    """

    cues: list[Cue]
    origin: str
    language: str | None = None
    format: str | None = None
    left_out: tuple[LeftOut, ...] = ()
    n_odd: int = 0

    @property
    def n_left_out(self) -> int:
        """Number of cues that are left out."""
        return len(self.left_out)


def read_file(path: Path, fps: float | None = None) -> Subtitles:
    """Cues of a subtitle file in any encoding: srt, ass, ssa, vtt, ttml, or another that pysubs2 reads.

    Parameters
    ----------
    path : Path
    fps : float, optional
        Frames per second of the film, for formats that count frames.

    Raises
    ------
    BookscoreError
        It cannot be read, holds no cue, or holds pictures of text.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError(f"it has over {_LARGEST >> 20} MiB")
        content = path.read_bytes()
        detect.refuse_binary(content, path)
        decoded = decode(content)
        found = detect.read(printable(decoded.text), path, fps)
    except (OSError, ValueError) as error:
        raise BookscoreError(
            f"{path}: cannot be read as subtitles ({_first_line(error)}): {detect.READ} is wanted"
        ) from error
    read = _subtitles(found, "file", format=found.format, n_odd=decoded.n_odd)
    if not read.cues:
        raise BookscoreError(f"{path}: contains no spoken line: give another subtitle file")
    return read


def read_video(path: Path, language: str) -> Subtitles:
    """Cues of the video's text track in `language`, else of another; none where it has no text track.

    Commentaries and forced tracks, which hold only what is said in another language, come last. Subtitles
    for the hard of hearing come before plain ones: they name who speaks.

    Parameters
    ----------
    path : Path
        The video.
    language : str
        A code of ISO 639, e.g. eng.
    """
    import av
    from av.stream import Disposition

    def choice(track: tuple[SubtitleStream, Subtitles]) -> tuple[object, ...]:
        stream, read = track
        marks, title = stream.disposition, (tag(stream, "title") or "").lower()
        is_same = same_language(tag(stream, "language"), language)
        return (
            is_same is False,
            bool(marks & Disposition.comment) or "comment" in title,
            bool(marks & Disposition.forced) or "forced" in title or len(read.cues) < _WHOLE * longest,
            not is_same,
            not (marks & Disposition.hearing_impaired or "sdh" in title),
            stream.index,
        )

    try:
        with open_media(path) as container:  # PyAV 19 tells nothing of its streams once it is closed
            texts, pictures = _text_and_picture_tracks(container)
            read = _read_tracks(container, texts)
            if spoken := [track for track in read if track[1].cues]:
                longest = max(len(track.cues) for _, track in spoken)
                return min(spoken, key=choice)[1]
            if pictures:
                seen = min(pictures, key=lambda s: (not same_language(tag(s, "language"), language), s.index))
                return Subtitles([], "none", tag(seen, "language"), seen.codec_context.codec.canonical_name)
    except av.FFmpegError as error:
        raise BookscoreError(
            f"{path}: its subtitles cannot be read ({error.strerror}): give them with --subtitles"
        ) from error
    return Subtitles([], "none")


def _text_and_picture_tracks(
    container: av.container.InputContainer,
) -> tuple[list[SubtitleStream], list[SubtitleStream]]:
    from av.codec import Codec

    texts: list[SubtitleStream] = []
    pictures: list[SubtitleStream] = []
    for stream in container.streams.subtitles:
        if stream.codec_context is not None:  # None where FFmpeg has no decoder for it
            is_picture = Codec(stream.codec_context.name, "r").bitmap_sub
            (pictures if is_picture else texts).append(stream)
    return texts, pictures


def _read_tracks(
    container: av.container.InputContainer, streams: list[SubtitleStream]
) -> list[tuple[SubtitleStream, Subtitles]]:
    """What each track holds, from one reading of the file."""
    import av

    if not streams:
        return []
    begins_s = (container.start_time or 0) / av.time_base
    found = {stream.index: Read("ass") for stream in streams}
    for packet in packets(container, streams):
        if packet.pts is None or not packet.time_base or not packet.duration:
            continue
        start_s = float(packet.pts * packet.time_base) - begins_s
        end_s = start_s + float(packet.duration * packet.time_base)
        try:
            lines = list(_packet_lines(packet))
        except (av.FFmpegError, ValueError):  # a damaged packet costs its own line
            found[packet.stream_index].left_out.append(LeftOut(start_s, "", "damaged packet"))
            continue
        for style, name, text in lines:
            substation.add(found[packet.stream_index], round(start_s, 3), round(end_s, 3), style, name, text)
    read = []
    for stream in streams:
        codec = stream.codec_context.codec.canonical_name
        read.append(
            (stream, _subtitles(found[stream.index], "track", language=tag(stream, "language"), format=codec))
        )
    return read


def _packet_lines(packet: av.Packet) -> Iterator[tuple[str, str, str]]:
    """Styles, speakers and texts; FFmpeg gives each as a line of ASS, where they stand third, fourth, ninth."""
    for event in cast("list[AssSubtitle]", packet.decode()):
        _, _, style, name, _, _, _, _, text = event.ass.decode("utf-8", "replace").split(",", 8)
        yield style, name, text


def check_fit(cues: list[Cue], subtitles: Path, duration_s: float, video: Path) -> None:
    """Refuse subtitles of another film: many cues after the video's end.

    A few odd ones are forgiven, however late: they are left out.

    Parameters
    ----------
    cues : list of Cue
        In order of time.
    subtitles : Path
        The file of the cues, to be named in the error.
    duration_s : float
        Of the video, in seconds.
    video : Path
        To be named in the error.

    Raises
    ------
    BookscoreError
        More than a twentieth of the cues begin after the end, or more than a hundredth over a minute after it.
        One may always, unless there are only two cues.
    """
    after = [cue for cue in cues if cue.start_s > duration_s]
    n_far = sum(cue.start_s > duration_s + 60 for cue in after)
    if len(after) > _most_strays(cues, 20) or n_far > _most_strays(cues, 100):
        raise BookscoreError(
            f"{subtitles}: does not fit {video.name}: {len(after)} of {len(cues)} cues begin after its end "
            f"({duration_s / 60:.0f} min; the last at {cues[-1].start_s / 60:.0f} min): give the film's own subtitles"
        )


def length_s(cues: list[Cue]) -> float:
    """When the last cue ends; one of three or more, or a tenth, over an hour after all others does not count.

    Parameters
    ----------
    cues : list of Cue
        In order of time.
    """
    n_strays = 0
    for n in range(1, int(_most_strays(cues, 10)) + 1):
        if cues[-n].start_s - cues[-n - 1].start_s > _STRAY_S:
            n_strays = n
    return max(cue.end_s for cue in cues[: len(cues) - n_strays])


def _most_strays(cues: list[Cue], one_in: int) -> float:
    """How many cues may be far off: a share of them, and one unless there are only two."""
    return max(len(cues) > 2, len(cues) / one_in)


def _subtitles(found: Read, origin: str, **of_source: Any) -> Subtitles:
    """Cues in order, each speaker's in one of its own, each once; and those without a spoken word."""
    known = known_names(cue.text for cue in found.cues if len(cue.text) <= LONGEST)
    cues: dict[Cue, None] = {}  # layers of ass repeat a line
    left_out = list(found.left_out)
    for raw in sorted(found.cues, key=lambda cue: (cue.start_s, cue.end_s)):
        if len(raw.text) > LONGEST:
            left_out.append(too_long(raw.start_s, raw.text))
        elif said := _said(raw, known):
            cues.update(dict.fromkeys(said))
        elif raw.text.strip():  # mp4 fills pauses with empty cues
            reason = ADVERT if is_advert(raw.text) else SILENT
            left_out.append(LeftOut(raw.start_s, raw.text, reason))
    return Subtitles(
        sorted(cues, key=lambda c: (c.start_s, c.end_s)), origin, left_out=tuple(left_out), **of_source
    )


def _said(raw: RawCue, known: frozenset[str]) -> list[Cue]:
    """What each speaker says, one after the other; the cue's time is shared out by the number of words."""
    if is_advert(raw.text):
        return []
    said = [
        words._replace(
            speaker=words.speaker or (printable(voice.speaker).strip() if voice.speaker and n == 0 else None)
        )
        for voice in raw.voices
        for n, words in enumerate(speeches(voice.text, known))
    ]
    marks = {first: label for voice in raw.voices for label, first in bracketed(voice.text)}
    shares = [len(re.findall(r"\w+", words.text)) for words in said]
    length_s, total = raw.end_s - raw.start_s, sum(shares)
    ends = [round(raw.start_s + length_s * share / total, 3) for share in accumulate(shares)]
    return [
        Cue(
            start_s, end_s, words.text, words.speaker, words.is_lyrics or raw.is_lyrics,
            None if words.speaker else next((mark for first, mark in marks.items() if words.text.startswith(first)), None),
        )
        for start_s, end_s, words in zip([raw.start_s, *ends], ends, said, strict=False)
    ]  # fmt: skip


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
