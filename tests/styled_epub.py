"""An EPUB with all that an EPUB made of it keeps, and its rows in a warehouse."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import duckdb
from PIL import Image
from small_models import SmallModels

from bookscore.engine.stage import Inputs, Tables
from bookscore.ingest.book.medium import MEDIUM

CSS = """\
@charset "utf-8"; @import url("more.css"); @import "http://example.org/far.css"; @namespace epub "http://x";
/* a comment */
@font-face { font-family: "Lamp"; src: url(../fonts/lamp.ttf); }
@font-face { font-family: "Gone"; src: url('../fonts/gone.ttf'); }
@font-face { font-family: "Locked"; src: url(../fonts/locked.ttf); }
p { text-indent: 2em; color: #333; direction: rtl; background: url(http://example.org/spy.png) }
h2 { font-variant: small-caps; } @media print { p { orphans: 2; unicode-bidi: embed; } } } oops { p
"""


def make(path: Path, changed: Mapping[str, str | bytes] | None = None) -> Path:
    """An EPUB 2 with a cover, styles, fonts and metadata.

    Parameters
    ----------
    path : Path
        File to be written.
    changed : mapping of str to str or bytes
        Files to put in place of its own or beside them, by path below OEBPS.
    """
    cover = io.BytesIO()
    Image.new("RGB", (60, 90), "teal").save(cover, "JPEG")
    text = (
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title>'
        '<link rel="stylesheet" href="css/book.css"/></head><body><p>text</p></body></html>'
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles><rootfile '
        'full-path="OEBPS/c.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    encryption = (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" '
        'xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData><enc:EncryptionMethod '
        'Algorithm="http://www.idpf.org/2008/embedding"/><enc:CipherData><enc:CipherReference '
        'URI="OEBPS/fonts/locked.ttf"/></enc:CipherData></enc:EncryptedData></encryption>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("META-INF/encryption.xml", encryption)
        for name, data in {
            "c.opf": package(), "t.xhtml": text, "css/book.css": CSS, "css/more.css": "em { font-style: normal }",
            "fonts/lamp.ttf": b"\0\1\0\0", "fonts/locked.ttf": b"scrambled", "images/c v.jpg": cover.getvalue(),
            **(changed or {}),
        }.items():  # fmt: skip
            archive.writestr(f"OEBPS/{name}", data)
    return path


def package(items: str = "", css_type: str = "text/css") -> str:
    """The package document.

    Parameters
    ----------
    items : str
        More of the manifest.
    css_type : str
        Media type of the style sheets.
    """
    return f"""\
<package xmlns="http://www.idpf.org/2007/opf" version="2.0" unique-identifier="i"><metadata
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">
<dc:identifier id="i">urn:isbn:123</dc:identifier><dc:title>The Lamp &amp; the Sea</dc:title>
<dc:creator opf:role="aut" opf:file-as="Hallow, Ines">Ines Hallow</dc:creator>
<dc:language>en_GB</dc:language><dc:publisher>Harbour Press</dc:publisher>
<dc:date opf:event="publication">1911</dc:date><dc:date opf:event="modification">2012-01-01</dc:date>
<dc:rights>Public domain</dc:rights><dc:subject>Lighthouses</dc:subject><meta name="cover" content="c"/>
</metadata><manifest>
<item id="c" href="images/c%20v.jpg" media-type="image/jpeg"/>
<item id="s" href="css/book.css" media-type="{css_type}"/><item id="s2" href="css/more.css" media-type="{css_type}"/>
<item id="f" href="fonts/lamp.ttf" media-type="application/x-font-ttf"/>
<item id="g" href="fonts/locked.ttf" media-type="application/x-font-ttf"/>
<item id="t" href="t.xhtml" media-type="application/xhtml+xml"/>
{items}</manifest><spine><itemref idref="t"/></spine></package>"""


def rows(path: Path, book_id: str = "b") -> Tables:
    """What the stage makes of a book's file.

    Parameters
    ----------
    path : Path
    book_id : str
    """
    [stage] = [stage for stage in MEDIUM.stages if stage.name == "book.publication"]
    return stage.run(Inputs(book_id, 0, {"book": path}, {}, {}, SmallModels()))


def ingest(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Load those rows into the warehouse of `woven_fixture`.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    path : Path
    """
    for table, made in rows(path).items():
        connection.register("incoming", made.to_arrow())
        connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming")
        connection.unregister("incoming")
