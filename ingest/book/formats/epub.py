"""EPUB 2 and 3 files: the container, the reading order and the table of contents."""

from __future__ import annotations

import lzma
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.book.chapters.division import TocEntry, chapters
from bookscore.ingest.book.formats import bounds
from bookscore.ingest.book.formats.plain_text import MAX_TEXT_BYTES
from bookscore.ingest.book.formats.xhtml import (
    NOT_STORY,
    local_name,
    parse_document,
    parse_xml,
    read_document,
    semantics,
)
from bookscore.ingest.book.prose import Book, clean

MAX_UNPACKED_BYTES = 512 * bounds.MIB
_CONTAINER = "META-INF/container.xml"
_DOCUMENT_TYPES = {"application/xhtml+xml", "text/html", "text/x-oeb1-document", "application/xml"}
_FONT_OBFUSCATION = {"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"}
# What reading a damaged zip file raises.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, NotImplementedError, ValueError,
)  # fmt: skip


class Unreadable(BookscoreError):
    """A file of the archive that cannot be had: the line for the user, and in short why."""

    def __init__(self, line: str, reason: str) -> None:
        super().__init__(line)
        self.reason = reason


@dataclass
class _Item:
    """A file of the manifest."""

    href: str
    media_type: str
    properties: set[str]


@dataclass
class _Package:
    """The package document: metadata, files and reading order."""

    path: str
    root: etree._Element
    items: dict[str, _Item] = field(default_factory=dict)
    spine: list[str] = field(default_factory=list)  # paths of documents, in reading order
    ncx: str | None = None

    def metadata(self, name: str) -> list[etree._Element]:
        return [e for e in self.root.iter("{http://purl.org/dc/elements/1.1/}" + name) if clean(e.text or "")]


class Epub:
    """An open EPUB; a context manager that closes it.

    Parameters
    ----------
    path : Path

    Raises
    ------
    BookscoreError
        The file is no EPUB, is damaged, is protected (DRM), reaches outside itself, or would unpack to
        more than `MAX_UNPACKED_BYTES`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.archive = zipfile.ZipFile(path)
        except _DAMAGE as error:
            raise self._error("is damaged or no EPUB; get the file again, or give a text file") from error
        except OSError as error:
            raise self._error(
                f"cannot be read ({error.strerror}); check the path and its permissions"
            ) from error
        self.names = set(self.archive.namelist())
        self._watched = bounds.Markup()
        try:
            self._check_size()
            self.package = self._read_package()
            self._check_rights()
        except BaseException:
            self.archive.close()
            raise

    def __enter__(self) -> Epub:
        return self

    def __exit__(self, *_: object) -> None:
        self.archive.close()

    def read(self) -> Book:
        """The book's story in chapters.

        Raises
        ------
        BookscoreError
            A file in it is damaged, or there is no text besides front and back matter.
        """
        documents = {href: read_document(self.markup(href)) for href in self._spine()}
        toc, left_out = self._navigation()
        title = next((clean(e.text) for e in self.package.metadata("title")), self.path.stem)
        found = chapters(documents, toc, left_out, title)
        if not found:
            raise self._error(
                "has no text to read (pictures only, or front matter only); choose another edition"
            )
        named = [clean(e.text) for e in self.package.metadata("language")]
        named += [document.language for document in documents.values() if document.language]
        return Book(title, self._author(), next(iter(named), None), found)

    def unpack(self, name: str, most: int) -> bytes:
        """A file of the archive.

        Parameters
        ----------
        name : str
        most : int
            Bytes, of the kind of file that it is.

        Raises
        ------
        Unreadable
            It is absent, damaged, encrypted or larger.
        """
        cause: Exception
        try:
            with self.archive.open(name) as file:
                return bounds.unpack(file, most)
        except KeyError as error:
            what, why, cause = f"lacks its {name}; get the file again", "is absent", error
        except bounds.Excess as error:
            what, why, cause = f"is no book's file ({name} {error}); it is not read", str(error), error
        except (*_DAMAGE, OSError) as error:
            what, why, cause = (
                f"is damaged ({name} cannot be unpacked); get the file again",
                "is damaged",
                error,
            )
        except RuntimeError as error:  # a password is asked for
            what, why, cause = (
                f"is protected ({name} is encrypted); use an edition without DRM",
                "is encrypted",
                error,
            )
        raise Unreadable(f"{self.path}: {what}", why) from cause

    def markup(self, name: str, most: int = MAX_TEXT_BYTES) -> bytes:
        """A file of the archive that is to be parsed.

        Parameters
        ----------
        name : str
        most : int
            Bytes.

        Raises
        ------
        BookscoreError
            It cannot be had, or a tree of it would take too much memory.
        """
        try:
            return self._watched.check(self.unpack(name, most))
        except bounds.Excess as error:
            raise self._error(f"is no book's file ({name} {error}); it is not read") from error

    def _error(self, what: str) -> BookscoreError:
        return BookscoreError(f"{self.path}: {what}")

    def _check_size(self) -> None:
        unpacked = sum(entry.file_size for entry in self.archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            raise self._error(
                f"would unpack to {unpacked >> 20} MB, more than the {MAX_UNPACKED_BYTES >> 20} MB "
                "allowed for a book; it is not opened"
            )

    def _spine(self) -> list[str]:
        n_bytes = sum(self.archive.getinfo(href).file_size for href in self.package.spine)
        if n_bytes > MAX_TEXT_BYTES:
            raise self._error(
                f"holds {n_bytes >> 20} MB of text, more than the {MAX_TEXT_BYTES >> 20} MB allowed; split it"
            )
        return self.package.spine

    def _xml(self, name: str) -> etree._Element:
        try:
            root = parse_xml(self.markup(name, bounds.PACKAGE))
        except etree.XMLSyntaxError:
            root = None
        if root is None:
            raise self._error(f"is damaged ({name} is no XML); get the file again")
        return root

    def _target(self, base: str, href: str | None) -> tuple[str, str] | None:
        """Path in the archive and fragment of a reference made in the file `base`; None for one to the outside."""
        path, _, fragment = (href or "").partition("#")
        if not href or ":" in path.partition("/")[0]:
            return None
        folder = posixpath.dirname(base)
        # Some books escape characters of paths twice.
        paths = [posixpath.normpath(posixpath.join(folder, form)) for form in (unquote(path), path)]
        path = next((p for p in paths if p in self.names), paths[0]) if path else base
        return None if path.startswith(("../", "/")) else (path, unquote(fragment))

    def _read_package(self) -> _Package:
        if _CONTAINER not in self.names:
            raise self._error(
                f"is a zip file but no EPUB (it has no {_CONTAINER}); give an EPUB or a text file"
            )
        rootfile = next(self._xml(_CONTAINER).iter("{*}rootfile"), None)
        opf = self._target("", rootfile.get("full-path")) if rootfile is not None else None
        if opf is None:
            raise self._error(
                f"is damaged ({_CONTAINER} names no package document inside it); get the file again"
            )
        package = _Package(opf[0], self._xml(opf[0]))
        for item in package.root.iter("{*}item"):
            if target := self._target(opf[0], item.get("href")):
                package.items[item.get("id", "")] = _Item(
                    target[0], item.get("media-type", ""), set(item.get("properties", "").split())
                )
        for reference in package.root.iter("{*}itemref"):
            listed = package.items.get(reference.get("idref", ""))
            # Books name files that are not there, and asides that are not in the flow.
            if listed is None or listed.href not in self.names or reference.get("linear") == "no":
                continue
            if listed.media_type in _DOCUMENT_TYPES and listed.href not in package.spine:
                package.spine.append(listed.href)
        spine = next(package.root.iter("{*}spine"), None)
        ncx = package.items.get(spine.get("toc", "")) if spine is not None else None
        ncx = ncx or next(
            (i for i in package.items.values() if i.media_type == "application/x-dtbncx+xml"), None
        )
        package.ncx = ncx.href if ncx and ncx.href in self.names else None
        return package

    def _check_rights(self) -> None:
        encrypted: set[str] = set()
        if "META-INF/encryption.xml" in self.names:
            for data in self._xml("META-INF/encryption.xml").iter("{*}EncryptedData"):
                methods = {e.get("Algorithm") for e in data.iter("{*}EncryptionMethod")}
                if not methods <= _FONT_OBFUSCATION:
                    encrypted |= {unquote(e.get("URI", "")) for e in data.iter("{*}CipherReference")}
        if encrypted & {*self.package.spine}:
            raise self._error("is protected by DRM and cannot be read; use an edition without DRM")

    def _author(self) -> str | None:
        """The creators said to be authors; the first creator where none is said to be."""
        creators = self.package.metadata("creator")
        role = "{http://www.idpf.org/2007/opf}role"
        refined = {
            (e.get("refines") or "").lstrip("#")
            for e in self.package.root.iter("{*}meta")
            if e.get("property") == "role" and clean(e.text or "") == "aut"
        }
        authors = [e for e in creators if e.get(role) == "aut" or (e.get("id") in refined)]
        return ", ".join(clean(e.text) for e in authors or creators[:1]) or None

    def _navigation(self) -> tuple[list[TocEntry], set[str]]:
        """The table of contents, and the documents that landmarks or guide call front or back matter."""
        nav = next((i.href for i in self.package.items.values() if "nav" in i.properties), None)
        toc: list[TocEntry] = []
        left_out: set[str] = set()
        if nav and nav in self.names:
            root = parse_document(self.markup(nav, bounds.PACKAGE))
            for element in root.iter("{*}nav") if root is not None else ():
                if "toc" in semantics(element) and not toc:
                    toc = [entry for top in _lists(element) for entry in self._nav_entries(nav, top)]
                if "landmarks" in semantics(element):
                    landmarks = [a for a in element.iter("{*}a") if semantics(a) & NOT_STORY]
                    left_out |= self._whole_files(nav, [a.get("href") for a in landmarks])
        if not toc and self.package.ncx:
            root = self._xml(self.package.ncx)
            for nav_map in root.iter("{*}navMap"):
                toc = [
                    self._ncx_entry(self.package.ncx, point) for point in nav_map.iterchildren("{*}navPoint")
                ]
        guide = [
            e for e in self.package.root.iter("{*}reference") if (e.get("type") or "").lower() in NOT_STORY
        ]
        return toc, left_out | self._whole_files(self.package.path, [e.get("href") for e in guide])

    def _whole_files(self, base: str, hrefs: list[str | None]) -> set[str]:
        """Paths of the references that are to no place inside a file."""
        targets = [self._target(base, href) for href in hrefs]
        return {target[0] for target in targets if target and not target[1]}

    def _nav_entries(self, nav: str, items: etree._Element) -> Iterator[TocEntry]:
        for item in items.iterchildren("{*}li"):
            label = next((e for e in item.iterchildren() if local_name(e) in ("a", "span")), None)
            if label is not None:
                children = [entry for lower in _lists(item) for entry in self._nav_entries(nav, lower)]
                yield self._entry(nav, "".join(label.itertext()), label.get("href"), children)

    def _ncx_entry(self, ncx: str, point: etree._Element) -> TocEntry:
        label = next(("".join(e.itertext()) for e in point.iterchildren("{*}navLabel")), "")
        source = next((e.get("src") for e in point.iterchildren("{*}content")), None)
        return self._entry(
            ncx, label, source, [self._ncx_entry(ncx, p) for p in point.iterchildren("{*}navPoint")]
        )

    def _entry(self, base: str, label: str, href: str | None, children: list[TocEntry]) -> TocEntry:
        path, fragment = self._target(base, href) or (None, "")
        return TocEntry(clean(label), path, fragment, children)


def read(path: Path) -> Book:
    """The book in an EPUB.

    Raises
    ------
    BookscoreError
        See `Epub` and `Epub.read`.
    """
    with Epub(path) as epub:
        return epub.read()


def _lists(element: etree._Element) -> list[etree._Element]:
    return [e for e in element.iterchildren() if local_name(e) == "ol"]
