"""Formats told by their content: FictionBook and DOCX read, all others refused by name."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest
from book_files import LONG, make_small_epub, markup, texts, titles

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.book.formats import book_file, docx
from bookscore.ingest.book.medium import sources

FB2 = f"""<?xml version="1.0" encoding="windows-1251"?>
<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" xmlns:l="http://www.w3.org/1999/xlink">
<description><title-info><genre>prose</genre><author><first-name>Анна</first-name><last-name>К.</last-name></author>
<book-title>Дом</book-title><lang>ru</lang></title-info></description>
<body><title><p>Дом</p></title>
<section><title><p>PART ONE</p></title>
<section><title><p>Chapter 1</p><p>The Door</p></title><epigraph><p>A motto.</p></epigraph>
<p>He <emphasis>came</emphasis> <strong>in</strong><a l:href="#n1" type="note">[1]</a> at last.</p><p>{LONG}</p>
<poem><stanza><v>Tyger tyger,</v><v>burning</v></stanza></poem></section>
<section><title><p>Chapter 2</p></title><p>{LONG}</p><empty-line/><subtitle>* * *</subtitle><image l:href="#c.jpg"/></section>
</section></body>
<body name="notes"><title><p>Notes</p></title><section id="n1"><title><p>1</p></title><p>By the back door.</p></section></body>
<binary id="c.jpg" content-type="image/jpeg">QUJD</binary></FictionBook>"""

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def paragraph(text: str, style: str = "", properties: str = "") -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def make_docx(path: Path, body: str, **parts: str) -> Path:
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/></w:style>'
        for key, name in {"H1": "heading 1", "Ueberschrift2": "heading 2", "T": "Title"}.items()
    )
    files = {
        "[Content_Types].xml": TYPES,
        "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": f'<w:styles {W}><w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val="en-GB"/></w:rPr></w:rPrDefault></w:docDefaults>{styles}</w:styles>',
        "word/footnotes.xml": f'<w:footnotes {W}><w:footnote w:id="2">{paragraph("By the back door.")}</w:footnote></w:footnotes>',
        **parts,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.mark.parametrize("name", ["b.fb2", "b.txt", "b.fb2.zip"])
def test_fictionbook_is_read_with_its_chapters_and_without_its_notes(tmp_path: Path, name: str) -> None:
    data = FB2.encode("cp1251")
    if name.endswith(".zip"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("book.fb2", data)
        data = packed.getvalue()
    (tmp_path / name).write_bytes(data)
    sources(tmp_path / name)
    book = book_file.read(tmp_path / name)
    assert (book.title, book.author, book.language) == ("Дом", "Анна К.", "ru")
    assert titles(book) == ["PART ONE / Chapter 1: The Door", "PART ONE / Chapter 2"]
    verse = "Tyger tyger,<br/>burning"
    assert markup(book) == [["He <em>came</em> <strong>in</strong> at last.", LONG, verse], [LONG]]


def test_fictionbook_that_is_not_well_formed_is_whole_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "b.fb2"
    path.write_bytes(FB2.replace("A motto.", "Tom & Ann <br>").encode("cp1251"))
    assert len(book_file.read(path).chapters) == 2
    path.write_bytes(
        FB2.encode("cp1251").replace(b"<title><p>Chapter 2", b"\0\0<title><p>Chapter 2" + b"\0" * 9)
    )
    try:
        assert len(book_file.read(path).chapters) == 2
    except BookscoreError as error:
        assert "is damaged" in str(error)


def test_fictionbook_with_undeclared_prefixes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "b.fb2"
    path.write_bytes(FB2.replace("<emphasis>came</emphasis>", "<p:em>came</p:em>").encode("cp1251"))
    assert texts(book_file.read(path))[0][0] == "He came in at last."


def test_docx_is_read_by_its_headings_without_its_notes(tmp_path: Path) -> None:
    note = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    first = paragraph("He came in.").replace("</w:p>", f"{note}<w:r><w:t> At last.</w:t></w:r></w:p>")
    body = (
        paragraph("The House", "T")
        + paragraph("Part One", "H1")
        + paragraph("Arrival", "Ueberschrift2")
        + first
        + paragraph("It was late.", properties="<w:i/>")
        + paragraph("Return", "Ueberschrift2")
        + paragraph(LONG)
    )
    path = make_docx(tmp_path / "b.docx", body)
    sources(path)
    book = book_file.read(path)
    assert (book.title, book.language) == ("The House", "en-GB")
    assert titles(book) == ["Part One / Arrival", "Part One / Return"]
    assert markup(book) == [["He came in. At last.", "<em>It was late.</em>"], [LONG]]
    assert [(left.n_words, left.reason) for left in book.left_out] == [(4, "notes")]


def test_docx_whose_note_is_gone_is_read(tmp_path: Path) -> None:
    reference = '<w:r><w:footnoteReference w:id="9"/></w:r>'
    path = make_docx(tmp_path / "b.docx", paragraph(LONG).replace("</w:p>", f"{reference}</w:p>"))
    assert (texts(book_file.read(path)), book_file.read(path).left_out) == ([[LONG]], [])


def test_docx_without_styles_has_the_chapters_it_shows(tmp_path: Path) -> None:
    body = "".join(paragraph(f"Chapter {n}", properties="<w:b/>") + paragraph(LONG) for n in (1, 2, 3))
    core = '<c xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A Tale</dc:title><dc:creator>A. W.</dc:creator></c>'
    book = book_file.read(make_docx(tmp_path / "b.doc", body, **{"docProps/core.xml": core}))
    assert (book.title, book.author) == ("A Tale", "A. W.")
    assert titles(book) == ["Chapter 1", "Chapter 2", "Chapter 3"]
    assert texts(book) == [[LONG]] * 3


def test_a_docx_that_is_damaged_or_too_big_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_docx(tmp_path / "b.docx", "", **{"word/document.xml": "<w:document>"})
    with pytest.raises(BookscoreError, match="is a damaged DOCX"):
        sources(path)
    path = make_docx(tmp_path / "c.docx", paragraph(LONG))
    monkeypatch.setattr(docx, "MAX_XML_BYTES", 1000)
    with pytest.raises(BookscoreError, match="unpacks to more than"):
        sources(path)


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


TEI = '<?xml version="1.0"?>\n<!-- x -->\n<!DOCTYPE TEI SYSTEM "tei.dtd">\n<TEI xmlns="http://www.tei-c.org/ns/1.0"><text><p>It rained.</p></text></TEI>'
REFUSED = {
    "tei": (TEI.encode(), "is TEI", "TEI stylesheets"),
    "utf-16 tei": (TEI.encode("utf-16"), "is TEI", "TEI stylesheets"),
    "docbook": (b"<?xml version='1.0'?><book><para>It rained.</para></book>", r"is XML \(book\)", "convert it"),
    "opf": (b"<?xml version='1.0'?><package xmlns='http://www.idpf.org/2007/opf'/>", "package", "give the EPUB"),
    "latex": (b"% a novel\n\\documentclass{book}\n\\begin{document}\nIt rained.", "is LaTeX", "Pandoc"),
    "json": (json.dumps({"title": "A", "text": [LONG]}).encode(), "is JSON", "export"),
    "long json": (json.dumps([{"text": LONG * 100}]).encode(), "is JSON", "export"),
    "json lines": (b'{"a": "It rained."}\n{"a": "It cleared."}\n', "is JSON", "export"),
    "mhtml": (
        b"From: <Saved>\r\nSubject: A\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n<html>",
        "MHTML", "save the page",
    ),
    "rtf": (b"{\\rtf1 It rained.}", "is RTF", "DOCX or EPUB"),
    "srt": (b"1\n00:00:01,000 --> 00:00:02,000\nHello there.\n", "subtitles", "--subtitles"),
    "vtt": (b"\xef\xbb\xbfWEBVTT\n\n00:01.000 --> 00:02.000\nHello.", "subtitles", "--subtitles"),
    "ass": (b"[Script Info]\nTitle: x\n", "subtitles", "--subtitles"),
    "ttml": (b"<?xml version='1.0'?><tt xmlns='http://www.w3.org/ns/ttml'/>", "subtitles", "--subtitles"),
    "mobi": (b"A_Tale".ljust(60, b"\0") + b"BOOKMOBI" + bytes(99), "Kindle", "Calibre"),
    "pdf": (b"%PDF-1.7 words", "is a PDF", "Calibre"),
    "doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "DOC", "DOCX or EPUB"),
    "odt": (zipped({"mimetype": b"application/vnd.oasis.opendocument.text"}), "OpenDocument", "DOCX or EPUB"),
    "zip": (zipped({"book.txt": b"It rained."}), "a zip archive", "unpack it"),
    "cbz": (zipped({"1.jpg": b"x", "2.jpg": b"x"}), "pictures", "give an EPUB"),
    "gz": (gzip.compress(b"It rained."), "gzip", "unpack it"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(99), "a picture", "give an EPUB"),
    "mp4": (b"\0\0\0\x18ftypmp42" + bytes(99), "sound or film", "give an EPUB"),
    "binary": (bytes(range(256)) * 20, "is neither an EPUB nor a text file", "convert it"),
}  # fmt: skip


@pytest.mark.parametrize("suffix", ["txt", "html", "bin"])
@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_not_read_is_refused_by_its_name_whatever_the_file_is_called(
    tmp_path: Path, kind: str, suffix: str
) -> None:
    content, name, way_out = REFUSED[kind]
    path = tmp_path / f"b.{suffix}"
    path.write_bytes(content)
    with pytest.raises(BookscoreError, match=f"(?s){name}.*{way_out}") as caught:
        sources(path)
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "[Illustration]\n\nIt rained.",
        "{He} rained.",
        "From: Ann\nTo: Tom\nDear Tom, it rained.",
        "1\n\nAt 00:00:01 it rained.",
        "PK was here. It rained.",
        '"title": it rained.',
    ],
)
def test_text_that_begins_strangely_is_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "b.txt"
    path.write_text(text)
    sources(path)
    assert "rained." in texts(book_file.read(path))[0][-1]


def test_an_epub_is_known_whatever_it_is_called(tmp_path: Path) -> None:
    path = make_small_epub(tmp_path / "b.zip")
    assert len(book_file.read(path).chapters) == 3


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("book.docx", "DOCX"), ("book.json", "JSON"), ("book.mobi", "Kindle"), ("book.tex", "LaTeX"),
        ("book.txt.gz", "gzip"), ("book.txt.zip", "zip archive"), ("film.srt", "subtitles"),
    ],
)  # fmt: skip
def test_the_cases_are_refused_by_name(data_dir: Path, name: str, says: str) -> None:
    with pytest.raises(BookscoreError, match=says):
        sources(data_dir.parent / "cases" / "55-other-formats" / name)


def test_the_case_of_fictionbook_has_its_chapters(data_dir: Path) -> None:
    book = book_file.read(data_dir.parent / "cases" / "55-other-formats" / "book.fb2")
    assert (book.title, book.author, titles(book)) == (
        "A Tale",
        "A Author",
        ["Chapter 1", "Chapter 2", "Chapter 3"],
    )
