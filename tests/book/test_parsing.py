"""Documents are parsed to their end, whatever their depth, length and faults; in the encoding that most of them is in."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from book_files import LONG, link, make_epub, nav, page, texts, titles

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.book.formats import book_file, epub
from bookscore.ingest.book.formats.parsing import NotWhole, parse_document, parse_xml
from bookscore.ingest.book.prose import Book


def both(tmp_path: Path, text: str) -> list[Book]:
    """The text as an EPUB's only document, and as an HTML file."""
    (tmp_path / "b.html").write_text(text)
    path = make_epub(tmp_path / "b.epub", {"a.xhtml": text})
    return [epub.read(path), book_file.read(tmp_path / "b.html")]


@pytest.mark.parametrize(("n", "depth"), [(300, 1), (900, 1), (900, 6)])
@pytest.mark.parametrize("close", ["", "</div>"])
def test_chapters_in_nested_elements_are_all_there(tmp_path: Path, n: int, depth: int, close: str) -> None:
    """Elements that are never closed, and elements that really nest: past the parser's own bound too."""
    body = "".join(f"{'<div>' * depth}<h2>Chapter {i}</h2><p>Text {i}.</p>" for i in range(1, n + 1))
    for book in both(tmp_path, page(body + close * n * depth)):
        assert titles(book) == [f"Chapter {i}" for i in range(1, n + 1)]
        assert texts(book)[-1] == [f"Text {n}."]


@pytest.mark.parametrize("unclosed", ["", "<br>"])
def test_an_image_of_many_megabytes_in_the_text_cuts_nothing(tmp_path: Path, unclosed: str) -> None:
    """In XHTML that is well-formed, and in one that is read by HTML's rules."""
    image = f'<img src="data:image/png;base64,{"A" * 12_000_000}"/>{unclosed}'
    text = page(f"<h1>Chapter 1</h1><p>One.</p>{image}<h1>Chapter 2</h1><p>Two.</p>")
    assert [texts(book) for book in both(tmp_path, text)] == [[["One."], ["Two."]]] * 2


def test_a_text_of_many_megabytes_is_whole(tmp_path: Path) -> None:
    text = "word " * 2_500_000
    root = parse_document(f"<html><body><p>{text}</p><p>End.</p></body></html>".encode())
    assert root is not None and [len(p.text) for p in root.iter("{*}p")] == [len(text), 4]


def test_what_nests_too_deeply_even_so_is_refused_and_told(tmp_path: Path) -> None:
    deep = page(f"<p>Up.</p>{'<ul><li>' * 3000}<p>Down.</p>")
    with pytest.raises(NotWhole, match="only in part"):
        parse_document(deep.encode())
    with pytest.raises(NotWhole, match="only in part"):
        parse_xml(b"<a>" * 3000)
    (tmp_path / "b.html").write_text(deep)
    with pytest.raises(BookscoreError, match=r"b\.html: can be read only in part"):
        book_file.read(tmp_path / "b.html")
    pages = {"a.xhtml": page(f"<h1>One</h1><p>{LONG}</p>"), "b.xhtml": deep}
    book = epub.read(make_epub(tmp_path / "b.epub", pages, nav(link("a.xhtml", "One"))))
    assert texts(book) == [[LONG]]
    assert [row.reason for row in book.left_out if row.place == "e/b.xhtml"] == [
        "can be read only in part (Excessive depth in document: 2048)"
    ]
    with pytest.raises(BookscoreError, match=r"e/b\.xhtml can be read only in part"):
        epub.read(make_epub(tmp_path / "c.epub", {"b.xhtml": deep}))


@pytest.mark.parametrize(
    "fault",
    [
        "<title/>", "<title>", "<title>x", '<script src="a.js"/>', "<style/>", "<!-- never closed", '<a id="x"/>', "<b/>",
        "<textarea/>", "&", "&nbsp;", "&unknown;", "&#0;", "\x01", "\x0c", "< 3", "<o:p></o:p>", "]]>",
    ],
)  # fmt: skip
def test_a_fault_hides_nothing_that_follows(tmp_path: Path, fault: str) -> None:
    """Each in XHTML that is also not well-formed elsewhere, so that it is read by HTML's rules."""
    chapters = "<h1>Chapter 1</h1><p>One.</p><h1>Chapter 2</h1><p>Two.<br></p>"
    text = page(chapters).replace("<body", f"{fault}<body" if "<title" in fault else "<body", 1)
    if "<title" not in fault:
        text = text.replace("<h1>Chapter 2", f"{fault}<h1>Chapter 2")
    text = text.replace("<title>x</title>", "") if "<title" in fault else text
    for book in both(tmp_path, text):
        assert titles(book) == ["Chapter 1", "Chapter 2"]
        assert [chapter[0] for chapter in texts(book)] == ["One.", "Two."]


def test_faulty_references_keep_the_words_around_them(tmp_path: Path) -> None:
    body = "<h1>One</h1><p>Tom & Ann &amp; R&D&nbsp;&mdash;&hellip; &nosuch; AT&T;</p>"
    for book in both(tmp_path, page(body)):
        assert texts(book) == [["Tom & Ann & R&D —… &nosuch; AT&T;"]]


def test_many_faults_take_no_quadratic_time() -> None:
    start = time.monotonic()
    for piece in ("<title ", "<a ", "&", "<!--", "<div/", "&x"):
        parse_document(f"<html><body>{piece * 50_000}".encode())
    assert time.monotonic() - start < 20


CURLY = "“Café,” she said — “it’s naïve…”"


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("cp1252", "utf-8"),
        ("utf-8", "iso-8859-1"),
        ("utf-16-le", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-8", "bogus"),
    ],
)
def test_a_document_is_in_the_encoding_that_its_bytes_are_in(
    tmp_path: Path, encoding: str, declared: str
) -> None:
    text = f'<?xml version="1.0" encoding="{declared}"?>' + page(f"<h1>One</h1><p>{CURLY}</p>")
    html = f'<html><head><meta charset="{declared}"></head><body><h1>One</h1><p>{CURLY}<br></body></html>'
    for source in (text, html):
        (tmp_path / "b.html").write_bytes(source.encode(encoding))
        pages = {"a.xhtml": source.encode(encoding)}
        path = make_epub(tmp_path / "b.epub", pages, nav(link("a.xhtml", "One")))  # type: ignore[arg-type]
        for book in (epub.read(path), book_file.read(tmp_path / "b.html")):
            assert texts(book) == [[CURLY]]
            assert not [row for row in book.left_out if "not valid" in row.reason]


@pytest.mark.parametrize("suffix", ["txt", "md", "html", "epub"])
def test_one_odd_byte_is_told_and_leaves_the_quotes(tmp_path: Path, suffix: str) -> None:
    story = (
        f"<h1>One</h1><p>{CURLY} It|s late.</p>"
        if suffix in ("html", "epub")
        else f"# One\n\n{CURLY} It|s late.\n"
    )
    data = (page(story) if suffix in ("html", "epub") else story).encode().replace(b"|", b"\x92")
    path = tmp_path / f"b.{suffix}"
    if suffix == "epub":
        make_epub(path, {"a.xhtml": data}, nav(link("a.xhtml", "One")))  # type: ignore[dict-item]
    else:
        path.write_bytes(data)
    book = book_file.read(path)
    assert texts(book)[0][-1] == f"{CURLY} It’s late."
    told = [(row.place, row.reason) for row in book.left_out if "valid" in row.reason]
    place = "e/a.xhtml" if suffix == "epub" else path.name
    assert told == [(place, "1 place is not valid utf-8: read as Windows-1252 or replaced")]


CASES = {
    "51-text-encodings/cp1252.txt": 48, "51-text-encodings/mac_roman.txt": 48, "51-text-encodings/one-bad-byte.txt": 48,
    "51-text-encodings/trunc.txt": 48, "51-text-encodings/utf-16-le.txt": 48, "51-text-encodings/utf-8-sig.txt": 48,
    "52-few-latin1/utf8-one-latin1.txt": 144, "36-encodings/cp1252-says-utf8.epub": 2,
    "36-encodings/one-bad-byte.epub": 4, "36-encodings/utf16.epub": 2,
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_reported_books_have_their_quotation_marks(data_dir: Path, name: str) -> None:
    text = "\n".join(
        text for chapter in texts(book_file.read(data_dir.parent / "cases" / name)) for text in chapter
    )
    assert (text.count("“"), text.count("”")) == (CASES[name], CASES[name])


@pytest.mark.parametrize("name", ["latin1-1", "latin1-1-cp1252quote", "latin1-2", "latin1-4", "pound"])
def test_few_letters_of_latin_1_make_no_chinese(data_dir: Path, name: str) -> None:
    path = data_dir.parent / "cases" / "52-few-latin1" / f"{name}.txt"
    text = "\n".join(text for chapter in texts(book_file.read(path)) for text in chapter)
    assert {c for c in text if c > "\x7f"} <= set("é’ïë£")
    assert "fiancé" in text or "£200" in text
