"""Text without the codes that act on a terminal."""

from __future__ import annotations

import re

_SEQUENCES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, the cursor
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x90\x98\x9c-\x9f]*(?:\x07|\x1b\\|\x9c)"  # OSC, DCS and the like: titles, links
    r"|\x1b[ -/]*[0-~]"  # other escape sequences
)
# C0 and C1 but tab and line feed; marks that turn the direction of what follows; halves of surrogate pairs.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """`text` without control codes, escape sequences (ECMA-48) and bidirectional overrides.

    Tabs and line feeds stay; a carriage return becomes a line feed where none follows. Bytes of a file's name
    that are no UTF-8 become question marks.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub(lambda c: "?" if c[0] >= "\ud800" else "", _SEQUENCES.sub("", lines))
