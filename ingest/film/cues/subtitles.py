"""Subtitles, from a file or from inside the video, into cues of plain text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bookscore.engine.container import open_media, tag
from bookscore.engine.errors import BookscoreError
from bookscore.engine.printable import printable
from bookscore.ingest.film.cues.subtitle_marks import clean, without_vtt_marks
from bookscore.ingest.media.languages import same_language
from bookscore.ingest.media.packets import packets

if TYPE_CHECKING:
    import av
    import pysubs2
    from av.subtitles.stream import SubtitleStream
    from av.subtitles.subtitle import AssSubtitle

SUFFIXES = (".srt", ".ass", ".ssa", ".vtt")
# The encodings of English subtitles that are not utf-8; one-byte code pages are hard to tell apart.
_LIKELY_ENCODINGS = ["cp1252", "utf_16", "utf_16_le", "utf_16_be"]
# The first bytes of files that hold pictures of text.
_BITMAPS = {b"PG": "PGS", b"\0\0\1\xba": "VobSub", b"# VobSub index file": "VobSub"}
# A track with less than this share of the longest track's cues holds only signs, or what is said in
# another language, whether or not it is marked as forced.
_WHOLE = 1 / 4


@dataclass(frozen=True)
class Cue:
    """Times in seconds; text on one line; the speaker where the subtitles mark one."""

    start_s: float
    end_s: float
    text: str
    speaker: str | None
    is_lyrics: bool = False


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
    n_left_out : int
        Cues without a spoken word: sounds, notes, the distributor's lines; and damaged packets.
    """

    cues: list[Cue]
    origin: str
    language: str | None = None
    format: str | None = None
    n_left_out: int = 0


def read_file(path: Path) -> Subtitles:
    """Cues of an srt, ass, ssa or vtt file in any encoding.

    Raises
    ------
    BookscoreError
        It cannot be read, holds no cue, or holds pictures of text.
    """
    import pysubs2

    try:
        content = path.read_bytes()
        for first_bytes, name in _BITMAPS.items():
            if content.startswith(first_bytes):
                raise BookscoreError(
                    f"{path}: holds pictures of text ({name}): turn it into srt with a program for text "
                    "recognition (Subtitle Edit), or leave it out and use --transcribe"
                )
        events = pysubs2.SSAFile.from_string(without_vtt_marks(_decode(content)))
    except (OSError, pysubs2.Pysubs2Error, ValueError) as error:
        raise BookscoreError(
            f"{path}: cannot be read as subtitles ({_first_line(error)}): srt, ass or vtt is wanted"
        ) from error
    found, n_left_out = _cues(events)
    if not found:
        raise BookscoreError(f"{path}: holds no spoken line: give another subtitle file")
    return Subtitles(found, "file", format=events.format, n_left_out=n_left_out)


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
    import pysubs2

    if not streams:
        return []
    begins_s = (container.start_time or 0) / av.time_base
    events = {stream.index: pysubs2.SSAFile() for stream in streams}
    n_damaged = dict.fromkeys(events, 0)
    for packet in packets(container, streams):
        if packet.pts is None or not packet.time_base or not packet.duration:
            continue
        start_s = float(packet.pts * packet.time_base) - begins_s
        end_s = start_s + float(packet.duration * packet.time_base)
        try:
            lines = list(_packet_lines(packet))
        except (av.FFmpegError, ValueError):  # a damaged packet costs its own line
            n_damaged[packet.stream_index] += 1
            continue
        for style, name, text in lines:
            events[packet.stream_index].append(
                pysubs2.SSAEvent(round(start_s * 1000), round(end_s * 1000), text, style=style, name=name)
            )
    read = []
    for stream in streams:
        found, n_left_out = _cues(events[stream.index])
        codec = stream.codec_context.codec.canonical_name
        n_left_out += n_damaged[stream.index]
        read.append((stream, Subtitles(found, "track", tag(stream, "language"), codec, n_left_out)))
    return read


def _packet_lines(packet: av.Packet) -> Iterator[tuple[str, str, str]]:
    """Styles, speakers and texts; FFmpeg gives each as a line of ASS, where they stand third, fourth, ninth."""
    for event in cast("list[AssSubtitle]", packet.decode()):
        _, _, style, name, _, _, _, _, text = event.ass.decode("utf-8", "replace").split(",", 8)
        yield style, name, text


def check_fit(cues: list[Cue], subtitles: Path, duration_s: float, video: Path) -> None:
    """Refuse subtitles of another film: many cues after the video's end.

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
        More than a twentieth of the cues begin after the end, or the last more than a minute after it.
    """
    after = [cue for cue in cues if cue.start_s > duration_s]
    if len(after) > len(cues) / 20 or (after and after[-1].start_s > duration_s + 60):
        raise BookscoreError(
            f"{subtitles}: does not fit {video.name}: {len(after)} of {len(cues)} cues begin after its end "
            f"({duration_s / 60:.0f} min; the last at {cues[-1].start_s / 60:.0f} min): give the film's own subtitles"
        )


def _decode(content: bytes) -> str:
    from charset_normalizer import from_bytes

    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = from_bytes(content, cp_isolation=_LIKELY_ENCODINGS).best() or from_bytes(content).best()
    if best is None:
        raise ValueError("not text")
    return str(best).removeprefix("\ufeff")


def _cues(events: pysubs2.SSAFile) -> tuple[list[Cue], int]:
    """Cues in order, each once, and the number of those without a spoken word."""
    found: dict[Cue, None] = {}  # layers of ass repeat a line
    n_left_out = 0
    for event in sorted(events, key=lambda e: (e.start, e.end)):
        if event.is_comment or event.is_drawing or event.end <= event.start:
            continue
        text, speaker, is_lyrics = clean(event.plaintext)
        if not text:
            n_left_out += bool(event.plaintext.strip())  # mp4 fills pauses with empty cues
            continue
        is_lyrics |= event.style.lower() in ("lyrics", "song", "songs", "karaoke")
        cue = Cue(
            event.start / 1000, event.end / 1000, text, speaker or printable(event.name).strip() or None, is_lyrics
        )
        found[cue] = None
    return list(found), n_left_out


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
