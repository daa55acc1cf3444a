"""WebVTT, by the parsing rules of the W3C (WebVTT: The Web Video Text Tracks Format, sections 6.1 and 6.4).

Times are read as leniently as those of SubRip. The file's own text is not judged: its header may be absent.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from bookscore.ingest.film.cues.formats.raw import Read, Voice, lines_of
from bookscore.ingest.film.cues.formats.times import timing

_NO_CUE = re.compile(r"(NOTE|STYLE|REGION)(?=\s|\Z)")
_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>[a-zA-Z][\w-]*+)(?:\.[^\s<>]*+)?(?:\s(?P<note>[^<>]*+)|/)?>|<\d+(?:[:.,]\d+)*>|</?>"
)


def read(text: str) -> Read:
    """The cues of a WebVTT file, with their voices.

    Parameters
    ----------
    text : str
    """
    found = Read("vtt")
    for times, payload in _blocks(lines_of(text)):
        if times is None:
            if not _NO_CUE.match(payload[0]) and re.search(r"[^\W\d_]", "".join(payload[1:])):
                found.add(None, None, Voice("\n".join(payload)))
        elif not _NO_CUE.match(times):
            start_s, end_s, *_ = timing(times, may_be_glued=False) or (None, None)
            found.add(start_s, end_s, *voices("\n".join(payload)))
    return found


def _blocks(lines: list[str]) -> Iterator[tuple[str | None, list[str]]]:
    """Lines of times, where a block has one, and the lines after it; a cue's identifier belongs to neither."""
    block: list[str] = []
    times = None
    in_header = lines[0].startswith("WEBVTT")
    for line in [*lines, ""]:
        if "-->" in line:
            if not in_header and (times is not None or len(block) > 1):
                # No empty line is before this one; an identifier may be.
                yield times, block[:-2] if len(block) > 1 and not block[-2].strip() else block
            block, times, in_header = [], line, False
        elif line:
            block.append(line)
        else:
            if not in_header and (times is not None or block):
                yield times, block
            block, times, in_header = [], None, False


def voices(payload: str) -> tuple[Voice, ...]:
    """The text of a cue by voice, without tags and inline times; speakers in capitals, as subtitles mark them.

    Annotations of ruby are left out: they repeat the words in another script.
    """
    said: list[tuple[str | None, list[str]]] = [(None, [])]
    n_ruby = at = 0
    for tag in _TAG.finditer(payload):
        if not n_ruby:
            said[-1][1].append(payload[at : tag.start()])
        at = tag.end()
        name = (tag["name"] or "").lower()
        if name == "rt":
            n_ruby = 0 if tag["end"] else 1
        elif name == "ruby":
            n_ruby = 0
        elif name == "br":
            said[-1][1].append("\n")
        elif name == "v":
            speaker = " ".join(html.unescape(tag["note"] or "").split()).upper()
            said.append((None if tag["end"] else speaker or None, []))
    if not n_ruby:
        said[-1][1].append(payload[at:])
    texts = [Voice("".join(pieces).strip(), speaker) for speaker, pieces in said]
    return tuple(voice for voice in texts if voice.text) or (Voice(""),)
