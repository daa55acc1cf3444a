"""Text as XML can hold it."""

from __future__ import annotations

import re

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def allowed(text: str) -> str:
    """`text` without the control characters that no XML document may hold."""
    return _NOT_XML.sub("", text)
