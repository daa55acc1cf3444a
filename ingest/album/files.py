"""The files of an album's folder that may be music."""

from __future__ import annotations

from pathlib import Path

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.album import cue_sheet
from bookscore.ingest.album.order import natural

# What lies beside music and is none; every other file is opened.
_SUFFIXES = (
    ".jpg .jpeg .jpe .png .gif .webp .bmp .tif .tiff .heic .avif .svg .ico .psd .pdf .epub .doc .docx .rtf .odt "
    ".txt .md .nfo .diz .log .accurip .cue .m3u .m3u8 .pls .xspf .jspf .wpl .asx .b4s .lrc .srt .ass .ssa .vtt .sub .idx "
    ".json .xml .html .htm .css .js .csv .yaml .yml .toml .url .lnk .webloc .torrent .ini .db .plist "
    ".md5 .sha1 .sha256 .sfv .ffp .st5 .par2 .tmp .part .bak .py .sh .bat"
)
_NO_MUSIC = frozenset(_SUFFIXES.split())
_TEXT = 4096  # bytes by which text without a suffix is told


def sources(*paths: Path) -> dict[str, Path]:
    """The files of one or several folders and of their subfolders that may be music, by relative name.

    Several folders are one pool of music; a name then begins with its folder's. Pictures, texts, playlists
    and hidden files are left alone; a cue sheet is among the files where it divides one into tracks.

    Raises
    ------
    BookscoreError
        A path is no folder, holds no such file, or one whose name is not valid text.
    """
    if len(paths) == 1:
        return _music(paths[0])
    found: dict[str, Path] = {}
    for path in dict.fromkeys(path.resolve() for path in paths):
        same = sum(name.startswith(f"{path.name}/") for name in found)
        folder = f"{path.name} {same + 1}" if same else path.name
        found |= {f"{folder}/{name}": file for name, file in _music(path).items()}
    return found


def _music(path: Path) -> dict[str, Path]:
    if not path.is_dir():
        raise BookscoreError(f"{path}: is not a folder: give the folder that holds the album's audio files")
    found, n_music = {}, 0
    for file in path.rglob("*"):
        parts = file.relative_to(path).parts
        if any(part[0] == "." for part in parts) or not file.is_file():
            continue
        if _may_be_music(file):
            n_music += 1
        elif file.suffix.lower() != ".cue" or not cue_sheet.is_of_image(file):
            continue
        found["/".join(parts)] = file
    if not n_music:
        raise BookscoreError(f"{path}: contains no audio file: give the folder that holds the album's tracks")
    for name in found:
        if any("\ud800" <= char <= "\udfff" for char in name):  # bytes that are no UTF-8
            raise BookscoreError(f"{str(path / name)!a}: has a name that is not valid text: rename it")
    return {name: found[name] for name in sorted(found, key=natural)}


def _may_be_music(file: Path) -> bool:
    if file.suffix.lower() in _NO_MUSIC:
        return False
    return bool(file.suffix) or not _is_text(file)


def _is_text(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            start = opened.read(_TEXT)
    except OSError:
        return False  # its being unreadable is told where it is decoded
    return bool(start) and b"\0" not in start and len(start.decode("utf-8", "ignore")) > 0.9 * len(start)
