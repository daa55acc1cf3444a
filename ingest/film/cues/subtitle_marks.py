"""What subtitles mark beside the words: who speaks, sounds, singing, and lines of the distributor."""

from __future__ import annotations

import html
import re
from typing import NamedTuple

from bookscore.engine.printable import printable
from bookscore.ingest.film.cues.subtitle_names import LABEL, is_bracketed_name, is_name, may_name_speaker

# Cues that distributors and makers of subtitles put before, into and after the film's own.
_WORK = (
    r"(?:sub(?:title[sd]?|s|bed|bing)|subtitling|(?:closed )?caption(?:s|ed|ing)?|translat(?:ed|ions?)|transcri(?:bed|pts?|ptions?)|"
    r"(?:re-?)?sync\w*|synchroni\w+|correct(?:ed|ions?)|encod(?:ed|ing)|ripped|ocr)"
)
_ADVERT = re.compile(
    r"\bYTS\b|YIFY|\bRARBG\b|\bETRG\b|open-?\s?subtitles|\bwww\.|https?://|^\W*downloaded from|"
    rf"\bsubtitles? (?:by|downloaded)\b|^\W*(?:english |best )*{_WORK}\b.{{0,60}}\bby\b|"
    r"^\W*(?:english |best )*(?:subtitles?|subs|subtitling|(?:re-?)?sync\w*|ripped|encoded|ocr)\s*:\s*\S|"
    r"\b(?:addic7ed|subscene|tvsubtitles|podnapisi|subf2m|moviesubtitles|subdivx|titlovi|napisy24|legendas\.?tv|"
    r"divxsubs|allsubs|subs\.ly|osdb\.link|explosiveskull|playships|ydy|galaxyrg)\b|\bVIP member|advertise your product|"
    r"\b(?:rate|choose) (?:this|these|the best) sub(?:title)?s?\b|\bhelp other users\b|want subtitles for any|"
    r"^\W*[\w-]{2,40}(?:\.[\w-]{2,40})?\.(?:com|org|net|info|tv|io|me|eu|mx|to|cc)\W*$",
    re.IGNORECASE,
)
_SOUND = re.compile(r"\[[^\]]{0,1000}\]|\([^)]{0,1000}\)|\{[^}]{0,1000}\}")
_NOTES = re.compile(r"[♪♫♩♬¶]+")
# A hash is a note only at either end of a line: "# Happy days #", but "We're #1".
_HASH_NOTE = re.compile(r"^([\s>–—-]*)#+(?=\s|\Z)|(?<=\s)#+[ \t]*$", re.MULTILINE)
# From a note to the next, or to the end; or from the beginning to a note at the end.
_SUNG = re.compile(r"♪[^♪]*(♪|\Z)|\A[^♪]*♪\s*\Z")
_DASHES = re.compile(r"^[\s>–—-]+", re.MULTILINE)
# While a cue is taken apart: a sound that was here; the beginning of what a speaker says, and the end of his name.
_HEARD, _SPEAKER, _SAYS = "\ue000", "\ue001", "\ue002"
_MOST_PASSES = 50  # of real cues, three or four are enough
_WORKING = re.compile(f"[{_HEARD}{_SPEAKER}{_SAYS}]")
_BRACKETED = re.compile(rf"^([\s>–—-]*)[\[(]({LABEL})[\])]:?(?=\s*\S)", re.MULTILINE)
_MARKED = re.compile(
    rf"(?P<before>^[\s>–—{_HEARD}♪-]*|(?<=[.!?…\"”♪{_HEARD}])\s+[–—-]*\s*)(?P<name>{LABEL})[\s{_HEARD}]*"
    rf"[:：](?!\d|//)(?P<rest>[ \t]*)",
    re.MULTILINE,
)
# A new speaker: a dash that begins a line, but not two, which go on with a sentence; or >>.
_CHANGE = re.compile(r"^[ \t]*(?:[-‐–](?![-–—])|>>+)|>>+", re.MULTILINE)
_CHANGE_BY_LONG_DASH = re.compile(r"^[ \t]*—(?![-–—])", re.MULTILINE)
_CHANGE_WITHIN = re.compile(r"(?<=[.!?…\"”]) [-‐–] (?=[^\W_])")


class Words(NamedTuple):
    """The words of a speaker on one line, who says them where that is marked, and whether they are sung."""

    text: str
    speaker: str | None
    is_lyrics: bool


def is_advert(text: str) -> bool:
    """Whether a cue is a line of the distributor or of the maker of the subtitles."""
    return bool(_ADVERT.search(" ".join(html.unescape(text).split())))


def clean(text: str) -> Words:
    """The words of a cue without its marks; no text where it holds none, or is a line of the distributor.

    Sounds ("[door slams]"), notes and dashes go. A cue is sung where all its words stand between notes.
    """
    said = speeches(text)
    while len(said) > 1:
        together = " ".join(words.text for words in said)
        again = speeches(together)
        if [words.text for words in again] == [together]:
            speaker = next((words.speaker for words in said if words.speaker), None)
            return Words(together, speaker, all(words.is_lyrics for words in said))
        said = again
    return said[0] if said else Words("", None, False)


def bracketed(text: str) -> list[tuple[str, str]]:
    """Names in brackets that begin a cue, or what follows a dash: each with the first words after it.

    ``[Harry] Come in.`` names the speaker where the book has a Harry; ``[Laughter]`` is a sound.
    """
    found = []
    for mark in _BRACKETED.finditer(printable(html.unescape(text))):
        if (mark[1].strip(" ") or not mark.string[: mark.start()].strip()) and may_name_speaker(mark[2]):
            said = speeches(mark.string[mark.end() :].lstrip().partition("\n")[0])
            found += [(mark[2], said[0].text)] if said else []
    return found


def speeches(text: str, known: frozenset[str] = frozenset()) -> list[Words]:
    """What is said in a cue, by speaker; nothing where it holds no words, or is a line of the distributor.

    Parameters
    ----------
    text : str
        With its line breaks.
    known : frozenset of str
        Names of speakers that their form alone does not tell, of `subtitle_names.known_names`.
    """
    if is_advert(text):
        return []
    parts = [Words("\n".join(_WORKING.sub(" ", text).splitlines()), None, False)]
    for _ in range(_MOST_PASSES):  # a name can stand behind a dash, and a dash behind a name
        before, parts = (
            parts,
            [
                Words(
                    piece.text,
                    piece.speaker or (part.speaker if n == 0 else None),
                    part.is_lyrics or piece.is_lyrics,
                )
                for part in parts
                for n, piece in enumerate(_parted(part.text, known))
            ],
        )
        if parts == before:
            break
    parts = [part._replace(text=" ".join(part.text.split())) for part in parts]
    return [part for part in parts if re.search(r"\w", part.text) and not is_advert(part.text)]


def _parted(text: str, known: frozenset[str]) -> list[Words]:
    """The text at its marks of speakers, each part without other marks, on one line if nothing else has changed."""

    def bracketed(mark: re.Match[str]) -> str:
        return f"{mark[1]}{_SPEAKER}{mark[2]}{_SAYS}" if is_bracketed_name(mark[2], known) else mark[0]

    def marked(mark: re.Match[str]) -> str:
        rest = mark.string[mark.end() :].partition("\n")[0]
        if not is_name(mark["name"], rest, known):
            return mark[0]
        return f"{_SPEAKER}{mark['name']}{_SAYS}{''.join(c for c in mark['before'] if c in '♪' + _HEARD)} "

    # A name takes the dash before it along, which tells no other speaker.
    named = _MARKED.sub(marked, _noted(_BRACKETED.sub(bracketed, printable(html.unescape(text)))))
    changed = _CHANGE.sub(_SPEAKER + _SAYS, named)
    if named.lstrip().startswith("—"):
        changed = _CHANGE_BY_LONG_DASH.sub(_SPEAKER + _SAYS, changed)
    if changed.lstrip().startswith(_SPEAKER):
        changed = _CHANGE_WITHIN.sub(_SPEAKER + _SAYS, changed)
    parts: list[Words] = []
    waiting = None  # the name on a line of its own
    for piece in changed.split(_SPEAKER):
        name, _, said = piece.rpartition(_SAYS)
        if not said.strip():
            waiting = name or waiting
            continue
        is_lyrics = _is_sung(said)
        said = _DASHES.sub("", said.replace("♪", " ").replace("*", " ").replace(_HEARD, " "))
        parts.append(Words(said, name or waiting, is_lyrics))
        waiting = None
    if [part.text for part in parts] == [text]:
        return [parts[0]._replace(text=" ".join(text.split()))]
    return parts


def _noted(text: str) -> str:
    """The text with a mark for every sound, and with ♪ for every mark of singing."""
    return _HASH_NOTE.sub(r"\1♪", _NOTES.sub("♪", _SOUND.sub(_HEARD, text)))


def _is_sung(text: str) -> bool:
    return "♪" in text and not re.search(r"\w", _SUNG.sub(" ", text))
