"""What kind of file a book is given in, by its content, and what to do with one of a kind that is not read."""

from __future__ import annotations

import json
import lzma
import re
import zipfile
import zlib
from pathlib import Path

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.book.formats import archive, bounds

_HEAD_BYTES = 2**16
_HTML_SUFFIXES = {".html", ".htm", ".xhtml", ".xht"}
_MARKDOWN_SUFFIXES = {".md", ".markdown"}
_UTF_16_MARKS = b"\xff\xfe\x00"

_CALIBRE = "convert it to EPUB with Calibre"
_SAVE = "save it as DOCX or EPUB, with LibreOffice for example"
_UNPACK = "unpack it and give the book that is inside"
_SUBTITLES = ("a file of subtitles", "give it as --subtitles, and an EPUB or a text file as the book")
_MEDIA = ("sound or film", "give an EPUB or a text file as the book")
_PICTURE = ("a picture", "give an EPUB or a text file as the book")

# Bytes at a place in the file, what they tell, and the way out.
_MAGIC = [
    (0, b"%!PS", "PostScript", _CALIBRE), (60, b"TEXtREAd", "a Palm book (PDB)", _CALIBRE), (60, b"PNRdPPrs", "a Palm book (PDB)", _CALIBRE),
    (0, b"TPZ", "a Kindle book (Topaz)", _CALIBRE), (0, b"CONT\x02\x00", "a Kindle book (KFX)", _CALIBRE),
    (0, b"ITOLITLS", "a Microsoft Reader book (LIT)", _CALIBRE), (0, b"ITSF", "a help file (CHM)", _CALIBRE),
    (0, b"AT&TFORM", "a DjVu file", _CALIBRE), (0, b"L\0R\0F\0", "a Sony book (LRF)", _CALIBRE),
    (0, b"\xd0\xcf\x11\xe0", "a Word 97 file (DOC) or an encrypted DOCX", _SAVE),
    (0, b"{\\rtf", "RTF", _SAVE),
    (0, b"\x1f\x8b", "a gzip archive", _UNPACK), (0, b"BZh", "a bzip2 archive", _UNPACK),
    (0, b"\xfd7zXZ", "an xz archive", _UNPACK), (0, b"7z\xbc\xaf", "a 7-Zip archive", _UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "a Zstandard archive", _UNPACK), (0, b"Rar!", "a RAR archive", _UNPACK),
    (257, b"ustar", "a tar archive", _UNPACK),
    (0, b"\x89PNG", *_PICTURE), (0, b"\xff\xd8\xff", *_PICTURE), (0, b"GIF8", *_PICTURE),
    (0, b"OggS", *_MEDIA), (0, b"fLaC", *_MEDIA), (0, b"ID3", *_MEDIA), (0, b"\x1a\x45\xdf\xa3", *_MEDIA),
    (4, b"ftyp", *_MEDIA), (0, b"RIFF", *_MEDIA), (0, b"wvpk", *_MEDIA),
]  # fmt: skip

# Roots of XML files, in lower case and without their prefix.
_ROOTS = {
    "tei": ("TEI", "convert it to EPUB or HTML with the TEI stylesheets"),
    "teicorpus": ("TEI", "convert it to EPUB or HTML with the TEI stylesheets"),
    "dtbook": ("a DAISY book", _CALIBRE), "package": ("an EPUB's package document", "give the EPUB that it is from"),
    "ncx": ("an EPUB's table of contents", "give the EPUB that it is from"), "svg": _PICTURE, "tt": _SUBTITLES,
    "sami": _SUBTITLES, "office": ("OpenDocument", _SAVE), "worddocument": ("Word XML", _SAVE),
}  # fmt: skip
_HTML_ROOTS = {
    "html", "head", "body", "title", "meta", "div", "p", "center", "section", "article", "main", "h1", "h2", "h3", "h4",
    "h5", "h6", "hr", "table",
}  # fmt: skip
_DAMAGES = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, NotImplementedError, RuntimeError, ValueError, EOFError,
)  # fmt: skip
_PROLOGUE = re.compile(
    r"(?:\s+|<\?.*?\?>|<!--.*?-->|<!doctype[^\[>]*+(?:\[[^\]]*+\][^\[>]*+)*+>)+", re.I | re.S
)
_ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")

# Files of text by what they begin with, or have at the beginning of a line.
_TEXTS = [
    (r"(?:.*\n)?(?:\d+[ \t]*\n)?\s*\d{1,2}:\d\d(?::\d\d)?[.,]\d{1,3}[ \t]*-->", *_SUBTITLES),
    (r"WEBVTT\b|\[Script Info\]|\{\d+\}\{\d*\}", *_SUBTITLES),
    (r"\[\d\d:\d\d[.:]\d\d\].*\n\s*\[\d\d:\d\d", "a file of timed lyrics", "give an EPUB or a text file as the book"),
    (
        r"(?:[\w-]+:.*\n(?:[ \t].*\n)*)*(?:MIME-Version:|Content-Type:\s*multipart/)", "a saved web page (MHTML) or a mail",
        "save the page as HTML",
    ),
    (r"(?s:.*?)^\\(?:documentclass|documentstyle|begin\{document\}|chapter\*?\{|usepackage)", "LaTeX",
     "convert it to EPUB with Pandoc"),
]  # fmt: skip


def form_of(path: Path) -> str:
    """How a file is read: as epub, fb2, docx, html, markdown or text.

    Parameters
    ----------
    path : Path
        Its name tells only where its content does not: HTML without a head, Markdown.

    Raises
    ------
    BookscoreError
        The file is not there, cannot be read, or is of another kind: the message names it and the way out.
    """
    if path.is_dir():
        if not any(path.glob("*")):
            raise BookscoreError(
                f"{path}: is an empty folder; give an EPUB, FictionBook (FB2), DOCX, HTML, Markdown or text file"
            )
        return "epub"  # unpacked
    if not path.is_file():
        raise BookscoreError(
            f"{path}: no such file; give an EPUB, FictionBook (FB2), DOCX, HTML, Markdown or text file"
        )
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise BookscoreError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    suffix = path.suffix.lower()
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _form_of_zip(path)
    if suffix == ".epub":
        return "epub"
    for at, magic, name, way_out in _MAGIC:
        if head.startswith(magic, at):
            raise _refused(path, name, way_out)
    if b"BOOKMOBI" in head[:128]:
        raise _refused(path, "a Kindle book (MOBI or AZW3)", _CALIBRE)
    if b"%PDF-" in head[:1024]:
        raise _refused(path, "a PDF", _CALIBRE)
    text = head.translate(None, _UTF_16_MARKS).removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip()
    form = _form_of_xml(path, text)
    if form:
        return form
    for pattern, name, way_out in _TEXTS:
        if re.match(pattern, text, re.MULTILINE):
            raise _refused(path, name, way_out)
    if text[:1] in ("{", "[") and _is_json(path, text):
        raise _refused(path, "JSON", "export its text as EPUB, HTML or plain text")
    if suffix in (".csv", ".tsv"):
        raise _refused(path, "a table (CSV)", "give an EPUB or a text file as the book")
    if suffix in _HTML_SUFFIXES:
        return "html"
    return "markdown" if suffix in _MARKDOWN_SUFFIXES else "text"


def _refused(path: Path, name: str, way_out: str) -> BookscoreError:
    return BookscoreError(f"{path}: is {name}, which is not read as a book; {way_out}")


def _form_of_xml(path: Path, text: str) -> str | None:
    prologue = _PROLOGUE.match(text)
    match = _ROOT.match(text, prologue.end() if prologue else 0)
    root = match[1].lower() if match else ""
    if root == "fictionbook":
        return "fb2"
    if root in _ROOTS:
        raise _refused(path, *_ROOTS[root])
    if root in _HTML_ROOTS or "<!doctype html" in text[:1024].lower():
        return "html"
    if text.startswith("<?xml"):
        raise _refused(path, f"XML ({match[1]})" if match else "XML", "convert it to EPUB or HTML")
    return None


def _form_of_zip(path: Path) -> str:
    try:
        with archive.opened(path) as file:
            names = file.namelist()
            has_kind = "mimetype" in names
            kind = archive.member(file, "mimetype", _HEAD_BYTES)[:100].decode("latin-1") if has_kind else ""
    except (*_DAMAGES, bounds.Excess):
        return "epub"  # whose reader says what is damaged
    files = [name for name in names if not name.endswith("/")]
    if any(name.lower().endswith(("container.xml", ".opf")) for name in files) or "epub" in kind:
        return "epub"
    if any(name.lower().startswith("word/") for name in files):
        return "docx"
    if "opendocument" in kind:
        raise _refused(path, "OpenDocument", _SAVE)
    books = [name for name in files if name.lower().endswith(".fb2")]
    if len(books) == 1:
        return "fb2"
    if path.suffix.lower() == ".epub":
        return "epub"
    pictures = [name for name in files if name.lower().endswith((".jpg", ".jpeg", ".png", ".webp", ".gif"))]
    if files and len(pictures) > len(files) / 2:
        raise _refused(path, "an archive of pictures (CBZ)", "give an EPUB or a text file as the book")
    raise _refused(path, "a zip archive", _UNPACK)


def _is_json(path: Path, text: str) -> bool:
    """Whether the file is one JSON value, or has one on its first line."""
    if path.suffix.lower() in (".json", ".jsonl", ".ndjson"):
        return True
    for candidate in (text.partition("\n")[0], text if len(text) < _HEAD_BYTES else ""):
        try:
            value = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(v, dict) for v in value)):
            return True
    # One that is longer than what was read: an object opens with the name of its first field.
    return len(text) >= _HEAD_BYTES - 3 and bool(
        re.match(r"[\[{\s]*\{\s*\"(?:[^\"\\]|\\.){1,200}\"\s*:", text)
    )
