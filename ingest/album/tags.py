"""What the tags of audio files say: title, artist, album, numbers; of every format that mutagen or FFmpeg reads."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from bookscore.engine.printable import printable
from bookscore.ingest.album.bounded_id3 import bounded
from bookscore.ingest.album.charsets import decoded

Tags = dict[str, str]
Raw = dict[str, str | bytes]
"""Tags some of which may be bytes in an unknown encoding."""

# What each is called in ID3, MP4, ASF, APEv2, Vorbis comments, Matroska and by FFmpeg, in small letters.
NAMES = {
    "title": ("tit2", "tt2", "©nam", "title", "track/title"),
    "artist": ("tpe1", "tp1", "©art", "artist", "author", "track/artist", "wm/author"),
    "albumartist": (
        "tpe2", "tp2", "aart", "albumartist", "album artist", "album_artist", "wm/albumartist", "album/artist",
    ),
    "album": ("talb", "tal", "©alb", "album", "wm/albumtitle", "album/title"),
    "tracknumber": ("trck", "trk", "trkn", "tracknumber", "track", "wm/tracknumber", "part_number", "track/part_number"),
    "discnumber": ("tpos", "tpa", "disk", "discnumber", "disc", "wm/partofset"),
    "compilation": ("tcmp", "tcp", "cpil", "compilation", "wm/iscompilation", "itunescompilation"),
    "cuesheet": ("cuesheet",),
}  # fmt: skip
_PLAIN = {alias: name for name, aliases in NAMES.items() for alias in aliases}
_SEVERAL = {"artist", "albumartist"}  # all their values are named
_IS_SET = {"1", "true", "yes"}
VARIOUS = "Various Artists"
LONGEST = 2000  # characters of a title or name that are kept: what is longer is none
LONGEST_SHEET = 1_000_000  # characters of a cue sheet; real ones have a few thousand


def of_files(files: Mapping[str, Path], metadata: Mapping[str, Raw]) -> dict[str, Tags]:
    """Tags of an album's files, in plain text: those that mutagen finds, and what FFmpeg knows beyond them.

    Parameters
    ----------
    files : Mapping[str, Path]
        By their names in the album, with ``/``.
    metadata : Mapping[str, Raw]
        What FFmpeg tells of each.

    Returns
    -------
    dict of str to dict
        For each file those of `NAMES` that it has. What tells no encoding is decoded folder by folder.
    """
    found: dict[str, Raw] = {}
    for name, path in files.items():
        found[name] = dict(_named(metadata.get(name, {}).items())) | _by_mutagen(path)
    undecided: dict[str, list[tuple[str, str, bytes]]] = defaultdict(list)
    for name, raw in found.items():
        folder = PurePosixPath(name).parent.as_posix()
        undecided[folder] += [(name, tag, value) for tag, value in raw.items() if isinstance(value, bytes)]
    for values in undecided.values():
        for (name, tag, _), text in zip(values, decoded(v for *_, v in values), strict=True):
            found[name][tag] = text
    return {
        name: {
            tag: text
            for tag, value in raw.items()
            if (text := str(value) if tag == "cuesheet" else one_line(str(value)))
        }
        for name, raw in found.items()
    }


def _bounded(tag: str, value: str | bytes) -> str | bytes:
    return value[: LONGEST_SHEET if tag == "cuesheet" else LONGEST]


def one_line(text: str) -> str:
    """Text without control characters and with single spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in printable(text)).split())


def is_compilation(tags: Tags) -> bool:
    return tags.get("compilation", "").casefold() in _IS_SET


def album_artist(tags: list[Tags]) -> str | None:
    """Whose album it is: by its files' tags, else whom most of them name; `VARIOUS` of a compilation."""
    told = most([tag.get("albumartist") for tag in tags])
    if told is None and any(map(is_compilation, tags)):
        return VARIOUS
    return told or most([tag.get("artist") for tag in tags])


def credit(name: str, tags: Mapping[str, Tags]) -> str | None:
    """Whom a track names as its artist, else the album artist of its folder: whom all others there that name anybody name.

    Parameters
    ----------
    name : str
        Of the track's file in the album, with ``/``.
    tags : Mapping[str, Tags]
        Of all files of the album.
    """
    if own := tags[name].get("artist"):
        return own
    folder = PurePosixPath(name).parent
    beside = [tag for other, tag in tags.items() if PurePosixPath(other).parent == folder]
    told = {tag.get("albumartist") for tag in beside if "artist" in tag or "albumartist" in tag}
    artist = tags[name].get("albumartist") or (told.pop() if len(told) == 1 else None)
    return None if artist is None or artist.casefold() == VARIOUS.casefold() else artist


def most(values: list[str | None]) -> str | None:
    """The value that more than half of those that have one share; None where there is none."""
    counts = Counter(value for value in values if value)
    if not counts:
        return None
    value, n = counts.most_common(1)[0]
    return value if 2 * n > counts.total() else None


def _by_mutagen(path: Path) -> Raw:
    import mutagen
    import mutagen.apev2

    def of_file() -> Any:
        file = mutagen.File(path)
        return None if file is None else file.tags

    found: Raw = {}
    for read in (of_file, lambda: mutagen.apev2.APEv2(path)):  # MP3 may have tags of both kinds
        try:
            with bounded():
                found = dict(_named(_values(read() or {}))) | found
        except Exception:  # noqa: BLE001 - damaged tags break its parsers in any way; the music still plays
            continue
    return found


def _values(tags: Any) -> Iterator[tuple[str, str | bytes]]:
    for name, value in tags.items():
        plain = str(name).removeprefix("TXXX:").rpartition("com.apple.iTunes:")[2]
        several = _PLAIN.get(plain.casefold()) in _SEVERAL
        if hasattr(value, "FrameID"):
            texts = [str(text) for text in getattr(value, "text", ())]
            text = (", " if several else "\n").join(texts if several else texts[:1])
            # Latin-1 is what many taggers say that write in the system's own encoding.
            is_latin = getattr(value, "encoding", None) == 0 and not text.isascii()
            yield plain, text.encode("latin-1") if is_latin else text
        else:
            texts = list(dict.fromkeys(text for part in _parts(value) if (text := _text(part))))
            yield plain, ", ".join(texts) if several else next(iter(texts), "")


def _parts(value: Any) -> list[Any]:
    """The values of a tag; none of a picture or other bytes of APEv2."""
    if hasattr(value, "kind"):  # APEv2: 0 is text
        return list(value) if value.kind == 0 else []
    return list(value) if isinstance(value, list) else [value]


def _text(part: Any) -> str:
    value = getattr(part, "value", part)  # ASF has attributes
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, tuple):  # MP4: a number, and of how many
        return "/".join(str(number) for number in value if number)
    if isinstance(value, bytes):  # MP4: a tag of any name
        return value.decode("utf-8", "ignore")
    return str(value)


def _named(values: Any) -> Iterator[tuple[str, str | bytes]]:
    """Those of `NAMES` that have a value; of two aliases, the one that comes first."""
    seen = set()
    for name, value in values:
        plain = _PLAIN.get(str(name).casefold())
        if plain and value and plain not in seen:
            seen.add(plain)
            yield plain, _bounded(plain, value)
