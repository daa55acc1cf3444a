"""The encoding of tags and cue sheets that do not tell theirs, or tell a wrong one."""

from __future__ import annotations

from collections.abc import Iterable

WESTERN = "cp1252"
OTHERS = ["cp1251", "koi8_r", "cp866", "cp1253", "cp932", "gb18030", "big5", "cp949"]
IN_RUNS = 0.5
"""Share of bytes above 127 that lie next to another such: accents stand alone, other scripts make whole words of them."""
HANGUL = 0.9
"""Share of the letters: Korean is written without Chinese characters, which Chinese taken for Korean is full of."""


def decoded(values: Iterable[bytes]) -> list[str]:
    """Texts that share an encoding, as the tags of an album do; the more there are, the surer it is.

    ID3 of the first version names no encoding, RIFF INFO none, and taggers write whatever the system has where
    later ID3 says Latin-1. UTF-8 is told by its form, Western text by its lone accents; which of the other
    encodings it is `charset_normalizer` says, of a few: for so little text it is no judge of a hundred.
    """
    values = list(values)
    encoding = _encoding(values)
    return [_decode(value, encoding) for value in values]


def _encoding(values: list[bytes]) -> str:
    from charset_normalizer import from_bytes

    odd = dict.fromkeys(value for value in values if not value.isascii())
    joined = b"\n".join(odd)
    if not odd or _decodes(joined, "utf-8"):
        return "utf-8"
    high = [byte > 127 for byte in joined]
    in_runs = sum(
        here and (before or after)
        for before, here, after in zip([False, *high], high, [*high[1:], False], strict=False)
    )
    if in_runs < IN_RUNS * sum(high):
        return WESTERN
    if _decodes(joined, "cp949"):
        letters = [letter for letter in joined.decode("cp949") if ord(letter) > 127]
        if sum("가" <= letter <= "힣" for letter in letters) >= HANGUL * len(letters):
            return "cp949"
    best = from_bytes(joined, cp_isolation=[name for name in OTHERS if name != "cp949"], threshold=1.0).best()
    return best.encoding if best else WESTERN


def _decodes(value: bytes, encoding: str) -> bool:
    try:
        value.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _decode(value: bytes, encoding: str) -> str:
    """A few bytes that have no meaning in Windows' encodings have one in Latin-1."""
    if encoding == WESTERN:
        return "".join(bytes([byte]).decode(WESTERN, "ignore") or chr(byte) for byte in value)
    return value.decode(encoding, "replace")
