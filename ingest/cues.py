"""Subtitles, from a file or from inside the video, into cues of plain text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from engine.errors import BookscoreError

if TYPE_CHECKING:
    import av
    import pysubs2
    from av.subtitles.subtitle import AssSubtitle

SUFFIXES = (".srt", ".ass", ".ssa", ".vtt")
# Cues that distributors put before and after the film's own.
_NOT_THE_FILM = re.compile(
    r"\bYTS\b|YIFY|opensubtitles|\bwww\.|https?://|^downloaded from|\bsubtitles? (by|downloaded)\b|"
    r"^(re-?)?(sync\w*|corrected|captioned|encoded|ripped)\b.*\bby\b",
    re.IGNORECASE,
)
_SOUND = re.compile(r"\[[^\]]*\]|\([^)]*\)|\{[^}]*\}|[♪♫#*]+")
_DASHES = re.compile(r"^[\s>–—-]+", re.MULTILINE)
_MARKED = re.compile(r"^([^\W\d_][\w.'’ -]{0,40}?)\s*:(?:\s+|\Z)", re.MULTILINE)
_TITLED = re.compile(
    r"(Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Lady|Lord|Captain|Father|Sister)\b\.?( [A-Z][\w'’-]+){1,2}"
)
_VTT_VOICE = re.compile(r"<v(?:\.[^ >]*)? ([^>]+)>")
_VTT_NOTE = re.compile(r"^(NOTE|STYLE|REGION)\b(.|\n)*?(\n\n|\Z)", re.MULTILINE)
_BITMAPS = {"dvdsub", "dvd_subtitle", "pgssub", "hdmv_pgs_subtitle", "dvbsub", "dvb_subtitle", "xsub"}
# The encodings of English subtitles that are not utf-8; one-byte code pages are hard to tell apart.
_LIKELY_ENCODINGS = ["cp1252", "utf_16", "utf_16_le", "utf_16_be"]


@dataclass(frozen=True)
class Cue:
    """Times in seconds; text on one line; the speaker where the subtitles mark one."""

    start_s: float
    end_s: float
    text: str
    speaker: str | None


def clean(text: str) -> tuple[str, str | None]:
    """The spoken words of a cue on one line, and who says them where that is marked.

    Sounds ("[door slams]"), notes and dashes go. A cue of the distributor has no words.
    """
    speakers: list[str] = []

    def drop_speaker(mark: re.Match[str]) -> str:
        name = mark[1]
        # "Listen: I know" is speech; "HARRY:", "OLD MAN:" and "Dr. Grey:" are names.
        if not ((name.isupper() and len(name.split()) <= 4) or _TITLED.fullmatch(name)):
            return mark[0]
        speakers.append(name)
        return ""

    words, before = "\n".join(text.splitlines()), None
    while words != before:  # a name can stand behind a dash, and a dash behind a name
        before = words
        words = _MARKED.sub(drop_speaker, _DASHES.sub("", _SOUND.sub(" ", html.unescape(words))))
        if words == before:
            words = " ".join(words.split())
    if _NOT_THE_FILM.search(words) or not re.search(r"\w", words):
        return "", None
    return words, speakers[0] if speakers else None


def read_file(path: Path) -> list[Cue]:
    """Cues of an srt, ass, ssa or vtt file in any encoding.

    Raises
    ------
    BookscoreError
        It cannot be read, or holds no cue.
    """
    import pysubs2

    try:
        subtitles = pysubs2.SSAFile.from_string(_without_vtt_marks(_decode(path)))
    except (OSError, pysubs2.Pysubs2Error, ValueError) as error:
        raise BookscoreError(
            f"{path}: cannot be read as subtitles ({_first_line(error)}): srt, ass or vtt is wanted"
        ) from error
    found = _cues(subtitles)
    if not found:
        raise BookscoreError(f"{path}: holds no spoken line: give another subtitle file")
    return found


def read_video(path: Path) -> list[Cue]:
    """Cues of the video's text track, an English one before others; none where it has only pictures of text, or no track."""
    import av
    import pysubs2
    from av.stream import Disposition

    subtitles = pysubs2.SSAFile()
    try:
        with av.open(str(path.resolve())) as container:
            tracks = [s for s in container.streams.subtitles if s.codec_context.name not in _BITMAPS]
            if not tracks:
                return []
            # The books are English, and a forced track holds only what is said in another language.
            track = min(tracks, key=lambda s: (s.language != "eng", bool(s.disposition & Disposition.forced)))
            begins_s = (container.start_time or 0) / av.time_base
            for packet in container.demux(track):
                if packet.pts is None or not packet.duration:
                    continue
                start_s = float(packet.pts * packet.time_base) - begins_s
                end_s = start_s + float(packet.duration * packet.time_base)
                for name, text in _packet_lines(packet):
                    event = pysubs2.SSAEvent(round(start_s * 1000), round(end_s * 1000), text, name=name)
                    subtitles.append(event)
    except av.FFmpegError as error:
        raise BookscoreError(
            f"{path}: its subtitles cannot be read ({error.strerror}): give them with --subtitles"
        ) from error
    return _cues(subtitles)


def _packet_lines(packet: av.Packet) -> Iterator[tuple[str, str]]:
    """Speakers and texts of a packet; FFmpeg gives each as a line of ASS: the name fourth, the text ninth."""
    for event in cast("list[AssSubtitle]", packet.decode()):
        fields = event.ass.decode("utf-8", "replace").split(",", 8)
        yield fields[3], fields[8]


def check_fit(cues: list[Cue], subtitles: Path, duration_s: float, video: Path) -> None:
    """Refuse subtitles of another film: many cues after the video's end.

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


def _decode(path: Path) -> str:
    from charset_normalizer import from_bytes

    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = from_bytes(content, cp_isolation=_LIKELY_ENCODINGS).best() or from_bytes(content).best()
    if best is None:
        raise ValueError("not text")
    return str(best).removeprefix("\ufeff")


def _without_vtt_marks(text: str) -> str:
    """WebVTT without its notes, which pysubs2 takes for speech, and with its voices as "NAME:"."""
    text = "\n".join(text.splitlines())
    if not text.startswith("WEBVTT"):
        return text
    return _VTT_VOICE.sub(lambda voice: f"{voice[1].upper()}: ", _VTT_NOTE.sub("", text))


def _cues(subtitles: pysubs2.SSAFile) -> list[Cue]:
    found = []
    for event in sorted(subtitles, key=lambda e: (e.start, e.end)):
        if event.is_comment or event.end <= event.start:
            continue
        text, speaker = clean(event.plaintext)
        if text:
            found.append(
                Cue(event.start / 1000, event.end / 1000, text, speaker or event.name.strip() or None)
            )
    return found


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
