"""Files that are no book, are damaged, or were made to do harm."""

from __future__ import annotations

import struct
import tracemalloc
from pathlib import Path

import pytest
from book_files import CONTAINER, LONG, make_epub, make_small_epub, page, texts
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.book.formats import book_file, epub, plain_text
from bookscore.ingest.book.medium import sources


@pytest.fixture
def small_epub(tmp_path: Path) -> Path:
    return make_small_epub(tmp_path / "small.epub")


def encryption(algorithm: str, uri: str) -> dict[str, str]:
    data = f'<EncryptedData><EncryptionMethod Algorithm="{algorithm}"/><CipherReference URI="{uri}"/></EncryptedData>'
    return {"META-INF/encryption.xml": f"<encryption>{data}</encryption>"}


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        (encryption("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "e/a.xhtml"), "protected by DRM"),
        (
            {"META-INF/container.xml": CONTAINER.replace("e/book.opf", "../../book.opf")},
            "no package document inside it",
        ),
        (
            {"META-INF/container.xml": CONTAINER.replace("e/book.opf", "e/none.opf")},
            "lacks its e/none.opf",
        ),
        ({"META-INF/container.xml": "not xml"}, "is no XML"),
        ({"META-INF/container.xml": "<container/>"}, "names no package document"),
        ({"e/a.xhtml": page("<img src='a.png'/>")}, "no text to read"),
    ],
)
def test_an_epub_that_cannot_be_read_says_why_in_one_line(
    tmp_path: Path, extra: dict[str, str], says: str
) -> None:
    path = make_epub(tmp_path / "b.epub", {"a.xhtml": page("<p>Text.</p>")}, extra=extra)
    with pytest.raises(BookscoreError, match=says) as raised:
        epub.read(path)
    assert str(raised.value).startswith(f"{path}: ") and "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "extra",
    [encryption("http://www.idpf.org/2008/embedding", "e/font.otf"), {"META-INF/rights.xml": "<rights/>"}],
)
def test_obfuscated_fonts_and_a_statement_of_rights_are_no_drm(tmp_path: Path, extra: dict[str, str]) -> None:
    path = make_epub(tmp_path / "b.epub", {"a.xhtml": page("<p>Text.</p>")}, extra=extra)
    assert texts(epub.read(path)) == [["Text."]]


def test_a_file_that_would_unpack_too_big_is_refused(
    small_epub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(epub, "MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(BookscoreError, match="would unpack to"):
        sources(small_epub)


def test_a_zip_bomb_that_lies_of_its_size_is_not_unpacked(tmp_path: Path) -> None:
    n_bytes = 256 * 2**20 + 0x1234
    path = make_epub(tmp_path / "b.epub", {"a.xhtml": " " * n_bytes})
    size = struct.pack("<I", n_bytes)
    data = path.read_bytes()
    assert data.count(size) == 2  # in the file's own header and in the zip's directory
    path.write_bytes(data.replace(size, struct.pack("<I", 1000)))
    tracemalloc.start()
    with pytest.raises(BookscoreError, match="damaged"):
        epub.read(path)
    assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    tracemalloc.stop()


def test_more_text_than_a_book_has_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epub, "MAX_TEXT_BYTES", 1000)
    monkeypatch.setattr(plain_text, "MAX_TEXT_BYTES", 1000)
    (tmp_path / "b.html").write_text(page(LONG))
    for path in (make_epub(tmp_path / "b.epub", {"a.xhtml": page(LONG)}), tmp_path / "b.html"):
        with pytest.raises(BookscoreError, match="allowed"):
            book_file.read(path)


def test_an_external_entity_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret words")
    text = f'<!DOCTYPE html [<!ENTITY s SYSTEM "{secret.as_uri()}">]>' + page("<h1>One</h1><p>Here: &s;.</p>")
    for path in (make_epub(tmp_path / "b.epub", {"a.xhtml": text}), tmp_path / "b.html"):
        (tmp_path / "b.html").write_text(text)
        assert texts(book_file.read(path)) == [["Here: ."]]


def test_nested_entities_do_not_fill_the_memory(tmp_path: Path) -> None:
    entities = '<!ENTITY e0 "ha">' + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    text = f"<!DOCTYPE html [{entities}]>" + page("<h1>One</h1><p>Laugh: &e11;</p>")
    (tmp_path / "b.xhtml").write_text(text)
    for path in (make_epub(tmp_path / "b.epub", {"a.xhtml": text}), tmp_path / "b.xhtml"):
        assert len(texts(book_file.read(path))[0][0]) < 20


def test_deep_nesting_does_not_end_the_program(tmp_path: Path) -> None:
    deep = "<div>" * 20_000 + "<p>Down here.</p>"
    items = "<ol><li><a href='a.xhtml'>x</a>" * 20_000
    pages = {"a.xhtml": f"<html><body><p>Up here.</p>{deep}"}
    toc = f"<html><body><nav epub:type='toc'>{items}"
    book = epub.read(make_epub(tmp_path / "b.epub", pages, toc))
    assert texts(book)[0][0] == "Up here."


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("b.epub", b"PK\x03\x04 cut off", "damaged or no EPUB"),
        ("b.epub", b"words", "damaged or no EPUB"),
        ("b.txt", b"", "is empty"),
        ("b.html", b"", "is empty"),
        ("b.pdf", b"%PDF-1.7 words", "is a PDF"),
        ("b.rtf", b"{\\rtf1 words}", "is RTF"),
        ("b.mobi", bytes(range(256)) * 20, "is neither an EPUB nor a text file"),
    ],
)
def test_sources_refuses_what_is_no_book(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BookscoreError, match=says):
        sources(tmp_path / name)


def test_sources_refuses_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BookscoreError, match="no such file"):
        sources(tmp_path / "none.epub")


def read_or_refuse(path: Path) -> None:
    """Read a book, or be told in one line why not."""
    try:
        sources(path)
        chapters = texts(book_file.read(path))
        assert chapters and all(text.strip() for paragraphs in chapters for text in paragraphs)
    except BookscoreError as error:
        assert "\n" not in str(error) and str(error).startswith(str(path))


WILD = settings(max_examples=80, deadline=5000, suppress_health_check=[HealthCheck.function_scoped_fixture])


@WILD
@given(changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=20))
def test_a_damaged_epub_gives_a_book_or_a_clear_error(
    small_epub: Path, changes: list[tuple[int, int]]
) -> None:
    data = bytearray(small_epub.read_bytes())
    for place, value in changes:
        data[place % len(data)] = value
    damaged = small_epub.with_name("damaged.epub")
    damaged.write_bytes(data)
    read_or_refuse(damaged)


@WILD
@given(
    text=st.text(st.sampled_from("<>/&;=\"' aph1b#\n"), max_size=200),
    file=st.sampled_from(["e/a.xhtml", "e/nav.xhtml", "e/toc.ncx", "e/book.opf", "META-INF/container.xml"]),
)
def test_any_tag_soup_gives_a_book_or_a_clear_error(tmp_path: Path, text: str, file: str) -> None:
    pages = {"a.xhtml": page("<p>Text.</p>")}
    read_or_refuse(make_epub(tmp_path / "b.epub", pages, extra={file: f"<html><body>{text}"}))


@WILD
@given(data=st.binary(max_size=400), suffix=st.sampled_from(["epub", "txt", "html", "md", "fb2", "docx"]))
@example(b"\xff\xfe<\x00", "html")
@example(b"---\ntitle: x\n---\n", "md")
def test_any_bytes_give_a_book_or_a_clear_error(tmp_path: Path, data: bytes, suffix: str) -> None:
    path = tmp_path / f"b.{suffix}"
    path.write_bytes(data)
    read_or_refuse(path)


@WILD
@given(
    text=st.text(st.sampled_from("#*_`[]()!<>&-=|:^ \n\t1aA\\"), max_size=200),
    suffix=st.sampled_from(["md", "txt"]),
)
def test_any_marks_give_a_book_or_a_clear_error(tmp_path: Path, text: str, suffix: str) -> None:
    path = tmp_path / f"b.{suffix}"
    path.write_text(text)
    read_or_refuse(path)
