"""Archives, DOCX, FictionBook, HTML, Markdown and contents made to fill memory or time: one line, or the book, within both."""

from __future__ import annotations

import struct
import time
import zipfile
import zlib
from pathlib import Path

import pytest
import styled_epub
from book_files import LONG, make_epub, ncx, page
from memory import LIMIT_MIB, reading

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.book.chapters.headings import heading
from bookscore.ingest.book.formats import archive, book_file, bounds, contents, epub, fb2, publication
from bookscore.ingest.book.formats.recognised import form_of
from bookscore.ingest.book.medium import tables
from bookscore.ingest.book.prose import Book, Chapter, Paragraph

MIB = 2**20
PAGES = {"a.xhtml": page(f"<h1>One</h1><p>{LONG}</p>"), "b.xhtml": page(f"<h1>Two</h1><p>{LONG}</p>")}


def shrink(path: Path, name: str, data: bytes) -> None:
    """Let an archive say that one of its files is `data`, which it only begins with."""
    made = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as opened:
        local = opened.getinfo(name).header_offset
    entry = made.rindex(name.encode(), 0, made.rindex(b"PK\5\6")) - 46
    for at in (local + 14, entry + 16):
        made[at : at + 4] = struct.pack("<I", zlib.crc32(data))
        made[at + 8 : at + 12] = struct.pack("<I", len(data))
    path.write_bytes(made)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_member_that_unpacks_to_more_than_it_says_does_not_fill_the_memory(
    tmp_path: Path, method: int
) -> None:
    path = make_epub(tmp_path / "b.epub", PAGES)
    with zipfile.ZipFile(path, "a") as made:
        made.writestr(zipfile.ZipInfo("e/x.xhtml"), b"\0" * (200 * MIB), method)
    shrink(path, "e/x.xhtml", b"\0" * 20)
    with zipfile.ZipFile(path) as opened:
        assert archive.member(opened, "e/x.xhtml", 30) == b"\0" * 20
    found = reading(path)
    assert found.refused is None and found.peak_mib < LIMIT_MIB / 5


def test_a_directory_of_a_million_files_is_not_read(tmp_path: Path) -> None:
    path = make_epub(tmp_path / "b.epub", PAGES)
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\5\6")
    data[at + 12 : at + 16] = struct.pack("<I", 90 * MIB)
    path.write_bytes(data)
    with pytest.raises(bounds.Excess, match="more files"):
        archive.opened(path)
    with pytest.raises(
        BookscoreError, match=r"b\.epub: is no book's file \(it lists more files than the 8 MB"
    ):
        book_file.read(path)


def test_more_documents_or_files_than_a_book_has_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_epub(tmp_path / "b.epub", PAGES)
    assert len(book_file.read(path).chapters) == 2
    for name, says in {
        "_MOST_DOCUMENTS": "3 documents in its reading order",
        "_MOST_FILES": "5 files",
    }.items():
        with (
            monkeypatch.context() as patch,
            pytest.raises(BookscoreError, match=rf"b\.epub: lists {says}, more than the 2"),
        ):
            patch.setattr(epub, name, 2)
            book_file.read(path)


def test_the_name_of_a_file_does_not_break_the_line(tmp_path: Path) -> None:
    opf = '<package><manifest><item id="a" href="a&#10;&#x202e;b.xhtml" media-type="text/html"/></manifest><spine><itemref idref="a"/></spine></package>'
    path = make_epub(tmp_path / "b.epub", {}, extra={"e/book.opf": opf, "e/a\n\u202eb.xhtml": ""})
    with pytest.raises(BookscoreError) as raised:
        epub.Epub(path).unpack("e/a\n\u202eb.xhtml c", 10)
    assert str(raised.value) == f"{path}: lacks its e/a b.xhtml c; get the file again"


# --- Contents ---


def told(path: Path) -> tuple[list[str], dict[str, str]]:
    book = book_file.read(path)
    return [chapter.title for chapter in book.chapters], {
        left.place: left.reason for left in book.left_out if not left.n_words
    }


def test_contents_over_the_bounds_are_told_and_headings_divide_the_book(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = {f"a.xhtml#{n}": f"Entry {n}" for n in range(30)}
    path = make_epub(tmp_path / "b.epub", PAGES, ncx=ncx(points))
    monkeypatch.setattr(contents, "_MOST_ENTRIES", 29)
    titles, reasons = told(path)
    assert titles == ["One", "Two"]
    assert reasons["e/toc.ncx"].startswith(
        "the table of contents cannot be used: it has more than 29 entries"
    )


@pytest.mark.parametrize("form", ["nav", "ncx", "tags"])
def test_contents_too_deep_or_too_large_are_told(tmp_path: Path, form: str) -> None:
    opened = {
        "nav": ("nav", page('<nav epub:type="toc">' + '<ol><li><a href="a.xhtml">x</a>' * 600 + "</li></ol>" * 600 + "</nav>")),
        "ncx": ("ncx", "<ncx><navMap>" + '<navPoint><content src="a.xhtml"/>' * 1500 + "</navPoint>" * 1500 + "</navMap></ncx>"),
        "tags": ("nav", page('<nav epub:type="toc">' + "<i/>" * 1_000_001 + "</nav>")),
    }[form]  # fmt: skip
    path = make_epub(tmp_path / "b.epub", PAGES, **{opened[0]: opened[1]})  # type: ignore[arg-type]
    titles, reasons = told(path)
    place = {"nav": "e/nav.xhtml", "ncx": "e/toc.ncx"}[opened[0]]
    assert titles == ["One", "Two"] and "\n" not in reasons[place]
    why = "makes 1,000,0" if form == "tags" else "inside each other"
    assert "table of contents cannot be used" in reasons[place] and why in reasons[place]


def test_a_contents_document_over_the_bounds_costs_no_other_document(tmp_path: Path) -> None:
    watched = bounds.Markup()
    with pytest.raises(bounds.Excess):
        watched.check(b"<i/>" * 1_000_001)
    assert watched.check(b"<p>a</p>") == b"<p>a</p>"


# --- Elements that nest ---

NESTED = {
    "labels": '<span aria-label="x">', "links": '<a href="#x">', "initials": '<span class="initial">', "groups": "<hgroup>",
}  # fmt: skip


@pytest.mark.parametrize("kind", NESTED)
def test_elements_that_nest_are_not_read_again_for_each_other(tmp_path: Path, kind: str) -> None:
    name = NESTED[kind][1:].partition(" ")[0].rstrip(">")
    body = f"<div>{NESTED[kind] * 1500}{'<i/>' * 20_000}The sea was calm.{f'</{name}>' * 1500}</div><p>{LONG}</p>"
    text = epub.read(make_epub(tmp_path / "b.epub", {"a.xhtml": page(body)})).chapters[0].paragraphs
    assert text[-1].text == LONG


def test_an_initial_and_a_note_in_many_pieces_are_still_told(tmp_path: Path) -> None:
    body = f'<p><span class="dropcap"><b> <i>T</i>\n</b></span>he sea<a href="#n"><sup><b>1</b>2</sup></a> rose.</p><p>{LONG}</p>'
    (chapter,) = epub.read(make_epub(tmp_path / "b.epub", {"a.xhtml": page(body)})).chapters
    assert chapter.paragraphs[0].text == "The sea rose."


# --- Other formats ---


def docx(path: Path, body: str, method: int = zipfile.ZIP_DEFLATED, **parts: str | bytes) -> Path:
    name = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    with zipfile.ZipFile(path, "w", method) as made:
        made.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        )
        made.writestr(
            "word/document.xml",
            f"{parts.pop('head', '')}<w:document {name}><w:body>{body}</w:body></w:document>",
        )
        for part, text in parts.items():
            made.writestr(part, text)
    return path


WORDS = f"<w:p><w:r><w:t>{LONG}</w:t></w:r></w:p>"


@pytest.mark.parametrize("part", ["word/styles.xml", "docProps/core.xml"])
def test_a_part_of_docx_larger_than_it_says_does_not_fill_the_memory(tmp_path: Path, part: str) -> None:
    path = docx(tmp_path / "b.docx", WORDS, **{part: b"<a/>" + b" " * (300 * MIB)})
    shrink(path, part, b"<a/>")
    found = reading(path)
    assert found.refused is None and found.peak_mib < LIMIT_MIB / 5


def test_docx_with_entities_or_too_many_tags_is_refused(tmp_path: Path) -> None:
    entities = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'
    with pytest.raises(BookscoreError, match=r"b\.docx: is a damaged DOCX \(it declares a document type\)"):
        book_file.read(docx(tmp_path / "b.docx", "<w:p>&a;</w:p>", head=entities))
    with pytest.raises(BookscoreError, match=r"c\.docx: has more than the 300,000 tags"):
        book_file.read(docx(tmp_path / "c.docx", "<w:p/>" * 300_001))
    with pytest.raises(BookscoreError, match=r"d\.docx: unpacks to more than the 16 MB"):
        book_file.read(
            docx(tmp_path / "d.docx", WORDS, **{"word/x.xml": " " * 9 * MIB, "word/y.xml": " " * 9 * MIB})
        )
    unused = {"customXml/item1.xml": " " * 20 * MIB}
    assert book_file.read(docx(tmp_path / "e.docx", WORDS, **unused)).chapters[0].paragraphs[0].text == LONG


FICTION = '<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0"><body><section><title><p>One</p></title>{}</section></body>{}</FictionBook>'
FILES = {
    "a.fb2": (FICTION.format("<p/>" * 1_000_001, ""), "1,000,00"),
    "a.html": ("<html><body>" + "<p>a b</p>" * 600_000, "1,200,00"),
    "a.md": ("a b\n\n" * 250_000, "500,000 lines"),
    "b.md": ("*a* " * 160_000, "320,000 signs of Markdown"),
    "a.txt": ("a b\n\n" * 300_000, "600,001 lines"),
}


@pytest.mark.parametrize("name", FILES)
def test_more_markup_or_lines_than_a_book_has_are_refused(tmp_path: Path, name: str) -> None:
    text, says = FILES[name]
    (tmp_path / name).write_text(text)
    found = reading(tmp_path / name)
    assert (
        found.refused is not None
        and says in found.refused
        and found.refused.startswith(f"{tmp_path / name}: ")
    )
    assert found.peak_mib < LIMIT_MIB / 2


def test_pictures_inside_fictionbook_do_not_count(tmp_path: Path) -> None:
    binary = '<binary id="c.jpg" content-type="image/jpeg">' + "QUJD" * (9 * MIB) + "</binary>"
    (tmp_path / "a.fb2").write_text(FICTION.format(f"<p>{LONG}</p>", binary))
    assert book_file.read(tmp_path / "a.fb2").chapters[0].paragraphs[0].text == LONG


def test_a_fictionbook_pressed_by_a_factor_of_thousands_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "a.fb2.zip", "w", zipfile.ZIP_BZIP2) as made:
        made.writestr("a.fb2", FICTION.format(" " * (3 * MIB), ""))
    monkeypatch.setattr(fb2, "MAX_TEXT_BYTES", 2 * MIB)
    with pytest.raises(
        BookscoreError, match=r"a\.fb2\.zip: is no book's file \(it unpacks to more than the 2 MB"
    ):
        book_file.read(tmp_path / "a.fb2.zip")


def test_a_document_type_without_end_takes_no_time(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("<!doctype " + "[]" * 5000)
    assert form_of(tmp_path / "a.txt") == "text"


def test_a_style_sheet_with_an_endless_number_is_left_out_and_told(tmp_path: Path) -> None:
    path = styled_epub.make(tmp_path / "b.epub", {"css/more.css": f"p {{ width: {'9' * 5000}px }}"})
    assert publication.read(path).unused == {"OEBPS/css/more.css": "has a number too long to be read"}


@pytest.mark.parametrize(
    ("line", "number"), [("Chapter fıve", 5), ("CHAPTER İV", 4), ("Chapter ıı", 2), ("chapter ſix", 6)]
)
def test_letters_that_match_i_and_s_in_any_case_make_the_same_numbers(line: str, number: int) -> None:
    found = heading(line)
    assert found is not None and (found.kind, found.number) == ("chapter", number)


@pytest.mark.parametrize(
    "reference", ["&#xD800;", "&#xDFFF;", "&#x110000;", "&#0;", "&#xFFFF;", f"&#{'9' * 5000};"]
)
def test_references_to_no_character_are_left_out(tmp_path: Path, reference: str) -> None:
    pages = {"a.xhtml": page(f"<h1>One</h1><p>The sea{reference} rose.<x></p>")}
    extra = {"e/book.opf": OPF.format(reference)}
    book = book_file.read(make_epub(tmp_path / "b.epub", pages, extra=extra))
    assert (book.title, book.chapters[0].paragraphs[0].text) == ("The Sea", "The sea rose.")
    (tmp_path / "a.fb2").write_text(FICTION.format(f"<p>The sea{reference} rose.</p><p>{LONG}</p>", ""))
    assert book_file.read(tmp_path / "a.fb2").chapters[0].paragraphs[0].text == "The sea rose."


OPF = """<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>The {}Sea</dc:title></metadata><manifest>
<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine><x></package>"""


def test_a_paragraph_of_many_quotes_takes_linear_time() -> None:
    text = "\u201cCome in,\u201d she said. He came. " * 20_000
    began_s = time.process_time()
    sentences = tables(
        "b", Path("b.txt"), Book("B", None, "en", [Chapter("1", [Paragraph(text.strip(), "x")])])
    )["sentence"]
    assert sentences["is_dialogue"].to_list() == [True, False] * 20_000
    assert time.process_time() - began_s < 20
