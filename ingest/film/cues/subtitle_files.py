"""Subtitle files that lie beside a video."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from bookscore.ingest.film.cues.subtitles import SUFFIXES

_ENGLISH = {"en", "eng", "english"}
_HARMLESS = {"us", "gb", "uk", "sdh", "cc", "hi", "full", "default", "utf8"}
_PARTIAL = {"forced", "signs", "songs", "commentary"}
_FOLDERS = {"subs", "sub", "subtitles"}


def subtitles_beside(video: Path) -> Path | None:
    """English subtitles that belong to a video by their name or folder.

    In this order: ``F.srt``, ``F.en.srt``, ``F.eng.sdh.srt``; the same inside a folder ``Subs``, or
    ``Subs/F``; an English one in ``Subs/F``; an English one in ``Subs``, where the video is alone in its
    folder. Forced ones, which hold only what is said in another language, are passed over.
    """
    folders = [f for f in _sorted(video.parent) if f.is_dir() and f.name.lower() in _FOLDERS]
    own = [f / video.stem for f in folders if (f / video.stem).is_dir()]
    named = [_named(folder, video.stem) for folder in (video.parent, *folders, *own)]
    is_alone = not any(
        other.suffix.lower() == video.suffix.lower() for other in _sorted(video.parent) if other != video
    )
    english = [_english(folder) for folder in (*own, *(folders if is_alone else []))]
    return next((path for paths in (*named, *english) for path in paths), None)


def _sorted(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir(), key=lambda path: (path.name.lower(), path.name))
    except PermissionError:  # the video in it can be read all the same
        return []


def _subtitles(folder: Path) -> Iterator[Path]:
    return (path for path in _sorted(folder) if path.suffix.lower() in SUFFIXES and path.is_file())


def _tokens(name: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", name.lower()))


def _named(folder: Path, stem: str) -> list[Path]:
    """Files named after the video, those that tell least first; foreign and partial ones not at all."""
    found = []
    for path in _subtitles(folder):
        rest = path.stem.removeprefix(stem)
        is_named = path.stem == stem or (path.stem.startswith(stem) and rest[0] in "._- ")
        if is_named and _tokens(rest) <= _ENGLISH | _HARMLESS:
            found.append((len(_tokens(rest)), SUFFIXES.index(path.suffix.lower()), path))
    return [path for *_, path in sorted(found)]


def _english(folder: Path) -> list[Path]:
    """Files whose name tells English, e.g. ``2_English.srt``, plain ones first."""
    tokens = {path: _tokens(path.stem) for path in _subtitles(folder)}
    english = [path for path in tokens if tokens[path] & _ENGLISH and not tokens[path] & _PARTIAL]
    return sorted(english, key=lambda path: (len(tokens[path]), path.name))
