"""The documents of an EPUB are found by the types, ids and paths that real books write."""

from __future__ import annotations

import os
import unicodedata
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from book_files import CONTAINER, LONG, ncx, page, texts, titles

from bookscore.engine import ledger
from bookscore.engine.errors import BookscoreError
from bookscore.engine.warehouse import Warehouse
from bookscore.ingest.book.formats import book_file, epub

XHTML = "application/xhtml+xml"
CHAPTERS = {f"c{n}.xhtml": page(f"<h1>Chapter {n}</h1><p>This is {n}. {LONG}</p>") for n in (1, 2, 3)}
ITEMS = "".join(f'<item id="c{n}" href="c{n}.xhtml" media-type="{XHTML}"/>' for n in (1, 2, 3))
SPINE = "".join(f'<itemref idref="c{n}"/>' for n in (1, 2, 3))


def package(items: str = ITEMS, spine: str = SPINE, toc: str = "") -> str:
    return (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        f"<dc:title>The Book</dc:title></metadata><manifest>{items}</manifest><spine{toc}>{spine}</spine></package>"
    )


def write(
    path: Path, opf: str, files: Mapping[str, str | bytes], container: str = CONTAINER, top: str = ""
) -> Path:
    """An EPUB as it is given: the chapters' files, no table of contents."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{top}META-INF/container.xml", container)
        archive.writestr(f"{top}e/book.opf", opf)
        for name, text in files.items():
            archive.writestr(f"{top}e/{name}", text)
    return path


def openings(path: Path) -> list[str]:
    return [chapter[0].partition(".")[0] for chapter in texts(book_file.read(path))]


ALL = ["This is 1", "This is 2", "This is 3"]


@pytest.mark.parametrize(
    "media_type",
    [
        "text/xml", "application/xml", "text/html", "APPLICATION/XHTML+XML", "application/xhtml+xml; charset=utf-8", "",
        " application/xhtml+xml ", "application/octet-stream", "text/plain", "application/xhtml", "text/x-oeb1-document",
        "nonsense",
    ],
)  # fmt: skip
def test_a_document_is_known_whatever_its_media_type(tmp_path: Path, media_type: str) -> None:
    items = ITEMS.replace(f'c2.xhtml" media-type="{XHTML}"', f'c2.xhtml" media-type="{media_type}"')
    assert openings(write(tmp_path / "b.epub", package(items), CHAPTERS)) == ALL


def test_a_fallback_stands_for_what_is_no_document(tmp_path: Path) -> None:
    items = ITEMS + '<item id="p" href="p.pdf" media-type="application/pdf" fallback="j"/>'
    items += '<item id="j" href="j.json" media-type="application/json" fallback="c2"/>'
    spine = SPINE.replace('"c2"', '"p"')
    path = write(tmp_path / "b.epub", package(items, spine), {**CHAPTERS, "p.pdf": "%PDF", "j.json": "{}"})
    assert openings(path) == ALL


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A fallback that leads in a circle, a file that is absent, an id that is none, a damaged file, a picture."""
    items = ITEMS + '<item id="j" href="j.json" media-type="application/json" fallback="j"/>'
    items += f'<item id="gone" href="gone.xhtml" media-type="{XHTML}"/>'
    items += '<item id="i" href="i.jpg" media-type="image/jpeg"/>'
    spine = SPINE + "".join(f'<itemref idref="{name}"/>' for name in ("j", "gone", "none", "i"))
    files = {**CHAPTERS, "j.json": "{}", "i.jpg": b"\xff\xd8\xff"}
    path = write(tmp_path / "b.epub", package(items, spine), files)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"This is 2", b"This is X"))  # stored as it is; its checksum no longer fits
    book = epub.read(path)
    assert titles(book) == ["Chapter 1", "Chapter 3"]
    assert [(row.place, row.n_words, row.reason) for row in book.left_out] == [
        ("e/j.json", 0, "is no document (application/json)"),
        ("e/gone.xhtml", 0, "is in the reading order, but not in the file"),
        ("none", 0, "is in the reading order, but no file has that id"),
        ("e/i.jpg", 0, "is no document (image/jpeg)"),
        ("e/c2.xhtml", 0, "is damaged (e/c2.xhtml cannot be unpacked); get the file again"),
    ]


def test_an_epub_whose_documents_are_all_damaged_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "b.epub", package(), CHAPTERS)
    path.write_bytes(path.read_bytes().replace(b"This is", b"That is"))
    with pytest.raises(BookscoreError, match=r"is damaged .*c1\.xhtml"):
        epub.read(path)


def test_what_is_outside_the_flow_is_told_with_its_words(tmp_path: Path) -> None:
    spine = SPINE.replace('<itemref idref="c2"/>', '<itemref idref="c2" linear="no"/>')
    book = epub.read(write(tmp_path / "b.epub", package(spine=spine), CHAPTERS))
    assert titles(book) == ["Chapter 1", "Chapter 3"]
    assert [(row.place, row.reason) for row in book.left_out] == [("e/c2.xhtml", "outside the reading order")]
    assert book.left_out[0].n_words == 2 + 3 + len(LONG.split())


@pytest.mark.parametrize(
    ("items", "spine"),
    [
        (ITEMS.replace('id="c', 'id=" c'), SPINE),
        (ITEMS, SPINE.replace('idref="c2', 'idref="\n c2 ')),
        (ITEMS, "".join(f'<itemref idref="c{n}.xhtml"/>' for n in (1, 2, 3))),
        (ITEMS.replace('id="c2"', 'id="c1"'), SPINE.replace('"c2"', '"c1"')),
        (ITEMS, SPINE + '<itemref idref="c1"/>'),
        (ITEMS, SPINE.replace("/>", ' linear="no"/>')),
    ],
)
def test_ids_are_resolved_as_reading_systems_do(tmp_path: Path, items: str, spine: str) -> None:
    """With spaces, with paths for ids, with one id for two files, with a file twice, with nothing in the flow."""
    assert openings(write(tmp_path / "b.epub", package(items, spine), CHAPTERS)) == ALL


@pytest.mark.parametrize(
    ("href", "name"),
    [
        ("c2.xhtml", "C2.XHTML"),
        ("É2.xhtml", unicodedata.normalize("NFD", "É2.xhtml")),
        (unicodedata.normalize("NFD", "É2.xhtml"), "É2.xhtml"),
        ("%C3%892.xhtml", "É2.xhtml"),
        ("%c3%892.xhtml", unicodedata.normalize("NFD", "É2.xhtml")),
        ("É2.xhtml", "%C3%892.xhtml"),
        ("a%20b.xhtml", "a b.xhtml"),
        ("a b.xhtml", "a%20b.xhtml"),
        ("a%2520b.xhtml", "a b.xhtml"),
        ("a+b.xhtml", "a+b.xhtml"),
        ("a%23b.xhtml", "a#b.xhtml"),
        ("/e/c2.xhtml", "c2.xhtml"),
        ("./x/../c2.xhtml", "c2.xhtml"),
        ("../../e/c2.xhtml", "c2.xhtml"),
        ("text\\c2.xhtml", "text/c2.xhtml"),
        ("text/c2.xhtml", "text\\c2.xhtml"),
        ("c2.xhtml?v=1", "c2.xhtml"),
        ("Ê2.xhtml", "Ê2.xhtml".encode().decode("cp437")),
        ("é2.xhtml", "é2.xhtml".encode().decode("cp1252")),
    ],
)
def test_paths_that_differ_in_form_lead_to_the_file(tmp_path: Path, href: str, name: str) -> None:
    files = {"c1.xhtml": CHAPTERS["c1.xhtml"], name: CHAPTERS["c2.xhtml"], "c3.xhtml": CHAPTERS["c3.xhtml"]}
    opf = package(ITEMS.replace('"c2.xhtml"', f'"{href}"'))
    assert openings(write(tmp_path / "b.epub", opf, files)) == ALL
    toc = ' toc="ncx"'
    items = ITEMS.replace('"c2.xhtml"', f'"{href}"')
    items += '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
    files["toc.ncx"] = ncx({"c1.xhtml": "Dawn", href: "Noon", "c3.xhtml": "Dusk"})
    book = epub.read(write(tmp_path / "c.epub", package(items, toc=toc), files))
    assert titles(book) == ["Dawn", "Noon", "Dusk"]


def test_the_path_as_it_is_written_comes_first(tmp_path: Path) -> None:
    files = {"C1.xhtml": page(f"<p>Other. {LONG}</p>"), **CHAPTERS}
    assert openings(write(tmp_path / "b.epub", package(), files)) == ALL


@pytest.mark.parametrize(
    "full_path", ["/e/book.opf", "./e/book.opf", "e\\book.opf", "E/Book.OPF", "e%2Fbook.opf"]
)
def test_the_package_document_is_found(tmp_path: Path, full_path: str) -> None:
    container = CONTAINER.replace("e/book.opf", full_path)
    assert openings(write(tmp_path / "b.epub", package(), CHAPTERS, container)) == ALL


def test_a_folder_above_all_is_the_root(tmp_path: Path) -> None:
    items = ITEMS.replace('"c2.xhtml"', '"/e/c2.xhtml"')
    assert openings(write(tmp_path / "b.epub", package(items), CHAPTERS, top="The Book/")) == ALL


def test_a_container_written_with_backslashes_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.epub", "w") as archive:
        archive.writestr("META-INF\\container.xml", CONTAINER)
        archive.writestr("e\\book.opf", package())
        for name, text in CHAPTERS.items():
            archive.writestr(f"e\\{name}", text)
    assert openings(tmp_path / "b.epub") == ALL


def test_an_epub_without_a_container_is_read_by_its_package_document(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.epub", "w") as archive:
        archive.writestr("e/book.opf", package())
        for name, text in CHAPTERS.items():
            archive.writestr(f"e/{name}", text)
    assert openings(tmp_path / "b.epub") == ALL


@pytest.mark.parametrize(
    "label", ["Salt & Pepper", "Salt &amp; Pepper", "Salt &#38; Pepper", "Salt&nbsp;&amp; Pepper"]
)
def test_an_ampersand_in_a_title_is_one(tmp_path: Path, label: str) -> None:
    items = ITEMS + '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
    contents = ncx({name: label for name in CHAPTERS})
    path = write(tmp_path / "b.epub", package(items, toc=' toc="ncx"'), {**CHAPTERS, "toc.ncx": contents})
    assert titles(epub.read(path)) == ["Salt & Pepper"] * 3


def test_contents_that_cannot_be_read_leave_the_headings(tmp_path: Path) -> None:
    items = ITEMS + '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
    path = write(tmp_path / "b.epub", package(items, toc=' toc="ncx"'), {**CHAPTERS, "toc.ncx": "none"})
    assert titles(epub.read(path)) == ["Chapter 1", "Chapter 2", "Chapter 3"]


def unpacked(tmp_path: Path) -> Path:
    folder = tmp_path / "Book.epub"
    with zipfile.ZipFile(write(tmp_path / "b.epub", package(), CHAPTERS)) as archive:
        archive.extractall(folder)
    return folder


def test_an_unpacked_epub_is_read_and_nothing_outside_it(tmp_path: Path) -> None:
    folder = unpacked(tmp_path)
    assert openings(folder) == ALL
    (tmp_path / "secret.xhtml").write_text(page("<p>Secret words.</p>"))
    (folder / "e" / "c2.xhtml").unlink()
    (folder / "e" / "c2.xhtml").symlink_to(tmp_path / "secret.xhtml")
    assert openings(folder) == ["This is 1", "This is 3"]


def test_a_change_inside_an_unpacked_epub_is_a_change_of_the_book(tmp_path: Path) -> None:
    folder = unpacked(tmp_path)
    with Warehouse(tmp_path / "warehouse") as warehouse:
        first = ledger.checksums(warehouse, {"book": folder})
        assert ledger.checksums(warehouse, {"book": folder}) == first
        chapter = folder / "e" / "c2.xhtml"
        chapter.write_text(chapter.read_text().replace("This is", "That is"))
        os.utime(chapter, (2e9, 2e9))
        assert ledger.checksums(warehouse, {"book": folder}) != first


def test_a_folder_that_is_no_epub_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("words")
    with pytest.raises(BookscoreError, match="is a folder but no EPUB"):
        book_file.check(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(BookscoreError, match="is an empty folder"):
        book_file.check(tmp_path / "empty")


WHOLE = ["Chapter 1", "Chapter 2", "Chapter 3"]
CASES = {
    **{f"30-media-types/{n}.epub": WHOLE for n in ("octet", "one-of-three", "plain", "textxml", "xhtmlshort", "html+xml")},
    "31-spine-fallback/fallback.epub": WHOLE,
    **{f"37-paths/{n}.epub": WHOLE for n in ("abs-container", "backslash", "case", "cp437", "hash", "idref-dup", "plus")},
    "37-paths/missing.epub": ["Chapter 1", "Chapter 3"],
    "38-folder-epub/Book.epub": WHOLE,
    "56-ncx-ampersand/amp.epub": ["Salt & Pepper 1", "Salt & Pepper 2", "Salt & Pepper 3"],
    "57-id-spaces/ids.epub": WHOLE,
    "57-id-spaces/idref-is-href.epub": WHOLE,
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_reported_books_have_all_their_chapters(data_dir: Path, name: str) -> None:
    assert titles(book_file.read(data_dir.parent / "cases" / name)) == CASES[name]
