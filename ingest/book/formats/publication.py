"""What an EPUB tells about itself: its metadata, its cover, and the style sheets of its text with their fonts and images."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.book.formats import bounds, pictures, style_sheets
from bookscore.ingest.book.formats.epub import Epub, Unreadable
from bookscore.ingest.book.formats.parsing import NotWhole, parse_document, parse_xml
from bookscore.ingest.book.prose import clean

_DC = "{http://purl.org/dc/elements/1.1/}"
_OPF = "{http://www.idpf.org/2007/opf}"
_ONCE = {"date"}
"""Elements of which EPUB 3 allows one."""
_REFINEMENTS = {
    "alternate-script", "collection-type", "display-seq", "file-as", "group-position", "role", "title-type",
}  # fmt: skip
_COVERS = {"image/jpeg": "jpeg", "image/png": "png", "image/gif": "gif"}
CSS = "text/css"


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
    refinements: list[tuple[str, str]]


@dataclass(frozen=True)
class File:
    """A file of the EPUB.

    Attributes
    ----------
    path, media_type : str
    role : str
        cover; style: a sheet that the text links; asset: what a sheet names.
    data : bytes
        Of style sheets only what another EPUB may hold (see `style_sheets.kept`).
    position : int or None
        Place of a style among the sheets that the text links; None for other files.
    """

    path: str
    media_type: str
    role: str
    data: bytes
    position: int | None = None


@dataclass(frozen=True)
class Publication:
    """Metadata in the order of the package document; cover, style sheets and what these name.

    Attributes
    ----------
    unused : dict of str to str
        Why a cover or a file that a sheet names is left out, by path. What is absent is not told.
    """

    metadata: list[Entry] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    unused: dict[str, str] = field(default_factory=dict)


def read(path: Path) -> Publication:
    """What an EPUB tells about itself. Files in it that are damaged, protected or obfuscated are left out.

    Raises
    ------
    BookscoreError
        The file is no EPUB, is damaged or protected (see `Epub`).
    """
    with Epub(path) as epub:
        found = _Files(epub)
        found.add_cover()
        found.add_styles()
        return Publication(list(_metadata(epub)), found.in_order(), found.unused)


def _metadata(epub: Epub) -> Iterator[Entry]:
    refined: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for meta in epub.package.root.iter("{*}meta"):
        about, what = (meta.get("refines") or "").lstrip("#"), meta.get("property", "")
        if what in _REFINEMENTS and (meta.text or "").strip():
            refined[about].append((what, clean(meta.text)))
    seen = set()
    for element in epub.package.root.iter(f"{_DC}*", "{*}meta"):
        text = clean(element.text or "")
        if element.tag.startswith(_DC):
            name = element.tag.removeprefix(_DC)
        elif element.get("property") == "belongs-to-collection" and not element.get("refines"):
            name = "belongs-to-collection"
        else:
            continue
        if text and not (name in _ONCE and name in seen):
            seen.add(name)
            # EPUB 2 writes refinements as attributes.
            early = [
                (what, element.get(_OPF + what)) for what in ("role", "file-as") if element.get(_OPF + what)
            ]
            yield Entry(name, text, early + refined.get(element.get("id"), []))


class _Files:
    """Cover, sheets and what these name, as they are found to be whole and harmless."""

    def __init__(self, epub: Epub) -> None:
        self.epub = epub
        self.items = {item.href: item for item in epub.package.items.values()}
        self.obfuscated = _obfuscated(epub)
        self.cover: File | None = None
        self.files: dict[str, File] = {}
        self.unused: dict[str, str] = {}
        self.linked: dict[str, int] = {}
        self.imported: set[str] = set()
        self.waiting: deque[str] = deque()
        self.n_bytes: dict[str, int] = defaultdict(int)  # of the sheets, and of all

    def in_order(self) -> list[File]:
        """The cover first, then the sheets, each before what it names."""
        files = [
            replace(file, role="style", position=self.linked[path]) if path in self.linked else file
            for path, file in self.files.items()
        ]
        return [*([self.cover] if self.cover else []), *files]

    def add_cover(self) -> None:
        """The first image that is said to be the cover and can be read."""
        package = self.epub.package
        named = [meta.get("content") for meta in package.root.iter("{*}meta") if meta.get("name") == "cover"]
        found = [item for item in package.items.values() if "cover-image" in item.properties]
        found += [package.items[name] for name in named if name in package.items]
        for path in dict.fromkeys(item.href for item in found):
            data = self._unpacked(path, bounds.PICTURE)
            if data is None:
                continue
            try:
                media_type = pictures.image_type(data)
            except pictures.Unusable as error:
                self.unused[path] = str(error)
                continue
            if media_type in _COVERS:
                # By a name of our own: books name files in ways that epubcheck warns of.
                self.cover = File(f"cover.{_COVERS[media_type]}", media_type, "cover", data)
                return
            self.unused[path] = f"is {media_type}, which not all reading apps show as a cover"

    def add_styles(self) -> None:
        """The sheets that the longest document links, and the files that they name."""
        longest, hrefs = _sheets(self.epub)
        for position, href in enumerate(hrefs, start=1):
            if (path := style_sheets.resolved(href, longest)) and self._keep_sheet(path):
                self.linked[path] = position  # of a sheet that is linked twice, the last link decides
        while self.waiting:
            self._make_anew(self.waiting.popleft())

    def _make_anew(self, path: str) -> None:
        def keep(url: str, is_sheet: bool) -> bool:
            inside = style_sheets.resolved(url, path)
            if inside is None or not (self._keep_sheet if is_sheet else self._keep_file)(inside):
                return False
            if is_sheet:
                self.imported.add(inside)
            return True

        files, waiting, imported = self.files.copy(), self.waiting.copy(), self.imported.copy()
        try:
            css = style_sheets.kept(self.files[path].data, keep)
        except (
            RecursionError,
            ValueError,
        ) as error:  # more deeply, or numbers longer, than in any sheet made to be read
            self.files, self.waiting, self.imported = files, waiting, imported
            self.unused[path] = (
                "is nested too deeply"
                if isinstance(error, RecursionError)
                else "has a number too long to be read"
            )
            self.linked.pop(path, None)
            css = ""  # for the sheets that import it
            if path not in imported:
                del self.files[path]
                return
        self.files[path] = replace(self.files[path], data=css.encode(errors="replace"))

    def _keep_sheet(self, path: str) -> bool:
        item = self.items.get(path)
        if path in self.unused or item is None or _media_type(item.media_type) != CSS:
            return False
        if path not in self.files:
            data = self._unpacked(path, bounds.SHEET)
            if data is None or not self._has_room(path, "sheets", data, bounds.SHEETS):
                return False
            self.files[path] = File(path, CSS, "asset", data)
            self.waiting.append(path)
        return True

    def _keep_file(self, path: str) -> bool:
        item = self.items.get(path)
        if path in self.files:
            return self.files[path].media_type != CSS
        if path in self.unused or path in self.obfuscated or item is None:
            return False
        data = self._unpacked(path, max(bounds.PICTURE, bounds.FONT))
        if data is None:
            return False
        try:
            media_type, data = pictures.kept(data, item.media_type)
        except pictures.Unusable as error:
            self.unused[path] = str(error)
            return False
        if not self._has_room(path, "all", data, bounds.KEPT):
            return False
        self.files[path] = File(path, media_type, "asset", data)
        return True

    def _has_room(self, path: str, what: str, data: bytes, most: int) -> bool:
        self.n_bytes[what] += len(data)
        if self.n_bytes[what] > most:
            self.unused[path] = f"is more than the {most // bounds.MIB} MB that are kept"
            return False
        return True

    def _unpacked(self, path: str, most: int) -> bytes | None:
        """A file; None where it is absent, or where it is told why it cannot be had."""
        if path not in self.epub.names:
            return None
        try:
            return self.epub.unpack(path, most)
        except Unreadable as error:
            self.unused[path] = error.reason
            return None


def _sheets(epub: Epub) -> tuple[str, list[str]]:
    """The path of the longest document, and the sheets that it links."""
    longest = max(epub.package.spine, key=lambda name: epub.archive.getinfo(name).file_size, default=None)
    try:
        root = parse_document(epub.markup(longest)) if longest else None
    except (BookscoreError, NotWhole):  # reading the book tells what is wrong with it
        root = None
    if longest is None or root is None:
        return "", []
    return longest, [
        link.get("href", "")
        for link in root.iter("{*}link")
        if "stylesheet" in (rel := (link.get("rel") or "").lower()) and "alternate" not in rel
    ]


def _media_type(text: str) -> str:
    """``text/css`` of ``Text/CSS; charset=utf-8``."""
    return text.partition(";")[0].strip().lower()


def _obfuscated(epub: Epub) -> set[str]:
    """Files whose bytes are obfuscated with the EPUB's own identifier, as fonts may be."""
    name = "META-INF/encryption.xml"
    root = parse_xml(epub.markup(name, bounds.PACKAGE)) if name in epub.names else None
    return {unquote(e.get("URI", "")) for e in root.iter("{*}CipherReference")} if root is not None else set()
