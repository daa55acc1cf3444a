"""Damage to files: bytes, lines, markup and zip archives, the same for the same random numbers."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from random import Random

LARGEST = 2**19  # bytes of what is made
_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63 - 1, 2**64 - 1)
_WRITTEN = (
    b"0", b"-1", b"1e9", b"1e999", b"nan", b"2147483648", b"99999999999999999999", b"9" * 400, b"9" * 5000, b"0.0000001",
    "\u0663".encode(), "\u00b2".encode(),
)  # fmt: skip
_TAG = re.compile(rb"<[^<>]{1,300}>")
_VALUE = re.compile(rb"""=\s*(?:"[^"<>]{0,300}"|'[^'<>]{0,300}')""")
_DIGITS = re.compile(rb"\d+")

Change = Callable[[Random, bytes], bytes]


def _span(random: Random, data: bytes, most: int = 4096) -> slice:
    at = random.randrange(len(data) + 1)
    return slice(at, at + min(random.randrange(1, most), random.randrange(1, len(data) + 2)))


def _flip(random: Random, data: bytes) -> bytes:
    made = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 8, 64)) if made else 0):
        made[random.randrange(len(made))] ^= 1 << random.randrange(8)
    return bytes(made)


def _fill(random: Random, data: bytes) -> bytes:
    span = _span(random, data, 64)
    n = len(data[span])
    return data[: span.start] + bytes([random.choice((0, 0x20, 0x80, 0xFF))]) * n + data[span.start + n :]


def _cut(random: Random, data: bytes) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _delete(random: Random, data: bytes) -> bytes:
    span = _span(random, data)
    return data[: span.start] + data[span.stop :]


def _repeat(random: Random, data: bytes) -> bytes:
    span = _span(random, data, random.choice((4, 64, 4096)))
    return data[: span.start] + data[span] * random.choice((2, 2, 10, 1000, 20_000)) + data[span.stop :]


def _move(random: Random, data: bytes) -> bytes:
    block = data[(span := _span(random, data))]
    rest = data[: span.start] + data[span.stop :]
    at = random.randrange(len(rest) + 1)
    return rest[:at] + block + rest[at:]


def _noise(random: Random, data: bytes) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + random.randbytes(random.choice((1, 4, 100))) + data[at:]


def _number(random: Random, data: bytes) -> bytes:
    """A binary number of any size and byte order overwritten with one that breaks arithmetic."""
    size, form = random.choice(((1, "B"), (2, "H"), (4, "I"), (8, "Q")))
    at = random.randrange(max(1, len(data) - size))
    value = random.choice(_NUMBERS) & (256**size - 1)
    return data[:at] + struct.pack(random.choice("<>") + form, value) + data[at + size :]


def _head(random: Random, data: bytes) -> bytes:
    """Damage where headers are."""
    n = random.choice((16, 64, 512))
    return random.choice((_flip, _number, _fill, _delete, _noise))(random, data[:n]) + data[n:]


def _written_number(random: Random, data: bytes) -> bytes:
    found = list(_DIGITS.finditer(data[:65536]))
    if not found:
        return _number(random, data)
    one = random.choice(found)
    return data[: one.start()] + random.choice(_WRITTEN) + data[one.end() :]


def _lines(random: Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    at, to = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(6):
        case 0:
            lines[at], lines[to] = lines[to], lines[at]
        case 1:
            lines[at:at] = [lines[to]] * random.choice((1, 2, 1000))
        case 2:
            del lines[at : at + random.choice((1, 3, 100))]
        case 3:
            return data.replace(
                b"\n", random.choice((b"\r", b"\r\r\n", b" ", b"\n\n", b"\x0b", b"\x0c", b"\xc2\x85"))
            )
        case 4:
            lines[at] = lines[at] * random.choice((10, 5000))
        case _:
            lines[at] += lines[to]
    return b"\n".join(lines)


def _tags(random: Random, data: bytes) -> bytes:
    found = list(_TAG.finditer(data[:262_144]))
    if not found:
        return _lines(random, data)
    one, other = random.choice(found), random.choice(found)
    before, after = data[: one.start()], data[one.end() :]
    match random.randrange(6):
        case 0:
            return before + after
        case 1:
            return before + one[0] * random.choice((2, 10, 300, 3000)) + after
        case 2:
            return before + other[0] + after
        case 3:
            name = re.match(rb"<([\w:.-]+)", one[0])
            n = random.choice((5, 300, 1500))
            close = b"</" + name[1] + b">" if name else b""
            return before + one[0] * n + b"deep" + close * n + after
        case 4:
            start, stop = sorted((one.start(), other.end()))
            return data[:stop] + data[start:stop] + data[stop:]
        case _:
            return before + one[0][:-1] + after


def _values(random: Random, data: bytes) -> bytes:
    found = list(_VALUE.finditer(data[:262_144]))
    if not found:
        return _tags(random, data)
    one, other = random.choice(found), random.choice(found)
    wild = (
        *_WRITTEN, b"", b"x" * 70_000, b"../" * 20, b"//far.example/a", b"&a;", b"%00", b"\xff", b"\\", b"#" * 50, b"data:,",
        b"file:///etc/passwd", b"a b", b"C:\\x", "\u0131\u0130\u017f\u202e".encode(),
    )  # fmt: skip
    made = random.choice((other[0], b'="' + random.choice(wild) + b'"', one[0] + b" " + b"id" + other[0]))
    return data[: one.start()] + made + data[one.end() :]


_BYTES: Sequence[Change] = (_flip, _fill, _cut, _delete, _repeat, _move, _noise, _number, _head)
CHANGES: Mapping[str, Sequence[Change]] = {
    "binary": (*_BYTES, _head, _head, _number),
    "lines": (*_BYTES, *(_lines, _written_number) * 4),
    "markup": (*_BYTES, *(_tags, _values) * 5, _lines, _written_number),
}


def changed(
    random: Random, data: bytes, form: str, tokens: Sequence[bytes], others: Sequence[bytes]
) -> bytes:
    """A file with one to five changes.

    Parameters
    ----------
    random : Random
    data : bytes
    form : str
        One of `CHANGES`.
    tokens : sequence of bytes
        Words of the format, to be set in anywhere.
    others : sequence of bytes
        Files with the end of one of which this one may end.
    """
    for _ in range(random.choice((1, 1, 2, 3, 5))):
        which = random.random()
        if which < 0.2 and tokens:
            at = random.randrange(len(data) + 1)
            token = random.choice(tokens) * random.choice((1, 1, 1, 3, 500))
            data = data[:at] + token + data[at + (len(token) if random.random() < 0.5 else 0) :]
        elif which < 0.25 and others:
            other = random.choice(others)
            data = data[: random.randrange(len(data) + 1)] + other[random.randrange(len(other) + 1) :]
        else:
            data = random.choice(CHANGES[form])(random, data)
        data = data[:LARGEST]
    return data


def changed_archive(
    random: Random, members: Mapping[str, bytes], tokens: Sequence[bytes], others: Sequence[bytes]
) -> bytes:
    """A zip file of members some of which are changed, renamed, left out or doubled; perhaps damaged itself.

    Parameters
    ----------
    random : Random
    members : mapping of str to bytes
    tokens, others : sequence of bytes
        See `changed`.
    """
    files = list(members.items())
    for _ in range(random.choice((1, 1, 2, 4))):
        at = random.randrange(len(files))
        name, data = files[at]
        match random.randrange(14):
            case 0:
                files[at] = (_name(random, name), data)
            case 1:
                files.append((name, changed(random, data, _form(name), tokens, others)))
            case 2 if len(files) > 1:
                del files[at]
            case 3:
                files[at] = (name, random.choice(files)[1])
            case _:
                files[at] = (name, changed(random, data, _form(name), tokens, others))
    file = io.BytesIO()
    methods = [zipfile.ZIP_DEFLATED] * 6 + [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name), data, random.choice(methods))
        archive.comment = random.choice((b"", b"", b"", b"PK\5\6" * 30))
    made = file.getvalue()
    return _damaged_archive(random, made) if random.random() < 0.3 else made


def _name(random: Random, name: str) -> str:
    forms: tuple[Callable[[str], str], ...] = (
        str.upper, lambda n: "../" + n, lambda n: "/" + n, lambda n: n.replace("/", "\\"), lambda n: n + "/", lambda n: "x/" + n,
        lambda n: n * 200, lambda n: n.replace(".", "%2e"), lambda n: "\u202e" + n, lambda n: "C:" + n, lambda n: n + "\x1b[31m",
    )  # fmt: skip
    return random.choice(forms)(name)[:60_000]


def _form(name: str) -> str:
    if name.endswith((".css", ".txt", "mimetype")):
        return "lines"
    return "binary" if name.endswith((".jpg", ".png", ".ttf")) else "markup"


def _damaged_archive(random: Random, data: bytes) -> bytes:
    """Damage to the directory at the end, to a local header, or anywhere."""
    places = [found.start() for found in re.finditer(rb"PK(?:\x01\x02|\x03\x04|\x05\x06)", data)]
    if random.random() < 0.2 or not places:
        return random.choice(_BYTES)(random, data)[:LARGEST]
    made = data
    for _ in range(random.choice((1, 2, 6))):
        at = random.choice(places)
        made = (
            made[:at] + random.choice((_flip, _number, _fill))(random, made[at : at + 46]) + made[at + 46 :]
        )
    return made
