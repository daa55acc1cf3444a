"""What subtitles mark beside the words: who speaks, sounds, singing, and lines of the distributor."""

from __future__ import annotations

import html
import re
from typing import NamedTuple

from bookscore.engine.printable import printable

# Cues that distributors put before and after the film's own.
_NOT_THE_FILM = re.compile(
    r"\bYTS\b|YIFY|opensubtitles|\bwww\.|https?://|^downloaded from|\bsubtitles? (by|downloaded)\b|"
    r"^(re-?)?(sync\w*|corrected|captioned|encoded|ripped)\b.*\bby\b",
    re.IGNORECASE,
)
_SOUND = re.compile(r"\[[^\]]*\]|\([^)]*\)|\{[^}]*\}")
_NOTES = re.compile(r"[♪♫♩♬¶]+")
# A hash is a note only at either end of a line: "# Happy days #", but "We're #1".
_HASH_NOTE = re.compile(r"^([\s>–—-]*)#+(?=\s|\Z)|(?<=\s)#+[ \t]*$", re.MULTILINE)
# From a note to the next, or to the end; or from the beginning to a note at the end.
_SUNG = re.compile(r"♪[^♪]*(♪|\Z)|\A[^♪]*♪\s*\Z")
_DASHES = re.compile(r"^[\s>–—-]+", re.MULTILINE)
_MARKED = re.compile(r"^([^\W\d_][\w.'’ -]{0,40}?)\s*:(?:\s+|\Z)", re.MULTILINE)
_TITLED = re.compile(
    r"(Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Lady|Lord|Captain|Father|Sister)\b\.?( [A-Z][\w'’-]+){1,2}"
)
_VTT_VOICE = re.compile(r"<v(?:\.[^ >]*)? ([^>]+)>")
_VTT_NOTE = re.compile(r"^(NOTE|STYLE|REGION)\b(.|\n)*?(\n\n|\Z)", re.MULTILINE)


class Words(NamedTuple):
    """The words of a cue on one line, who says them where that is marked, and whether they are sung."""

    text: str
    speaker: str | None
    is_lyrics: bool


def clean(text: str) -> Words:
    """The words of a cue without its marks; no text where it holds none, or is a line of the distributor.

    Sounds ("[door slams]"), notes and dashes go. A cue is sung where all its words stand between notes.
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
    is_lyrics = _is_sung(words)
    while words != before:  # a name can stand behind a dash, and a dash behind a name
        before = words
        words = _noted(words).replace("♪", " ").replace("*", " ")
        words = _MARKED.sub(drop_speaker, _DASHES.sub("", words))
        if words == before:
            words = " ".join(words.split())
    if _NOT_THE_FILM.search(words) or not re.search(r"\w", words):
        return Words("", None, False)
    return Words(words, speakers[0] if speakers else None, is_lyrics)


def _noted(text: str) -> str:
    """The text without sounds, with ♪ for every mark of singing."""
    return _HASH_NOTE.sub(r"\1♪", _NOTES.sub("♪", _SOUND.sub(" ", printable(html.unescape(text)))))


def _is_sung(text: str) -> bool:
    noted = _noted(text)
    return "♪" in noted and not re.search(r"\w", _MARKED.sub("", _SUNG.sub(" ", noted)))


def without_vtt_marks(text: str) -> str:
    """WebVTT without its notes, which pysubs2 takes for speech, and with its voices as "NAME:"."""
    text = "\n".join(text.splitlines())
    if not text.startswith("WEBVTT"):
        return text
    return _VTT_VOICE.sub(lambda voice: f"{voice[1].upper()}: ", _VTT_NOTE.sub("", text))
