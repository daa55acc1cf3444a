"""Bytes of a text file as characters: its encoding found, and the few bytes that are not in it told.

Files are rarely in one encoding to the last byte: a quotation mark of Windows in a file of UTF-8, a sequence cut at
the end, a declaration that was never true. The encoding is therefore the one that most of the file is in.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import webencodings

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe\x00\x00", "utf-32-le"), (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"),
)  # fmt: skip
_ESCAPED = ((b"\x1b$)C", "iso2022_kr"), (b"\x1b$", "iso2022_jp_2"), (b"\x1b(J", "iso2022_jp_2"))
_LEGACY = (
    "cp1252", "mac_roman", "cp850", "cp1250", "iso8859_2", "cp1251", "koi8_r", "koi8_u", "cp866", "iso8859_5",
    "mac_cyrillic", "cp1253", "iso8859_7", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "iso8859_15", "cp874",
    "cp932", "euc_jp", "gb18030", "big5hkscs", "cp949",
)  # fmt: skip
"""Encodings before Unicode that texts are met in; of two that fit alike the one named first is taken."""
_OF_TWO_BYTES = {
    "cp932": "shift_jis", "euc_jp": "euc_jp", "gb18030": "gb2312", "big5hkscs": "big5", "cp949": "euc_kr",
}  # fmt: skip
"""Encodings of East Asia, and the narrower one in which nearly every character of a real text is."""
# What a label means in practice is the superset that Windows made of it.
_SUPERSETS = {
    "shift_jis": "cp932", "gbk": "gb18030", "big5": "big5hkscs", "euc_kr": "cp949", "iso8859_8": "cp1255",
    "iso8859-1": "cp1252", "ascii": "cp1252",
}  # fmt: skip
_ALPHABETS = (
    "àâæçéèêëîïôœùûüÿ", "äöüß", "áéíñóúüª°º", "áâãàçéêíóôõúü", "àèéìíîòóùú", "åäöæøéü", "äëéèïóöü", "ąćęłńóśźż",
    "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîșțşţ", "čćđšž", "âçğıöşüİ", "äõöüšž", "āčēģīķļņšūž",
    "ąčęėįšųūž", "áæðéíóöþúý", "àâăđéêíóôơưúý",
)  # fmt: skip
"""Letters beyond ASCII of the languages written in Latin letters (main exemplars of the CLDR)."""
_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?\bencoding\s*=\s*["']\s*(?P<xml>[\w.:-]+)|<meta\b[^>]{0,500}?\bcharset\s*=\s*["']?\s*(?P<meta>[\w.:-]+)""",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"&#(?:[xX](?P<hex>[0-9A-Fa-f]{1,5000}+)|(?P<decimal>[0-9]{1,5000}+));?")
_HEAD_BYTES = 4096
_SAMPLE_BYTES = 2**14
_MIN_SHARE_OF_NULS = 0.1  # of the pairs: spaces and punctuation alone are as many in any alphabet
_ODD = re.compile("[\udc80-\udcff]")  # a byte that is not UTF-8, as surrogateescape keeps it
_CUT = re.compile("\udce2\udc80|[\udcc2-\udcf4][\udc80-\udcbf]{0,2}\\Z")
_OPENING = {"Ps", "Pi"}


@dataclass(frozen=True)
class Decoded:
    """A text, and how sure its characters are.

    Attributes
    ----------
    text : str
        Without byte order marks and NULs.
    encoding : str
        Python's name of the encoding that most of the file is in.
    n_odd : int
        Places that are not valid in it: read as Windows-1252, or as U+FFFD where that has nothing there either.
    """

    text: str
    encoding: str
    n_odd: int


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """The text of `data`, whatever encoding it is in; nothing is refused.

    A byte order mark decides; then the pattern of NULs (UTF-16 and UTF-32 without a mark); then whether the bytes
    beyond ASCII are UTF-8, as they are by chance only in a few places of another encoding; then whichever of the
    legacy encodings makes the likeliest text, by charset-normalizer's measures of disorder and of language and by
    the characters' neighbours.

    Parameters
    ----------
    data : bytes
    declared : str, optional
        Label of the encoding that the file says it is in (see `declared_in`). It decides only where the bytes
        allow it.
    """
    mark = next((mark for mark in _MARKS if data.startswith(mark[0])), (b"", ""))
    data = data.removeprefix(mark[0])
    encoding = mark[1] or _by_nuls(data) or "utf-8"
    if encoding != "utf-8":
        return _decoded(data, encoding)
    for escape, name in _ESCAPED:
        if escape in data and data.isascii():
            return _decoded(data, name)
    text = data.decode("utf-8", "surrogateescape")
    n_odd = 0
    if _ODD.search(text):
        sample = _sample(data)
        # Of the sequences that are UTF-8, those that make sense where they stand.
        read = sample.decode("utf-8", "surrogateescape")
        n_good = sum(c > "\x7f" for c in read) - sum(_strange(read))
        legacy = _legacy(sample, declared)
        # In the places that are not UTF-8 a file of both is read as Windows-1252 anyway.
        if n_good * (4 if legacy == "cp1252" else 1) < len(_ODD.findall(read)) or not n_good:
            return _decoded(data, legacy)
        text, n_cut = _CUT.subn("\ufffd", text)
        n_odd = n_cut + len(_ODD.findall(text))
        text = _ODD.sub(_as_windows, text)
    return Decoded(_cleared(text), "utf-8", n_odd)


def declared_in(data: bytes) -> str | None:
    """The encoding that an XML declaration or an HTML ``meta`` at the head of `data` names."""
    match = _DECLARED.search(data[:_HEAD_BYTES].replace(b"\0", b""))
    return (match["xml"] or match["meta"]).decode("ascii", "replace") if match else None


def without_odd_references(text: str) -> str:
    """Markup without references to characters that there are not, such as ``&#xD800;``.

    libxml2, told to recover, puts them into its tree, whose texts cannot be decoded then.
    """
    return _REFERENCE.sub(lambda m: m[0] if _is_character(m) else "", text)


def without_odd_references_in(data: bytes) -> bytes:
    """The same of bytes in any encoding that has the signs of ASCII."""
    return without_odd_references(data.decode("latin-1")).encode("latin-1")


def _is_character(reference: re.Match[str]) -> bool:
    digits = (reference["hex"] or reference["decimal"]).lstrip("0")
    if len(digits) > 7:
        return False
    code = int(digits or "0", 16 if reference["hex"] else 10)
    return code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000


def _by_nuls(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: the high byte of every ASCII character is NUL."""
    head = data[:_HEAD_BYTES] + data[len(data) // 8 * 4 :][:_HEAD_BYTES]
    n_nuls = [head[i::4].count(0) / max(1, len(head) // 4) for i in range(4)]
    if min(n_nuls[2:]) > 0.5 and len(data) % 4 == 0:
        return "utf-32-le" if n_nuls[0] < 0.5 else "utf-32-be"
    if min(n_nuls[:2]) > 0.5:
        return "utf-32-be"
    n_even, n_odd = n_nuls[0] + n_nuls[2], n_nuls[1] + n_nuls[3]
    if max(n_even, n_odd) > 2 * _MIN_SHARE_OF_NULS and min(n_even, n_odd) < max(n_even, n_odd) / 8:
        return "utf-16-le" if n_odd > n_even else "utf-16-be"
    # Other scripts have NULs at ends of lines alone, but controls where no text of single bytes has them.
    if sum(byte < 32 and byte not in b"\0\t\n\f\r\x1b" for byte in head) > len(head) / 50:
        strange = {}
        for encoding in ("utf-16-le", "utf-16-be"):
            text = head.decode(encoding, "replace")
            strange[encoding] = sum(_strange(text)) / len(text)
        best = min(strange, key=strange.__getitem__)
        return best if strange[best] < 0.05 else None
    return None


def _sample(data: bytes) -> bytes:
    """Lines with bytes beyond ASCII, from all over the file."""
    lines = [line for line in data.replace(b"\r", b"\n").split(b"\n") if not line.isascii()]
    step = 1 + sum(map(len, lines)) // _SAMPLE_BYTES
    return b"\n".join(line[:_SAMPLE_BYTES] for line in lines[::step])[: 4 * _SAMPLE_BYTES]


def _legacy(sample: bytes, declared: str | None) -> str:
    """The encoding in which `sample` is likeliest to be written."""
    from charset_normalizer import from_bytes

    told = _codec(declared)
    encodings = [*([told] if told else []), *(name for name in _LEGACY if name != told)]
    strange: dict[str, float] = {}
    for name in encodings:
        text = sample.decode(name, "replace")
        strange[name] = sum(_strange(text)) / max(1, sum(c > "\x7f" for c in text))
    least = min(strange.values())
    scores: dict[str, float] = {}
    for name in (name for name in encodings if strange[name] <= least + 0.1):
        text = re.sub("[\ufffd\x7f-\x9f]", "", sample.decode(name, "replace"))
        found = from_bytes(text.encode(name, "ignore"), cp_isolation=[name]).best()
        score = found.coherence - found.chaos if found else -1.0
        # Bytes that pair to common characters throughout do so by design.
        score += 0.3 * _share_of_common(text, name) + 0.2 * (name == told) + 0.03 * (name == "cp1252")
        score += 0.5 * _fit_of_alphabet(text)
        scores[name] = score - strange[name]
    return max(scores, key=scores.__getitem__)


def _share_of_common(text: str, encoding: str) -> float:
    """Of the characters beyond ASCII, those of two bytes that are common in an East Asian encoding."""
    beyond = [c for c in text if c > "\x7f"]
    common = _OF_TWO_BYTES.get(encoding, "ascii")
    # Beyond its characters, Python's EUC-KR composes others of 8 bytes.
    wide = sum(len(c.encode(common, "ignore")) == 2 for c in beyond if c > "\u10ff")
    return wide / max(1, len(beyond))


def _fit_of_alphabet(text: str) -> float:
    """Largest share of a text's Latin letters beyond ASCII that one language has; 1 of other scripts."""
    counts = Counter(c.lower() for c in text if c > "\x7f" and _kind(c)[1] == "LATIN")
    if not counts:
        return 1.0
    return max(sum(counts[letter] for letter in alphabet) for alphabet in _ALPHABETS) / counts.total()


def _codec(label: str | None) -> str | None:
    """Python's name of a legacy encoding by the label that files give it; None for UTF-8 and unknown ones."""
    found = webencodings.lookup(label) if label else None
    name = found.codec_info.name if found else ""
    if not name or name.startswith("utf") or name == "x-user-defined":
        return None
    name = _SUPERSETS.get(name, name)
    return name.replace("-", "_") if name.replace("-", "_") in _LEGACY else name


def _strange(text: str) -> Iterator[bool]:
    """For each character beyond ASCII, whether it makes no sense beside its neighbours."""
    before = " "
    for i, character in enumerate(text):
        if character > "\x7f":
            after = text[i + 1] if i + 1 < len(text) else " "
            yield _is_strange(before, character, after)
        before = character


@cache
def _kind(character: str) -> tuple[str, str]:
    """Its category, and of a letter the script."""
    category = unicodedata.category(character)
    if category[0] != "L" or category == "Lm":
        return category, ""
    script = unicodedata.name(character, "?").split()[0]
    return category, "CJK" if script in ("HIRAGANA", "KATAKANA", "IDEOGRAPHIC") else script


def _is_strange(before: str, character: str, after: str) -> bool:
    category, script = _kind(character)
    beside = [kind for kind in (_kind(before), _kind(after)) if kind[1]]
    if category in ("Cc", "Cn", "Co", "Cs") or character == "\ufffd":
        return True
    if script:
        if not beside and "Nd" in (_kind(before)[0], _kind(after)[0]):
            return True
        within = (_kind(before)[0], category, _kind(after)[0])
        return any(other != script for _, other in beside) or ("Ll", "Lu") in pairwise(within)
    if category in ("Lm", "Sk") and character < "\u0300":  # an accent apart from its letter
        return bool(beside) and character != "´"
    if "\uff61" <= character <= "\uff65":  # marks of half the width stand in Japanese alone
        return max(before, after) < "\u3000"
    if character in "¿¡" or (category in _OPENING and character not in "«»"):
        return bool(_kind(before)[1]) and not _kind(after)[1]
    return category[0] in "SN" and len(beside) == 2


def _decoded(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, "replace")
    n_odd = text.count("\ufffd") - data.decode(encoding, "ignore").count("\ufffd")
    return Decoded(_cleared(text), encoding, n_odd)


def _as_windows(match: re.Match[str]) -> str:
    return match[0].encode("utf-8", "surrogateescape").decode("cp1252", "replace")


def _cleared(text: str) -> str:
    return text.replace("\0", "").replace("\ufeff", "")
