"""What an EPUB made of an EPUB keeps of it: metadata, cover, styles; read from the warehouse."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import duckdb

DC = "{http://purl.org/dc/elements/1.1/}"
OPF = "{http://www.idpf.org/2007/opf}"


@dataclass(frozen=True)
class File:
    """A file of an EPUB."""

    path: str
    media_type: str
    data: bytes


@dataclass(frozen=True)
class Entry:
    """A statement about the book.

    Attributes
    ----------
    name : str
        Of a Dublin Core element, e.g. creator; or ``belongs-to-collection``.
    text : str
    refinements : list of (str, str)
        E.g. role and file-as; a person may have several roles.
    """

    name: str
    text: str
    refinements: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Source:
    """What is kept.

    Attributes
    ----------
    metadata : list of Entry
    cover : File or None
    styles : list of str
        Paths of the style sheets that the text links, in their order.
    files : list of File
        Those sheets and what they name.
    """

    metadata: list[Entry]
    cover: File | None
    styles: list[str]
    files: list[File]


def read(connection: duckdb.DuckDBPyConnection, title: str) -> Source:
    """What the warehouse has of the EPUB from which a title's book was read.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        On the warehouse; it is only read.
    title : str
        Name of the title.

    Returns
    -------
    Source
        Empty for a book of another format, and for one ingested before these tables were made.
    """
    entries = connection.execute(
        "SELECT m.name, m.text, m.refinements FROM book_metadata AS m JOIN title USING (book_id) "
        "WHERE title.name = ? ORDER BY entry_no",
        [title],
    ).fetchall()
    rows = connection.execute(
        "SELECT role, position, path, media_type, data FROM book_file JOIN title USING (book_id) "
        "WHERE title.name = ? ORDER BY file_no",
        [title],
    ).fetchall()
    linked = sorted((position, path) for role, position, path, *_ in rows if role == "style")
    return Source(
        metadata=[
            Entry(name, text, [(what, value) for what, value in json.loads(refinements)])
            for name, text, refinements in entries
        ],
        cover=next((File(*file) for role, _, *file in rows if role == "cover"), None),
        styles=[path for _, path in linked],
        files=[File(*file) for role, _, *file in rows if role != "cover"],
    )


def cover(connection: duckdb.DuckDBPyConnection, title: str) -> bytes | None:
    """The cover of a title's book as JPEG or PNG, which sound files can carry; None where there is none.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        On the warehouse; it is only read.
    title : str
        Name of the title.
    """
    found = connection.execute(
        "SELECT data FROM book_file JOIN title USING (book_id) "
        "WHERE title.name = ? AND role = 'cover' AND media_type IN ('image/jpeg', 'image/png')",
        [title],
    ).fetchone()
    return found[0] if found else None
