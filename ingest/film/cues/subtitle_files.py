"""Subtitle files that lie beside a video."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from bookscore.ingest.film.cues.subtitles import SUFFIXES
from bookscore.ingest.media.languages import same_language

_FOLDERS = {"subs", "sub", "subtitles"}
_VIDEOS = {
    ".mkv",
    ".mp4",
    ".m4v",
    ".avi",
    ".mov",
    ".webm",
    ".mpg",
    ".mpeg",
    ".ts",
    ".m2ts",
    ".wmv",
    ".flv",
    ".ogv",
    ".vob",
}
_NOT_THE_FILM = {"sample", "trailer", "teaser", "extra", "extras"}
_PARTIAL = {"forced", "foreign", "signs", "songs", "lyrics", "commentary", "parts"}
_FOR_THE_DEAF = {"sdh", "cc", "hi", "hoh"}
_AFTER_A_LANGUAGE = {"us", "gb", "uk", "br", "hi"}
_HARMLESS = {"full", "default", "utf8", "us", "gb", "uk", "br", "latin", "subtitles", "subs", "sub", "track"}
# Names of languages as they stand in names of files, by ISO 639-1.
_NAMES = {
    "en": "english", "fr": "french francais français", "de": "german deutsch", "es": "spanish espanol español castellano",
    "it": "italian italiano", "pt": "portuguese portugues português brazilian", "nl": "dutch nederlands",
    "sv": "swedish svenska", "da": "danish dansk", "no": "norwegian norsk", "fi": "finnish suomi", "pl": "polish polski",
    "cs": "czech", "hu": "hungarian magyar", "ro": "romanian", "ru": "russian", "uk": "ukrainian", "el": "greek",
    "tr": "turkish", "ar": "arabic", "he": "hebrew", "hi": "hindi", "zh": "chinese mandarin cantonese", "ja": "japanese",
    "ko": "korean", "th": "thai", "vi": "vietnamese", "id": "indonesian", "ms": "malay", "hr": "croatian",
    "sr": "serbian", "bg": "bulgarian", "sk": "slovak", "sl": "slovenian", "et": "estonian", "lv": "latvian",
    "lt": "lithuanian", "fa": "persian farsi", "is": "icelandic",
}  # fmt: skip
_BY_NAME = {name: code for code, names in _NAMES.items() for name in names.split()}
_WHOLE = (
    1 / 4
)  # a file of less than this share of the largest's size holds only what is said in another language


@dataclass(frozen=True)
class Beside:
    """The subtitles chosen, and others that would do as well by all that is known."""

    path: Path
    others: tuple[Path, ...]


@dataclass(frozen=True)
class _Told:
    """What the name of a subtitle file tells beside the video's; `is_plain` where it tells nothing else."""

    language: str | None
    is_partial: bool
    is_for_the_deaf: bool
    is_plain: bool
    n_tokens: int


def subtitles_beside(video: Path, language: str = "eng") -> Path | None:
    """The subtitles that `choose` chooses.

    Parameters
    ----------
    video : Path
    language : str
        A code of ISO 639.
    """
    chosen = choose(video, language)
    return chosen.path if chosen else None


def choose(video: Path, language: str) -> Beside | None:
    """Subtitles in a language that belong to a video by their name or folder, whatever the case of letters.

    Looked for are files named after the video (``F.srt``, ``F.en.srt``, ``F.2.eng.srt``) beside it, in a folder
    ``Subs`` and in ``Subs/F``; then files that tell the language (``English.srt``, ``2_English.srt``) in
    ``Subs/F``, and, where the video is alone in its folder, beside it and in ``Subs``. Forced ones, which hold
    only what is said in another language, are passed over: they say so, or are far smaller than others. Those
    for the hard of hearing are taken where there are no plain ones.

    Parameters
    ----------
    video : Path
    language : str
        A code of ISO 639.

    Returns
    -------
    Beside or None
    """
    folders = [f for f in _sorted(video.parent) if f.is_dir() and f.name.lower() in _FOLDERS]
    own = [f for folder in folders for f in _sorted(folder) if f.is_dir() and _same(f.name, video.stem)]
    others = _other_videos(video)
    found = []
    for place, folder in enumerate([video.parent, *folders, *own]):
        for path in _subtitles(folder):
            rest = _rest(path.stem, video.stem)
            if rest is not None and not any(_rest(path.stem, other.stem) is not None for other in others):
                told = _told(rest)
                is_its_own = told.is_plain
            else:
                told = _told(path.stem)
                is_own_folder = folder in own
                is_lone = not others and (told.is_plain or folder != video.parent)
                is_its_own = told.language is not None and (is_own_folder or is_lone)
                rest = None
            same = same_language(told.language, language)
            if is_its_own and not told.is_partial and same is not False:
                # Of English files, by long custom, the one that tells nothing comes first.
                tells = same is None and not same_language("en", language)
                found.append(((tells, told.is_for_the_deaf, rest is None, place, told.n_tokens), path))
    if not found:
        return None
    largest = max(path.stat().st_size for _, path in found)
    whole = [(key, path) for key, path in found if path.stat().st_size >= _WHOLE * largest]
    key, path = min(
        whole, key=lambda f: (f[0], SUFFIXES.index(f[1].suffix.lower()), f[1].name.lower(), f[1].name)
    )
    alike = (p for k, p in whole if k == key and p != path and p.suffix.lower() == path.suffix.lower())
    return Beside(path, tuple(alike))


def _sorted(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir(), key=lambda path: (path.name.lower(), path.name))
    except PermissionError:  # the video in it can be read all the same
        return []


def _subtitles(folder: Path) -> list[Path]:
    return [path for path in _sorted(folder) if path.suffix.lower() in SUFFIXES and path.is_file()]


def _other_videos(video: Path) -> list[Path]:
    suffixes = _VIDEOS | {video.suffix.lower()}
    return [
        other
        for other in _sorted(video.parent)
        if other.suffix.lower() in suffixes
        and other != video
        and not _NOT_THE_FILM & set(_tokens(other.stem))
    ]


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _same(name: str, other: str) -> bool:
    return _folded(name) == _folded(other)


def _rest(stem: str, of_video: str) -> str | None:
    """What a name has after the video's; None where it is not named after it. A number after a space is a sequel's."""
    stem, of_video = _folded(stem), _folded(of_video)
    rest = stem.removeprefix(of_video)
    if not stem.startswith(of_video) or (rest and (rest[0] not in "._- ([" or re.match(r"[ -]+\d", rest))):
        return None
    return rest


def _tokens(name: str) -> list[str]:
    return re.findall(r"[^\W_]+", _folded(name))


def _told(name: str) -> _Told:
    tokens = [token for token in _tokens(name) if not token.isdigit()]
    codes = {n: code for n, token in enumerate(tokens) if (code := _language(token))}
    named = [n for n in codes if tokens[n] in _BY_NAME]
    # en-uk is no Ukrainian, en.hi no Hindi.
    coded = [n for n in codes if not (n - 1 in codes and tokens[n] in _AFTER_A_LANGUAGE)]
    at = named[0] if named else coded[-1] if coded else None
    rest = [token for n, token in enumerate(tokens) if n != at]
    flags = set(rest)
    regions = (
        {tokens[at + 1]} if at is not None and at + 1 < len(tokens) and len(tokens[at + 1]) == 2 else set()
    )
    is_plain = flags <= _HARMLESS | _PARTIAL | _FOR_THE_DEAF | regions
    language = None if at is None else codes[at]
    return _Told(language, bool(flags & _PARTIAL), bool(flags & _FOR_THE_DEAF), is_plain, len(tokens))


def _language(token: str) -> str | None:
    """Code of the language that a part of a name tells, by its name or an ISO code in use."""
    if token in _BY_NAME:
        return _BY_NAME[token]
    if len(token) not in (2, 3) or token in _FOR_THE_DEAF - {"hi"} | {"sub"}:
        return None
    return next((code for code in _NAMES if same_language(token, code)), None)
