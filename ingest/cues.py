"""Subtitles, from a file or from inside the video, into cues of plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import BookscoreError

if TYPE_CHECKING:
    import pysubs2

SUFFIXES = (".srt", ".ass", ".ssa", ".vtt")
# Lines that distributors put before and after the film's own.
_NOT_THE_FILM = re.compile(
    r"\bYTS\b|YIFY|opensubtitles|\bwww\.|https?://|downloaded from|subtitles? (by|downloaded)|"
    r"(synced|corrected|captioned|encoded|ripped) (&|and|by)\b",
    re.IGNORECASE,
)
_SOUND = re.compile(r"\[[^\]]*\]|\([^)]*\)|\{[^}]*\}|[♪♫#*]+")
# "HARRY:", "OLD MAN 2:", "Dr. Grey:" at the start of a line.
_SPEAKER = re.compile(
    r"^\s*[-–—]?\s*((?:[A-Z][A-Z.'’\d-]*)(?: [A-Z][A-Z.'’\d-]*){0,3}|[A-Z][a-z]+\.? ?[A-Z]?[a-z]*)\s*:\s+(?=\S)"
)


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
    lines, speaker = [], None
    for line in _SOUND.sub(" ", text).splitlines():
        marked = _SPEAKER.match(line)
        if marked:
            speaker = speaker or marked[1].strip()
            line = line[marked.end() :]
        lines.append(re.sub(r"^\s*[-–—]+\s*", "", line))
    words = " ".join(" ".join(lines).split())
    if _NOT_THE_FILM.search(words) or not re.search(r"\w", words):
        return "", None
    return words, speaker


def read_file(path: Path) -> list[Cue]:
    """Cues of an srt, ass, ssa or vtt file in any encoding.

    Raises
    ------
    BookscoreError
        It cannot be read, or holds no cue.
    """
    import pysubs2

    try:
        subtitles = pysubs2.SSAFile.from_string(_decode(path))
    except (OSError, pysubs2.Pysubs2Error, ValueError) as error:
        raise BookscoreError(
            f"{path}: cannot be read as subtitles ({_first_line(error)}): srt, ass or vtt is wanted"
        ) from error
    found = _cues(subtitles)
    if not found:
        raise BookscoreError(f"{path}: holds no spoken line: give another subtitle file")
    return found


def read_video(path: Path) -> list[Cue]:
    """Cues of the video's first text track; none where it has only pictures of text, or no track."""
    import av
    import pysubs2

    subtitles = pysubs2.SSAFile()
    try:
        with av.open(str(path)) as container:
            tracks = [s for s in container.streams.subtitles if s.codec_context.name not in BITMAP_CODECS]
            if not tracks:
                return []
            begins_s = (container.start_time or 0) / av.time_base
            for packet in container.demux(tracks[0]):
                if packet.pts is None or not packet.duration:
                    continue
                start_s = float(packet.pts * packet.time_base) - begins_s
                end_s = start_s + float(packet.duration * packet.time_base)
                for text in _packet_texts(packet):
                    subtitles.append(pysubs2.SSAEvent(round(start_s * 1000), round(end_s * 1000), text))
    except av.FFmpegError as error:
        raise BookscoreError(
            f"{path}: its subtitles cannot be read ({error.strerror}): give them with --subtitles"
        ) from error
    return _cues(subtitles)


BITMAP_CODECS = {"dvdsub", "dvd_subtitle", "pgssub", "hdmv_pgs_subtitle", "dvbsub", "dvb_subtitle", "xsub"}


def _packet_texts(packet) -> list[str]:  # type: ignore[no-untyped-def]
    """Texts of a subtitle packet; FFmpeg gives each as a line of ASS: eight fields, then the text."""
    texts = []
    for event in packet.decode():
        line = getattr(event, "dialogue", None) or getattr(event, "ass", b"")
        texts.append(line.decode("utf-8", "replace").split(",", 8)[-1] if line else "")
    return texts


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
            f"{subtitles}: does not fit {video.name}: {len(after)} of {len(cues)} cues begin after the film's end "
            f"({duration_s / 60:.0f} min; the last cue at {cues[-1].start_s / 60:.0f} min): give the subtitles of this film"
        )


def _decode(path: Path) -> str:
    from charset_normalizer import from_bytes

    content = path.read_bytes()
    for encoding in ("utf-8-sig", "utf-16") if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    best = from_bytes(content).best()
    if best is None:
        raise ValueError("not text")
    return str(best)


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
