"""The order of an album's tracks: folder, disc, track, by whatever way their numbers are written."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import PurePosixPath

from bookscore.ingest.album.tags import Tags, most

WORDS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
)
ROMANS = "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx xxi xxii xxiii xxiv xxv"
_NUMBERS = {word: no for words in (WORDS, ROMANS) for no, word in enumerate(words.split(), 1)}
_ROMAN = "|".join(sorted(ROMANS.upper().split(), key=len, reverse=True))
_NUMBER = r"\d+|" + "|".join(sorted(_NUMBERS, key=len, reverse=True))
_DISC = r"cd|dis[ck]|disque|disco|dvd|lp|vinyl|record|side|tape"
_MARK = rf"{_DISC}|part|pt|vol|volume|act|book|chapter|track|no|nr|number|season|episode|movement"
_MARKED = re.compile(rf"\b({_MARK})([\s._#-]*)({_NUMBER})\b", re.IGNORECASE)
_LAST_ROMAN = re.compile(rf"(?<=\s)({_ROMAN})$")
_DISC_NAME = re.compile(
    rf"(?P<rest>.*?)[\s._(\[,-]*\b(?:(?:{_DISC})[\s._#-]*(?P<no>{_NUMBER}|(?<=side )[a-h])\b|bonus\b).*",
    re.IGNORECASE,
)
_LAST_DISC = re.compile(
    rf"[\s,:_(\[-]*\b(?:cd|dis[ck])[\s._#-]*(?P<no>{_NUMBER})\s*[)\]]?\s*$", re.IGNORECASE
)

Natural = tuple[tuple[tuple[str, int], ...], ...]
Disc = tuple[float, Natural]
FIRST: Disc = (1, ((("", 0),),))
Number = tuple[int, int, str]
"""Side of a record (0: none), number, and what follows the number."""

_BONUS = math.inf
_MOST_DIGITS = 18
_TURKISH = str.maketrans("ıİ", "ii")


def natural(name: str) -> Natural:
    """Sorts ``2 b`` before ``10 a``, ``Disc Two`` before ``Disc Three`` and ``Part IX`` before ``Part X``."""

    def numbered(part: str) -> str:
        part = _MARKED.sub(lambda m: f"{m[1]}{m[2]}{_integer(m[3])}", part)
        return _LAST_ROMAN.sub(lambda m: str(_integer(m[1])), part)

    return tuple(
        tuple(
            (text.casefold(), _integer(digits or "0"))
            for text, digits in re.findall(r"(\D*)(\d*)", numbered(part))
        )
        for part in name.split("/")
    )


def in_order(tags: Mapping[str, Tags]) -> list[str]:
    """Names of an album's files in the order in which they are heard.

    By album folder (a disc's own folder belongs to the one above it), then disc, then track, then name. Where
    one folder holds albums whose numbers collide, each album stays together. A file whose tags have no number
    takes that of its name, where the names of its folder begin with the numbers of the tags; else it comes
    after those that have one.

    Parameters
    ----------
    tags : Mapping[str, Tags]
        Of each file, by its name in the album, with ``/``.
    """
    places = {name: _Place(name, tag) for name, tag in tags.items()}
    folders: dict[str, list[_Place]] = defaultdict(list)
    for place in places.values():
        folders[place.parent].append(place)
    for inside in folders.values():
        if all(p.number is None or p.number == p.name_number for p in inside):
            for place in inside:
                place.take_name_number()  # and the disc
    albums: dict[Natural, list[_Place]] = defaultdict(list)
    for place in places.values():
        albums[place.folder].append(place)
    for inside in albums.values():
        numbers = {(p.disc or FIRST, p.number, p.album) for p in inside if p.number and p.album}
        if len({place[:2] for place in numbers}) < len(numbers):
            usual = most([p.album for p in inside]) or ""
            for place in inside:
                place.group = natural(place.album or usual)
    return sorted(places, key=lambda name: places[name].key)


def album_and_disc(album: str) -> tuple[str, float | None]:
    """An album's title without the disc at its end, and the number of that disc."""
    found = _LAST_DISC.search(album)
    if not found or not found.start():
        return album, None
    return album[: found.start()], _integer(found["no"])


def same_title(one: str, other: str) -> bool:
    """Whether two titles or names are the same but for a track's number, signs and capital letters.

    Parameters
    ----------
    one, other : str
    """
    return bool(_forms(one) & _forms(other))


def _forms(title: str) -> set[str]:
    text = title.casefold()
    rest = re.sub(r"^\W*(?:[a-h]?\d{1,3}\b|\d+-\d+\b)", "", text)
    return {re.sub(r"[\W_]", "", form) for form in (text, rest)} - {""}


class _Place:
    """Where a file belongs, by its tags and the names of its folders."""

    def __init__(self, name: str, tags: Tags) -> None:
        path = PurePosixPath(name)
        self.parent = path.parent.as_posix()
        self.name, self.group = natural(name), natural("")
        self.album, of_album = album_and_disc(tags.get("album", ""))
        folder, of_folder = path.parent.as_posix(), None
        if found := _DISC_NAME.fullmatch(path.parent.name):
            folder, of_folder = (
                folder[: len(folder) - len(found[0]) + found.end("rest")],
                _disc(found["no"], found[0]),
            )
        self.folder = natural(folder.strip("./"))
        disc, self.number = _track(tags.get("tracknumber", ""))
        self.name_disc, self.name_number = _of_name(path.stem)
        tagged = _disc(tags["discnumber"], tags["discnumber"]) if tags.get("discnumber") else None
        known = [n for n in (disc, of_album) if n is not None]
        self.disc = of_folder or tagged or (_numbered(known[0]) if known else None)

    def take_name_number(self) -> None:
        self.number = self.name_number
        if self.disc is None and self.name_disc is not None:
            self.disc = _numbered(self.name_disc)

    @property
    def key(self) -> tuple[object, ...]:
        number = self.number or (0, 0, "")
        return self.folder, self.group, self.disc or FIRST, self.number is None, number, self.name


def _numbered(number: float) -> Disc:
    return number, FIRST[1]


def _disc(text: str | None, whole: str) -> Disc:
    """1 of ``1/2``, 2 of ``Disc Two`` and of side B; what has no number comes last, by its name."""
    text = (text or "").split("/")[0].strip()
    if (marked := _MARKED.search(text)) or (marked := re.search(rf"(?i)\b({_NUMBER})\b", text)):
        return _numbered(_integer(marked[marked.lastindex or 0]))
    if re.fullmatch("[a-hA-H]", text):
        return _numbered(ord(text.upper()) - ord("A") + 1)
    return _BONUS, natural(whole)


def _track(text: str) -> tuple[int | None, Number | None]:
    """Disc and number of ``3``, ``3/12``, ``A1``, ``2-03``, ``Track Five``, ``IV``."""
    text = text.split("/")[0].strip()
    if found := re.match(r"(?:(?:cd|dis[ck])\s*)?(\d+)\s*[-.:]\s*(\d+)\b", text, re.IGNORECASE):
        return _integer(found[1]), (0, _integer(found[2]), "")
    if text.casefold() in _NUMBERS:
        return None, (0, _integer(text), "")
    if found := re.fullmatch(r"(([A-Za-z])\2?)\s*[-.]?\s*(\d*)", text):
        return None, (_side(found[1]), _integer(found[3] or "0"), "")
    if found := re.search(r"(\d+)\s*([a-z]?)\b", text, re.IGNORECASE):
        return None, (0, _integer(found[1]), found[2].casefold())
    if found := re.search(rf"(?i)\b({_NUMBER})\b", text):
        return None, (0, _integer(found[1]), "")
    return None, None


def _of_name(stem: str) -> tuple[int | None, Number | None]:
    """Disc and number at the start of a file's name, or between dashes inside it."""
    stem = stem.strip()
    ends = r"(?=[\s._)\]-]|$)"
    if found := re.match(rf"(?:(?:cd|dis[ck])\s*)?(\d{{1,2}})[-.](\d{{1,3}}){ends}", stem, re.IGNORECASE):
        return _integer(found[1]), (0, _integer(found[2]), "")
    if found := re.match(rf"[(\[#]?(\d{{1,3}})([a-z]?){ends}", stem):
        return None, (0, _integer(found[1]), found[2])
    if found := re.match(rf"([A-H])(\d{{1,2}}){ends}", stem):
        return None, (_side(found[1]), _integer(found[2]), "")
    if found := re.match(rf"(?i:track|part|chapter|no|nr)[\s._#-]*((?i:{_NUMBER})){ends}", stem):
        return None, (0, _integer(found[1]), "")
    if found := re.match(rf"({_ROMAN})(?:[.)]|\s+-\s)", stem):
        return None, (0, _integer(found[1]), "")
    if found := re.search(r"\s-\s(\d{1,3})\s-\s", stem):
        return None, (0, _integer(found[1]), "")
    return None, None


def _side(letters: str) -> int:
    """A, B … and after them AA, BB."""
    return sum(26 * (n > 0) + ord(letter) - ord("A") + 1 for n, letter in enumerate(letters.upper()))


def _integer(text: str) -> int:
    """The number that digits, a word or a Roman numeral tell; of endless digits the first."""
    if text.isdigit():
        return int(text[:_MOST_DIGITS])
    # What matches an i in any case are also the dotless and the dotted one of Turkish.
    return _NUMBERS[text.translate(_TURKISH).casefold()]
