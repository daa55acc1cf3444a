"""The EPUB of a tiny woven title: judged by epubcheck, read again, and listened to."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path

import heard
import numpy as np
import pytest
import styled_epub
import woven_fixture as woven_title
from epub_check import faults
from lxml import etree
from PIL import Image

from bookscore.engine.errors import BookscoreError
from bookscore.ingest.book.formats.epub import Epub
from bookscore.queries import epub
from bookscore.queries.epub import documents, source

XHTML = "{http://www.w3.org/1999/xhtml}"
TYPE = "{http://www.idpf.org/2007/ops}type"
DC = "{http://purl.org/dc/elements/1.1/}"


@pytest.fixture
def warehouse(tmp_path: Path):
    return woven_title.make(tmp_path)


def _pages(archive: zipfile.ZipFile) -> list[etree._Element]:
    return [etree.fromstring(archive.read(n)) for n in archive.namelist() if n.startswith("EPUB/text/")]


def test_epubcheck_finds_no_fault_in_an_epub_made_of_an_epub(warehouse, tmp_path):
    styled_epub.ingest(warehouse, styled_epub.make(tmp_path / "source.epub"))
    assert epub.write(warehouse, woven_title.NAME, tmp_path / "out.epub") is None
    assert faults(tmp_path / "out.epub") == []


def test_epubcheck_finds_no_fault_in_an_epub_made_of_text(warehouse, tmp_path):
    warehouse.execute("UPDATE book SET path = '/books/lamp.txt', language = 'Englisch!', author = NULL")
    warehouse.execute(
        "UPDATE paragraph SET markup = 'bell ' || chr(7) || ' &nbsp; ring<br>' WHERE paragraph_no = 1"
    )
    assert epub.write(warehouse, woven_title.NAME, tmp_path / "out.epub", codec="opus") is None
    assert faults(tmp_path / "out.epub") == []


def test_every_segment_is_a_page_that_names_its_music(warehouse, tmp_path):
    epub.write(warehouse, woven_title.NAME, tmp_path / "out.epub")
    with zipfile.ZipFile(tmp_path / "out.epub") as archive:
        pages, names = _pages(archive), archive.namelist()
    assert names[0] == "mimetype"
    assert sorted(n for n in names if "audio/" in n) == [
        f"EPUB/audio/{n}.m4a" for n in ("01-01", "01-02", "02-01")
    ]
    text = warehouse.execute("SELECT chapter_no, paragraph_no, text FROM paragraph ORDER BY ALL").fetchall()
    found = []
    for page, (piece, _) in zip(pages, woven_title.WOVEN.values(), strict=True):
        [music] = page.iter(f"{XHTML}audio")
        assert music.get(TYPE) == "ibooks:soundtrack"
        assert music.get("src") == f"../audio/{piece[0]:02}-{piece[1]:02}.m4a"
        assert music.get("autoplay") is None
        for p in page.iter(f"{XHTML}p"):
            for line_break in p.iter(f"{XHTML}br"):
                line_break.tail = "\n" + (line_break.tail or "")
            chapter, number = map(int, p.get("id")[1:].split("-"))
            found.append((chapter, number, "".join(p.itertext())))
    assert found == text
    assert [h.text for page in pages for h in page.iter(f"{XHTML}h2")] == ["The Keeper", "Low Water"]


@pytest.mark.parametrize("codec", epub.FORMS)
def test_its_music_goes_round_without_gap_or_step(warehouse, tmp_path, codec):
    epub.write(warehouse, woven_title.NAME, tmp_path / "out.epub", codec=codec)
    with zipfile.ZipFile(tmp_path / "out.epub") as archive:
        files = {Path(n).stem: archive.read(n) for n in archive.namelist() if "audio/" in n}
    for (track, number), (_, _, pitch_hz) in woven_title.PIECES.items():
        sound, rate_hz = heard.decoded(files[f"{track:02}-{number:02}"])
        seam = np.concatenate([sound[0, -rate_hz:], sound[0, :rate_hz]])
        level = heard.level_db(seam, rate_hz, 0.01)
        assert level.max() - level.min() < 1
        assert heard.pitch_hz(seam, rate_hz) == pytest.approx(pitch_hz, abs=2)


def test_what_the_source_epub_says_and_looks_like_is_kept(warehouse, tmp_path):
    styled_epub.ingest(warehouse, styled_epub.make(tmp_path / "source.epub"))
    epub.write(warehouse, woven_title.NAME, tmp_path / "out.epub", codec="opus")
    with Epub(tmp_path / "out.epub") as made:
        said = {
            name: [e.text for e in made.package.metadata(name)]
            for name in ("publisher", "date", "subject", "source")
        }
        assert said == {
            "publisher": ["Harbour Press"], "date": ["1911"], "subject": ["Lighthouses"], "source": ["urn:isbn:123"],
        }  # fmt: skip
        refined = [m.text for m in made.package.root.iter("{*}meta") if m.get("property") == "file-as"]
        assert refined == ["Hallow, Ines"]
        [cover] = [i for i in made.package.items.values() if "cover-image" in i.properties]
        assert Image.open(io.BytesIO(made.archive.read(cover.href))).size == (60, 90)
        names = made.archive.namelist()
        css = made.archive.read("EPUB/source/OEBPS/css/book.css").decode()
        pages = _pages(made.archive)
    assert {n for n in names if "fonts/" in n} == {"EPUB/source/OEBPS/fonts/lamp.ttf"}
    assert "EPUB/source/OEBPS/css/more.css" in names and "more.css" in css
    for gone in ("example.org", "gone.ttf", "locked.ttf", "direction", "unicode-bidi", "comment", "oops"):
        assert gone not in css
    for kept in ("text-indent: 2em", "small-caps", "@media print", "orphans: 2", "lamp.ttf", "@namespace"):
        assert kept in css
    links = [link.get("href") for link in pages[0].iter(f"{XHTML}link")]
    assert links == ["../style.css", "../source/OEBPS/css/book.css"], "the book's own style follows ours"


def test_its_own_bookscore_can_read_it_again(warehouse, tmp_path):
    epub.write(warehouse, woven_title.NAME, tmp_path / "out.epub", codec="opus")
    with Epub(tmp_path / "out.epub") as made:
        book = made.read()
    assert book.author == "Ines Hallow"
    assert [c.title for c in book.chapters][:1] == ["The Keeper"]
    assert sum(len(c.paragraphs) for c in book.chapters) == 40


@pytest.mark.parametrize(
    "markup",
    [
        "<script>ran()</script>calm",
        '<img src="x" onerror="ran()"/>calm',
        '<em onclick="ran()">calm</em>',
        '<a href="javascript:ran()">calm</a>',
        "<style>p{}</style>calm",
        '</p><iframe src="http://example.org"></iframe><p>calm',
        '<svg onload="ran()"><em>calm</em></svg>',
        "<em>calm",
    ],
)
def test_markup_keeps_emphasis_and_nothing_else(markup):
    page = documents.Writer("en").paragraph("p1-1", markup)
    element = etree.fromstring(page)
    assert {e.tag for e in element.iter()} <= {"p", "em"}
    assert all(not e.attrib for e in element.iter() if e is not element) and list(element.attrib) == ["id"]
    assert "calm" in "".join(element.itertext()) and "ran" not in page


def test_the_books_own_file_is_not_needed(warehouse, tmp_path):
    book = styled_epub.make(tmp_path / "source.epub")
    styled_epub.ingest(warehouse, book)
    warehouse.execute("UPDATE book SET path = ?", [str(book)])
    epub.write(warehouse, woven_title.NAME, tmp_path / "there.epub", codec="opus")
    book.write_text("no zip file any more")
    assert epub.write(warehouse, woven_title.NAME, tmp_path / "changed.epub", codec="opus") is None
    book.unlink()
    assert epub.write(warehouse, woven_title.NAME, tmp_path / "gone.epub", codec="opus") is None
    there = (tmp_path / "there.epub").read_bytes()
    assert (tmp_path / "changed.epub").read_bytes() == (tmp_path / "gone.epub").read_bytes() == there


def test_an_epub_ingested_by_an_older_bookscore_is_exported_plain_and_the_user_told(warehouse, tmp_path):
    note = epub.write(warehouse, woven_title.NAME, tmp_path / "out.epub", codec="opus")
    assert note is not None and "/books/lamp.epub" in note and "ingest the book again" in note
    with zipfile.ZipFile(tmp_path / "out.epub") as archive:
        assert not [n for n in archive.namelist() if "cover" in n or "source/" in n]
        assert b"The Lamp &amp; the Sea</dc:title>" in archive.read("EPUB/package.opf")


def test_only_the_titles_own_book_is_asked(warehouse, tmp_path):
    for table, rows in styled_epub.rows(styled_epub.make(tmp_path / "other.epub"), "another book").items():
        warehouse.register("incoming", rows.to_arrow())
        warehouse.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming")
    assert source.read(warehouse, woven_title.NAME) == source.Source([], None, [], [])
    assert source.cover(warehouse, woven_title.NAME) is None


def test_the_same_warehouse_makes_the_same_bytes_and_says_when_it_was_woven(warehouse, tmp_path):
    warehouse.execute(
        "INSERT INTO job VALUES ('title', 't', 0, 'title.weave', 'x', 'y', NULL, 'done', $at, $at, 5, NULL)",
        {"at": datetime(2026, 2, 3, 4, 5, 6)},
    )
    for name in ("a", "b"):
        epub.write(warehouse, woven_title.NAME, tmp_path / f"{name}.epub", codec="opus")
    assert (tmp_path / "a.epub").read_bytes() == (tmp_path / "b.epub").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.epub") as archive:
        assert b'"dcterms:modified">2026-02-03T04:05:06Z<' in archive.read("EPUB/package.opf")


def test_a_track_that_is_gone_leaves_the_old_file(warehouse, tmp_path):
    (tmp_path / "out").mkdir()
    path = tmp_path / "out" / "lamp.epub"
    path.write_text("old")
    (tmp_path / "album" / woven_title.TRACK_2).unlink()
    with pytest.raises(BookscoreError, match=r"02 Ebb\.wav: its sound cannot be read"):
        epub.write(warehouse, woven_title.NAME, path)
    assert path.read_text() == "old" and list((tmp_path / "out").iterdir()) == [path]
