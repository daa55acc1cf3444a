"""A cue as a file has it, before its marks are read, and one that is not used."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

# The control characters, which a terminal obeys, and marks that no reader sees.
_UNSEEN = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|(?!\n)[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_LINE_END = re.compile(r"\r*\n|\r")  # some programs turn \r\n into \r\r\n

LONGEST = 10_000  # characters of a cue with its marks, for whose reading pysubs2 takes quadratic time
UNREADABLE = "times that cannot be read"
BACKWARDS = "end before the beginning"


class Voice(NamedTuple):
    """What one speaker says in a cue; the speaker where the format, and not the text, tells one."""

    text: str
    speaker: str | None = None


@dataclass(frozen=True)
class RawCue:
    """Times in seconds; texts with line breaks and marks for the hard of hearing, without the format's tags."""

    start_s: float
    end_s: float
    voices: tuple[Voice, ...]
    is_lyrics: bool = False

    @property
    def text(self) -> str:
        return "\n".join(voice.text for voice in self.voices)


@dataclass(frozen=True)
class LeftOut:
    """A cue that is not used, and why; its start in seconds where it is known."""

    start_s: float | None
    text: str
    reason: str


def too_long(start_s: float | None, text: str) -> LeftOut:
    """A cue that is left out because it has more than `LONGEST` characters.

    Parameters
    ----------
    start_s : float or None
    text : str
    """
    return LeftOut(start_s, text[:LONGEST], f"over {LONGEST} characters")


@dataclass
class Read:
    """What a file holds.

    Attributes
    ----------
    format : str
        pysubs2's name of it, e.g. ``srt``.
    cues : list of RawCue
        In any order.
    left_out : list of LeftOut
    """

    format: str
    cues: list[RawCue] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def add(
        self, start_s: float | None, end_s: float | None, *voices: Voice, is_lyrics: bool = False
    ) -> None:
        """Take a cue in, or leave it out where its times make no sense.

        Parameters
        ----------
        start_s, end_s : float or None
            In seconds; None where they cannot be read. An end at the start is one that is not known.
        *voices : Voice
        is_lyrics : bool
        """
        voices = tuple(voice._replace(text=_set(voice.text)) for voice in voices)
        cue = RawCue(start_s or 0.0, end_s or 0.0, voices, is_lyrics)
        if start_s is None or end_s is None:
            self.left_out.append(LeftOut(start_s, cue.text, UNREADABLE))
        elif end_s < start_s or end_s < 0:
            self.left_out.append(LeftOut(start_s, cue.text, BACKWARDS))
        else:
            self.cues.append(RawCue(max(start_s, 0.0), end_s, voices, is_lyrics))


def _set(text: str) -> str:
    """A text without empty lines and with single spaces."""
    return "\n".join(line for line in (" ".join(line.split()) for line in text.split("\n")) if line)


def lines_of(text: str) -> list[str]:
    """The lines of a file, whatever ends them, without what is not seen (control characters, byte order marks)."""
    text = text.replace("\x0b", "\n").replace("\t", " ")  # a vertical tab breaks a line in some files
    return [_UNSEEN.sub("", line) for line in _LINE_END.split(text)]
