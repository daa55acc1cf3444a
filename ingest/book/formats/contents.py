"""The contents of an EPUB: the navigation document of EPUB 3, the NCX of EPUB 2, and what landmarks and guide tell.

Sources: EPUB 3.3, section 7; OPF 2.0.1, sections 2.4.1 and 2.6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from lxml import etree

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.book.chapters.division import TocEntry
from bookscore.ingest.book.formats import bounds
from bookscore.ingest.book.formats.elements import NOT_STORY, local_name, semantics
from bookscore.ingest.book.formats.parsing import NotWhole, parse_document, parse_xml
from bookscore.ingest.book.prose import LeftOut, clean

if TYPE_CHECKING:
    from bookscore.ingest.book.formats.epub import Epub

_MOST_ENTRIES = 50_000
_DEEPEST = 50  # entries inside entries
Parse = Callable[[bytes], etree._Element | None]


def contents(epub: Epub) -> tuple[list[TocEntry], set[str]]:
    """The table of contents, and the documents that landmarks or guide call front or back matter.

    The navigation document comes before the NCX. One that cannot be read is noted in the package's ``left_out``; where
    both cannot, headings tell the chapters.
    """
    found = _Contents(epub)
    return found.toc, found.matter


class _Contents:
    def __init__(self, epub: Epub) -> None:
        self.epub, self.n_entries = epub, 0
        self.toc: list[TocEntry] = []
        self.matter: set[str] = set()
        package = epub.package
        nav = next((item.href for item in package.items.values() if "nav" in item.properties), None)
        if nav and nav in epub.names:
            self._read(nav, parse_document, self._navigation)
        if not self.toc and package.ncx:
            self._read(package.ncx, parse_xml, self._ncx)
        guide = [e for e in package.root.iter("{*}reference") if (e.get("type") or "").lower() in NOT_STORY]
        self._add_matter(package.path, guide)

    def _read(self, name: str, parse: Parse, take: Callable[[str, etree._Element], None]) -> None:
        self.n_entries = 0
        try:
            root = parse(self.epub.markup(name, bounds.PACKAGE))
            if root is None:
                raise NotWhole("is empty")
            take(name, root)
        except (BookscoreError, NotWhole, etree.XMLSyntaxError) as error:
            reason = str(error).removeprefix(f"{self.epub.path}: ")
            left_out = LeftOut(name, "", 0, f"the table of contents cannot be used: {reason}")
            self.epub.package.left_out.append(left_out)

    def _navigation(self, name: str, root: etree._Element) -> None:
        toc: list[TocEntry] = []
        landmarks = None
        for element in root.iter("{*}nav"):
            if "toc" in semantics(element) and not toc:
                toc = [entry for top in _lists(element) for entry in self._nav_entries(name, top, 1)]
            if "landmarks" in semantics(element) and landmarks is None:
                landmarks = [a for a in element.iter("{*}a") if semantics(a) & NOT_STORY]
        self._add_matter(name, landmarks or [])
        self.toc = toc

    def _nav_entries(self, name: str, items: etree._Element, depth: int) -> Iterator[TocEntry]:
        for item in items.iterchildren("{*}li"):
            label = next((e for e in item.iterchildren() if local_name(e) in ("a", "span")), None)
            if label is not None:
                self._check(depth)
                below = [e for lower in _lists(item) for e in self._nav_entries(name, lower, depth + 1)]
                yield self._entry(name, "".join(label.itertext()), label.get("href"), below)

    def _ncx(self, name: str, root: etree._Element) -> None:
        for nav_map in root.iter("{*}navMap"):
            self.toc = [self._ncx_entry(name, point, 1) for point in nav_map.iterchildren("{*}navPoint")]

    def _ncx_entry(self, name: str, point: etree._Element, depth: int) -> TocEntry:
        label = next(("".join(e.itertext()) for e in point.iterchildren("{*}navLabel")), "")
        source = next((e.get("src") for e in point.iterchildren("{*}content")), None)
        self._check(depth)
        below = [self._ncx_entry(name, p, depth + 1) for p in point.iterchildren("{*}navPoint")]
        return self._entry(name, label, source, below)

    def _check(self, depth: int) -> None:
        self.n_entries += 1
        if depth > _DEEPEST or self.n_entries > _MOST_ENTRIES:
            raise NotWhole(f"it has more than {_MOST_ENTRIES:,} entries, or {_DEEPEST} inside each other")

    def _entry(self, name: str, label: str, href: str | None, below: list[TocEntry]) -> TocEntry:
        path, fragment = self.epub.paths.target(name, href) or (None, "")
        return TocEntry(clean(label), path, fragment, below)

    def _add_matter(self, base: str, references: list[etree._Element]) -> None:
        """Take the files in that references of front and back matter are to, unless they are to a place inside them."""
        targets = [self.epub.paths.target(base, e.get("href")) for e in references]
        self.matter |= {target[0] for target in targets if target and not target[1]}


def _lists(element: etree._Element) -> list[etree._Element]:
    return [e for e in element.iterchildren() if local_name(e) == "ol"]
