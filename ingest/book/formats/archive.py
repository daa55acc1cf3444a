"""Zip files opened and unpacked within bounds: neither a directory of millions of files nor one file fills the memory."""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path
from typing import cast

from bookscore.ingest.book.formats import bounds
from bookscore.ingest.book.formats.container import Folder

_LARGEST_DIRECTORY = 8 * bounds.MIB  # 80,000 files; a book has some hundreds
_LONGEST_TAIL = 2**16 + 22 + 20 + 56  # comment, end record, and the two of ZIP64
_SIZES = re.compile(
    rb"PK\x05\x06.{8}(?P<size>.{4})|PK\x06\x06.{36}(?P<size64>.{8})", re.DOTALL
)  # of the directory
_PIECE = 16  # bytes; of zeros, bzip2 packs 46 MB into 40
_ELSEWHERE = 0xFFFFFFFF  # a size that the record of ZIP64 tells


def opened(path: Path) -> zipfile.ZipFile:
    """A zip file, open for reading.

    Raises
    ------
    bounds.Excess
        It lists more files than a book has.
    OSError, zipfile.BadZipFile, ValueError
        As `zipfile.ZipFile` does.
    """
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _LONGEST_TAIL))
        tail = file.read()
    # Of several records, zipfile may believe any.
    told = [int.from_bytes(size[1] or size[2], "little") for size in _SIZES.finditer(tail)]
    if any(size > _LARGEST_DIRECTORY and size != _ELSEWHERE for size in told):
        raise bounds.Excess(
            f"lists more files than the {_LARGEST_DIRECTORY >> 20} MB allowed for their names"
        )
    return zipfile.ZipFile(path)


def member(archive: zipfile.ZipFile | Folder, name: str, most: int) -> bytes:
    """A file of an archive.

    Parameters
    ----------
    archive : zipfile.ZipFile or Folder
    name : str
    most : int
        Bytes.

    Raises
    ------
    bounds.Excess
        It unpacks to more.
    KeyError
        There is none of that name.
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, NotImplementedError, ValueError
        It is damaged, encrypted, or pressed in an unknown way.
    """
    with archive.open(name) as file:
        if archive.getinfo(name).compress_type in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
            # What zipfile makes of one piece of these has no bound, so the pieces are small.
            cast("zipfile.ZipExtFile", file).MIN_READ_SIZE = _PIECE
            return bounds.unpack(file, most, _PIECE)
        return bounds.unpack(file, most)
