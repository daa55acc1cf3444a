"""EPUB 2 and 3 files: the container, the reading order and the table of contents."""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from lxml import etree

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.book.chapters.division import chapters, outside
from bookscore.ingest.book.formats import archive, bounds
from bookscore.ingest.book.formats.container import CONTAINER, Folder, Names
from bookscore.ingest.book.formats.contents import contents
from bookscore.ingest.book.formats.elements import local_name
from bookscore.ingest.book.formats.parsing import NotWhole, decoded, parse_xml
from bookscore.ingest.book.formats.plain_text import MAX_TEXT_BYTES
from bookscore.ingest.book.formats.xhtml import Document, read_document
from bookscore.ingest.book.prose import Book, LeftOut, clean, odd_places

_MOST_FILES = 50_000
_MOST_DOCUMENTS = 10_000  # in the reading order: some ten times the most of a Bible
_MOST_PACKAGES = 100  # of which one is read
_MOST_FALLBACKS = 20  # one after the other
MAX_UNPACKED_BYTES = 512 * bounds.MIB
_DOCUMENT_TYPES = {
    "application/xhtml+xml", "application/xhtml", "application/html", "application/html+xml", "application/xml",
    "application/x-dtbook+xml", "text/html", "text/xhtml", "text/xml", "text/x-oeb1-document", "image/svg+xml",
}  # fmt: skip
_MARKUP = re.compile(r"<!DOCTYPE\s+html\b|<html\b|<body\b|\A\s*<(?:div|p|section|h[1-6])[\s>]", re.IGNORECASE)
_HEAD_CHARACTERS = 1024
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
    fallback: str = ""


@dataclass
class _Package:
    """The package document: metadata, files and reading order."""

    path: str
    root: etree._Element
    items: dict[str, _Item] = field(default_factory=dict)
    spine: list[str] = field(default_factory=list)  # names of documents, in reading order
    aside: list[str] = field(default_factory=list)  # those that are not in the flow
    left_out: list[LeftOut] = field(default_factory=list)  # what the reading order names and cannot be read
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
            self.archive: zipfile.ZipFile | Folder = Folder(path) if path.is_dir() else archive.opened(path)
        except bounds.Excess as error:
            raise self._error(f"is no book's file (it {error}); it is not read") from error
        except _DAMAGE as error:
            raise self._error("is damaged or no EPUB; get the file again, or give a text file") from error
        except OSError as error:
            raise self._error(
                f"cannot be read ({error.strerror}); check the path and its permissions"
            ) from error
        self.names = set(self.archive.namelist())
        self._watched = bounds.Markup()
        self.paths = Names(self.archive.namelist())
        self._damaged: BookscoreError | None = None
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
        documents = self._documents(self._spine())
        toc, matter = contents(self)
        title = next((clean(e.text) for e in self.package.metadata("title")), self.path.stem)
        found = chapters(documents, toc, matter, title)
        if not found.chapters:
            raise self._damaged or self._error(
                "has no text to read (pictures only, or front matter only); choose another edition"
            )
        named = [clean(e.text) for e in self.package.metadata("language")]
        named += [document.language for document in documents.values() if document.language]
        left_out = found.left_out + outside(self._documents(self.package.aside)) + self.package.left_out
        return Book(title, self._author(), next(iter(named), None), found.chapters, left_out)

    def _documents(self, names: list[str]) -> dict[str, Document]:
        """Those that can be read; of the others it is noted why not."""
        documents = {}
        for name in names:
            try:
                document = documents[name] = read_document(self.markup(name))
            except (BookscoreError, NotWhole) as error:
                reason = str(error).removeprefix(f"{self.path}: ")
                self._damaged = self._damaged or self._error(reason if name in reason else f"{name} {reason}")
                self.package.left_out.append(LeftOut(name, "", 0, reason))
            else:
                self.package.left_out += odd_places(name, document.n_odd, document.encoding)
        return documents

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
            return archive.member(self.archive, name, most)
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
        raise Unreadable(f"{self.path}: {clean(what)}", why) from cause

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
        return BookscoreError(f"{self.path}: {clean(what)}")  # a file's name may have any character

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
        except (etree.XMLSyntaxError, NotWhole):
            root = None
        if root is None:
            raise self._error(f"is damaged ({name} is no XML); get the file again")
        return root

    def _package_document(self) -> str:
        container = self.paths.find(CONTAINER)
        rootfiles = islice(self._xml(container).iter("{*}rootfile"), _MOST_PACKAGES) if container else ()
        named = [element.get("full-path") for element in rootfiles]
        targets = [target[0] for path in named if (target := self.paths.target("", path))]
        found = [name for name in targets if name in self.names] or targets
        if container is None and not (found := self.paths.packages()):
            kind = "folder" if self.path.is_dir() else "zip file"
            raise self._error(f"is a {kind} but no EPUB (it has no {CONTAINER}); give an EPUB or a text file")
        if not found:
            raise self._error(
                f"is damaged ({CONTAINER} names no package document inside it); get the file again"
            )
        return found[0]

    def _read_package(self) -> _Package:
        path = self._package_document()
        package = _Package(path, self._xml(path))
        for kind, most in (("item", _MOST_FILES), ("itemref", _MOST_DOCUMENTS)):
            n = sum(1 for _ in package.root.iter("{*}" + kind))
            if n > most:
                what = "files" if kind == "item" else "documents in its reading order"
                raise self._error(
                    f"lists {n:,} {what}, more than the {most:,} allowed for a book; it is not read"
                )
        by_id: dict[str, list[_Item]] = {}
        for element in package.root.iter("{*}item"):
            if target := self.paths.target(path, element.get("href")):
                media_type = (element.get("media-type") or "").partition(";")[0].strip().lower()
                properties = set((element.get("properties") or "").split())
                item = _Item(target[0], media_type, properties, (element.get("fallback") or "").strip())
                same = by_id.setdefault((element.get("id") or "").strip(), [])
                same.append(item)
                # No id has a space in it: this is how another item of the same id is kept.
                package.items[(element.get("id") or "").strip() + f" {len(same)}" * (len(same) > 1)] = item
        by_href = {item.href: item for item in reversed(package.items.values())}
        seen: dict[str, int] = {}
        taken: set[str] = set()
        for reference in package.root.iter("{*}itemref"):
            name = (reference.get("idref") or "").strip()
            listed = by_id.get(name) or []
            if not listed and (target := self.paths.target(path, name)) and target[0] in by_href:
                listed = [by_href[target[0]]]  # a file's path where an id is asked for
            number = seen[name] = seen.get(name, -1) + 1
            if not listed:
                package.left_out.append(
                    LeftOut(name, "", 0, "is in the reading order, but no file has that id")
                )
                continue
            found = self._readable(package, listed[min(number, len(listed) - 1)])
            if found and found not in taken:
                taken.add(found)
                is_aside = reference.get("linear") == "no"
                (package.aside if is_aside else package.spine).append(found)
        if not package.spine:
            package.spine, package.aside = package.aside, []
        spine = next(package.root.iter("{*}spine"), None)
        ncx = package.items.get((spine.get("toc") or "").strip()) if spine is not None else None
        if ncx is None or ncx.href not in self.names:
            ncx = next(
                (i for i in package.items.values() if i.media_type == "application/x-dtbncx+xml"), None
            )
        package.ncx = ncx.href if ncx and ncx.href in self.names else None
        return package

    def _readable(self, package: _Package, item: _Item) -> str | None:
        """The name of the document that an item of the reading order is, or that stands for it."""
        following: _Item | None = item
        for _ in range(_MOST_FALLBACKS):
            if following is None:
                break
            if following.href in self.names and self._is_document(following):
                return following.href
            following = package.items.get(following.fallback)
        reason = (
            f"is no document ({item.media_type or 'of no type'})"
            if item.href in self.names
            else ("is in the reading order, but not in the file")
        )
        package.left_out.append(LeftOut(item.href, "", 0, reason))
        return None

    def _is_document(self, item: _Item) -> bool:
        """By its type; where that is none of a document's, by its content."""
        if item.media_type in _DOCUMENT_TYPES:
            return True
        try:
            data = self.unpack(item.href, MAX_TEXT_BYTES)
        except Unreadable:
            return False
        return bool(data and _MARKUP.search(decoded(data).text[:_HEAD_CHARACTERS]))

    def _check_rights(self) -> None:
        encrypted: set[str] = set()
        if rights := self.paths.find("META-INF/encryption.xml"):
            for data in self._xml(rights).iter("{*}EncryptedData"):
                methods = {e.get("Algorithm") for e in data.iterchildren("{*}EncryptionMethod")}
                if not methods <= _FONT_OBFUSCATION:
                    inner = [*data, *(e for cipher in data.iterchildren("{*}CipherData") for e in cipher)]
                    ciphers = [e for e in inner if local_name(e) == "cipherreference"]
                    targets = [self.paths.target("", e.get("URI")) for e in ciphers]
                    encrypted |= {target[0] for target in targets if target}
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


def read(path: Path) -> Book:
    """The book in an EPUB.

    Raises
    ------
    BookscoreError
        See `Epub` and `Epub.read`.
    """
    with Epub(path) as epub:
        return epub.read()
