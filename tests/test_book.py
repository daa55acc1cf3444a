"""Books: EPUB and text into chapters, sentences, quotes, emotions and visual sentences."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from small_models import SmallModels

from engine.errors import BookscoreError
from engine.stage import Inputs, Tables
from ingest import epub, plain_text
from ingest.book import MEDIUM, majority_emotion, sources, tables
from ingest.headings import Heading, heading
from ingest.prose import Book, Chapter, clean, count_words, sentence_spans
from ingest.quotes import quote_spans, quote_style
from ingest.visual_sentences import concreteness, visual_sentences

CONTAINER = '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="e/book.opf"/></rootfiles></container>'
LONG = " ".join(["The grey cat sat by the old stove and slept until the rain had gone."] * 30)


def page(body: str, types: str = "") -> str:
    return (
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">'
        f'<head><title>x</title></head><body epub:type="{types}">{body}</body></html>'
    )


def nav(entries: str, landmarks: str = "") -> str:
    return page(
        f'<nav epub:type="toc"><ol>{entries}</ol></nav><nav epub:type="landmarks"><ol>{landmarks}</ol></nav>'
    )


def link(href: str, label: str, below: str = "") -> str:
    return f'<li><a href="{href}">{label}</a>{f"<ol>{below}</ol>" if below else ""}</li>'


def make_epub(
    path: Path,
    pages: Mapping[str, str],
    nav: str = "",
    ncx: str = "",
    guide: str = "",
    extra: Mapping[str, str] | None = None,
) -> Path:
    """An EPUB whose spine is `pages` in order; its manifest also names a cover that is not there."""
    items = "".join(f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in pages)
    spine = "".join(f'<itemref idref="{name}"/>' for name in pages)
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        "<dc:title>The Book</dc:title><dc:creator>A. Writer</dc:creator><dc:language>en</dc:language></metadata>"
        f'<manifest>{items}<item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/></manifest>'
        f'<spine toc="ncx"><itemref idref="cover"/>{spine}</spine><guide>{guide}</guide></package>'
    )
    files = {"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER, "e/book.opf": opf}
    files |= {f"e/{name}": text for name, text in pages.items()} | dict(extra or {})
    files |= {f"e/{name}": text for name, text in {"nav.xhtml": nav, "toc.ncx": ncx}.items() if text}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def read_epub(path: Path) -> Book:
    with epub.Epub(path) as opened:
        return opened.read()


def titles(book: Book) -> list[str]:
    return [chapter.title for chapter in book.chapters]


def run_stages(path: Path, **changed: Any) -> Tables:
    """All stages of a book, one after the other, as the engine runs them."""
    made: Tables = {}
    for stage in MEDIUM.stages:
        named = {
            name: changed.get(name.removeprefix("book."), MEDIUM.settings[name]) for name in stage.settings
        }
        inputs = Inputs(
            "book-1", 0, sources(path), named, {name: made[name] for name in stage.given}, SmallModels()
        )
        found = stage.run(inputs)
        assert set(found) == set(stage.makes)
        made |= found
    return made


@pytest.fixture
def small_epub(tmp_path: Path) -> Path:
    pages = {
        f"c{n}.xhtml": page(f"<h1>{n}</h1><p>{LONG}</p><p>“Come in,” said number {n}.</p>") for n in (1, 2, 3)
    }
    return make_epub(
        tmp_path / "small.epub", pages, nav("".join(link(name, f"Chapter {name[1]}") for name in pages))
    )


class TestRealBooks:
    @pytest.mark.parametrize(
        ("name", "n_chapters", "n_words"),
        [
            ("a-little-princess.epub", 19, 66_000),
            ("a-farewell-to-arms.epub", 41, 89_000),
            ("frankenstein.epub", 28, 74_500),
            ("alice.epub", 12, 26_300),
            ("alice.txt", 12, 26_300),
            ("vanity-fair.epub", 68, 301_000),  # 67 and the prologue
            ("leaves-of-grass.epub", 35, 121_500),  # its books; the contents list 377 poems side by side
        ],
    )
    def test_chapters_are_the_story_and_nothing_else(
        self, data_dir: Path, name: str, n_chapters: int, n_words: int
    ) -> None:
        path = data_dir / "books" / name
        book = plain_text.read(path) if name.endswith("txt") else read_epub(path)
        text = "\n".join(p for c in book.chapters for p in c.paragraphs)
        assert len(book.chapters) == n_chapters
        assert count_words(text) == pytest.approx(n_words, rel=0.01)
        assert "Standard Ebooks" not in text and "Project Gutenberg" not in text

    def test_parts_name_their_chapters_and_are_none(self, data_dir: Path) -> None:
        book = read_epub(data_dir / "books" / "a-farewell-to-arms.epub")
        assert titles(book)[:2] == ["Book I / I", "Book I / II"] and titles(book)[-1] == "Book V / XLI"
        assert book.chapters[0].paragraphs[0].startswith("In the late summer of that year")
        assert book.chapters[-1].paragraphs[-1].endswith("walked back to the hotel in the rain.")

    def test_both_editions_of_alice_say_the_same(self, data_dir: Path) -> None:
        """One has curly double marks, the other straight single ones that are apostrophes too."""
        curly = read_epub(data_dir / "books" / "alice.epub")
        straight = plain_text.read(data_dir / "books" / "alice.txt")
        quotes = []
        for book in (curly, straight):
            found = tables("alice", Path("alice"), book)["quote"]["text"]
            quotes.append({"".join(filter(str.isalnum, text.lower())) for text in found})
        assert len(quotes[0] & quotes[1]) > 0.9 * len(quotes[0] | quotes[1])

    def test_a_note_is_no_part_of_the_flow(self, data_dir: Path) -> None:
        book = read_epub(data_dir / "books" / "frankenstein.epub")
        text = "\n".join(p for c in book.chapters for p in c.paragraphs)
        assert "rise from among the trees. I gazed" in text


class TestEpub:
    def test_chapters_begin_at_fragments_and_run_over_files(self, tmp_path: Path) -> None:
        pages = {
            "a.xhtml": page(
                f'<h2 id="one">One</h2><p>First. {LONG}</p><h2 id="two">Two</h2><p>Second. {LONG}</p>'
            ),
            "b.xhtml": page("<p>Still the second.</p>"),
        }
        toc = nav(link("a.xhtml#one", "One") + link("a.xhtml#two", "Two"))
        book = read_epub(make_epub(tmp_path / "b.epub", pages, toc))
        assert titles(book) == ["One", "Two"]
        assert book.chapters[1].paragraphs == [f"Second. {LONG}", "Still the second."]

    def test_epub_2_with_html_inside_is_read(self, tmp_path: Path) -> None:
        """An NCX, a DOCTYPE's entities, unclosed tags, and a guide that names the title page."""
        doctype = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">'
        pages = {
            "t.html": page(f"<p>Printed for the author. {LONG}</p>"),
            "1.html": doctype + page("<h2>I</h2><p>It&nbsp;rained&mdash;hard.</p>"),
            "2.html": "<html><body><h2>II<p>Caf&eacute;s closed<br>early.<p>So&shy;on.</body>",
        }
        points = "".join(
            f'<navPoint><navLabel><text>Chapter {n}</text></navLabel><content src="{n}.html"/></navPoint>'
            for n in (1, 2)
        )
        ncx = f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{points}</navMap></ncx>'
        guide = '<reference type="title-page" href="t.html"/>'
        book = read_epub(make_epub(tmp_path / "b.epub", pages, ncx=ncx, guide=guide))
        assert titles(book) == ["Chapter 1", "Chapter 2"]
        assert [c.paragraphs for c in book.chapters] == [
            ["It rained—hard."],
            ["Cafés closed\nearly.", "Soon."],
        ]

    def test_front_and_back_matter_are_left_out(self, tmp_path: Path) -> None:
        pages = {
            "copyright.xhtml": page(f"<p>All rights reserved. {LONG}</p>"),
            "preface.xhtml": page(
                f"<section epub:type='preface'><h1>Why</h1><p>{LONG}</p></section>", "frontmatter"
            ),
            "prologue.xhtml": page("<h1>Before</h1><p>It began.</p>"),
            "one.xhtml": page("<h1>One</h1><p>It went on.</p>"),
            "notes.xhtml": page(f"<h1>Notes</h1><p>{LONG}</p>"),
            "also.xhtml": page(f"<h1>More</h1><p>{LONG}</p>"),
        }
        labels = ["Copyright", "Why", "Prologue", "One", "Notes", "Also by A. Writer"]
        toc = nav("".join(map(link, pages, labels)))
        assert titles(read_epub(make_epub(tmp_path / "b.epub", pages, toc))) == ["Prologue", "One"]

    def test_parts_and_sections_are_no_chapters(self, tmp_path: Path) -> None:
        pages = {
            "part.xhtml": page("<h1>Part One</h1><p>A motto.</p>"),
            "c1.xhtml": page(f'<h2>Arrival</h2><p>{LONG}</p><h3 id="s">Later</h3><p>{LONG}</p>'),
            "c2.xhtml": page(f"<h2>Return</h2><p>{LONG}</p>"),
        }
        below = link("c1.xhtml", "Arrival", link("c1.xhtml#s", "Later")) + link("c2.xhtml", "Return")
        book = read_epub(make_epub(tmp_path / "b.epub", pages, nav(link("part.xhtml", "Part One", below))))
        assert titles(book) == ["Part One / Arrival", "Part One / Return"]
        assert book.chapters[0].paragraphs == [LONG, "Later", LONG]

    def test_without_contents_headings_begin_chapters(self, tmp_path: Path) -> None:
        pages = {
            "a.xhtml": page("<h1>CHAPTER I</h1><p>One.</p><h1>CHAPTER II</h1><p>Two.</p>"),
            "b.xhtml": page("<p>More.</p>"),
        }
        book = read_epub(make_epub(tmp_path / "b.epub", pages))
        assert [(c.title, c.paragraphs) for c in book.chapters] == [
            ("CHAPTER I", ["One."]),
            ("CHAPTER II", ["Two.", "More."]),
        ]

    def test_notes_links_and_page_numbers_are_left_out(self, tmp_path: Path) -> None:
        body = (
            '<h1>One</h1><p>He<a epub:type="noteref" href="#n1">1</a> came<a href="#n2">[2]</a> <span class="pagenum">[7]</span>home.</p>'
            '<aside epub:type="footnote" id="n1"><p>A king.</p></aside><p><a href="#r2">[2]</a> By sea.</p>'
            '<p><a href="a.xhtml">One</a> <a href="b.xhtml">Two</a></p>'
        )
        book = read_epub(make_epub(tmp_path / "b.epub", {"a.xhtml": page(body)}, nav(link("a.xhtml", "One"))))
        assert book.chapters[0].paragraphs == ["He came home."]

    def test_verse_keeps_its_lines_and_stanzas(self, tmp_path: Path) -> None:
        body = "<h1>One</h1><p>\n<span>Tyger\n tyger,</span>\n<br/>\n<span>burning</span><br/><br/>bright</p>"
        body += '<div><div class="line">In the</div>\n<div class="line">forests</div></div>'
        book = read_epub(make_epub(tmp_path / "b.epub", {"a.xhtml": page(body)}, nav(link("a.xhtml", "One"))))
        assert book.chapters[0].paragraphs == ["Tyger tyger,\nburning", "bright", "In the\nforests"]

    def test_an_external_entity_is_not_read(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret.txt"
        secret.write_text("secret words")
        text = f'<!DOCTYPE html [<!ENTITY s SYSTEM "{secret.as_uri()}">]>' + page(
            "<h1>One</h1><p>Here: &s;.</p>"
        )
        book = read_epub(make_epub(tmp_path / "b.epub", {"a.xhtml": text}, nav(link("a.xhtml", "One"))))
        assert book.chapters[0].paragraphs == ["Here: ."]

    def test_nested_entities_do_not_fill_the_memory(self, tmp_path: Path) -> None:
        entities = '<!ENTITY e0 "ha">' + "".join(
            f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12)
        )
        text = f"<!DOCTYPE html [{entities}]>" + page("<h1>One</h1><p>Laugh: &e11;</p>")
        book = read_epub(make_epub(tmp_path / "b.epub", {"a.xhtml": text}, nav(link("a.xhtml", "One"))))
        assert count_words(book.chapters[0].paragraphs[0]) <= 2


def encryption(algorithm: str, uri: str) -> dict[str, str]:
    data = f'<EncryptedData><EncryptionMethod Algorithm="{algorithm}"/><CipherReference URI="{uri}"/></EncryptedData>'
    return {"META-INF/encryption.xml": f"<encryption>{data}</encryption>"}


class TestBadFiles:
    @pytest.mark.parametrize(
        ("extra", "says"),
        [
            (encryption("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "e/a.xhtml"), "protected by DRM"),
            ({"META-INF/rights.xml": "<rights/>"}, "protected by DRM"),
            ({"META-INF/container.xml": CONTAINER.replace("e/book.opf", "../../book.opf")}, "outside itself"),
            (
                {"META-INF/container.xml": CONTAINER.replace("e/book.opf", "e/none.opf")},
                "lacks its e/none.opf",
            ),
            ({"META-INF/container.xml": "not xml"}, "is no XML"),
            ({"META-INF/container.xml": "<container/>"}, "names no package document"),
            ({"e/a.xhtml": page("<img src='a.png'/>")}, "no text to read"),
        ],
    )
    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_an_epub_that_cannot_be_read_says_why_in_one_line(
        self, tmp_path: Path, extra: dict[str, str], says: str
    ) -> None:
        path = make_epub(tmp_path / "b.epub", {"a.xhtml": page("<p>Text.</p>")}, extra=extra)
        with pytest.raises(BookscoreError, match=says) as raised:
            read_epub(path)
        assert str(raised.value).startswith(f"{path}: ") and "\n" not in str(raised.value)

    def test_obfuscated_fonts_are_no_drm(self, tmp_path: Path) -> None:
        extra = encryption("http://www.idpf.org/2008/embedding", "e/font.otf")
        path = make_epub(tmp_path / "b.epub", {"a.xhtml": page("<p>Text.</p>")}, extra=extra)
        assert read_epub(path).chapters[0].paragraphs == ["Text."]

    def test_a_file_that_would_unpack_too_big_is_refused(
        self, small_epub: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(epub, "MAX_UNPACKED_BYTES", 1000)
        with pytest.raises(BookscoreError, match="would unpack to"):
            sources(small_epub)

    @pytest.mark.parametrize(
        ("name", "content", "says"),
        [
            ("b.epub", b"PK\x03\x04 cut off", "damaged or no EPUB"),
            ("b.epub", b"words", "damaged or no EPUB"),
            ("b.txt", b"", "is empty"),
            ("b.pdf", b"%PDF-1.7 words", "is no EPUB and no text"),
            ("b.mobi", bytes(range(256)) * 20, "is no EPUB and no text"),
        ],
    )
    def test_sources_refuses_what_is_no_book(
        self, tmp_path: Path, name: str, content: bytes, says: str
    ) -> None:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BookscoreError, match=says):
            sources(tmp_path / name)

    def test_sources_refuses_what_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(BookscoreError, match="no such file"):
            sources(tmp_path / "none.epub")

    @settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=20))
    def test_a_damaged_epub_gives_a_book_or_a_clear_error(
        self, small_epub: Path, changes: list[tuple[int, int]]
    ) -> None:
        data = bytearray(small_epub.read_bytes())
        for place, value in changes:
            data[place % len(data)] = value
        damaged = small_epub.with_name("damaged.epub")
        damaged.write_bytes(data)
        try:
            assert read_epub(damaged).chapters
        except BookscoreError as error:
            assert "\n" not in str(error)

    @settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(body=st.text(st.sampled_from("<>/&;=\"' aph1b#\n"), max_size=200))
    def test_any_tag_soup_gives_a_book_or_a_clear_error(self, tmp_path: Path, body: str) -> None:
        path = make_epub(tmp_path / "b.epub", {"a.xhtml": f"<html><body>{body}"})
        try:
            assert all(p.strip() for c in read_epub(path).chapters for p in c.paragraphs)
        except BookscoreError as error:
            assert "no text" in str(error)


GUTENBERG = """The Project Gutenberg EBook of Home
Title: Home
Author: A. Writer
Language: English
*** START OF THIS PROJECT GUTENBERG EBOOK HOME ***

HOME

CONTENTS

CHAPTER I. The Door

CHAPTER II. The Fire

CHAPTER I. The Door

The door was open, and a well-
worn mat lay there. _He_ said
he had come--
from the sea.

    He sang
    of home,

CHAPTER II

The Fire

It burned.
*** END OF THIS PROJECT GUTENBERG EBOOK HOME ***
Licence text.
"""


class TestPlainText:
    def read(self, path: Path, text: str, encoding: str = "utf-8") -> Book:
        path.write_bytes(text.encode(encoding))
        return plain_text.read(path)

    def test_a_gutenberg_text_is_its_chapters(self, tmp_path: Path) -> None:
        book = self.read(tmp_path / "b.txt", GUTENBERG)
        assert (book.title, book.author, book.language) == ("Home", "A. Writer", "en")
        assert book.chapters == [
            Chapter(
                "CHAPTER I. The Door",
                [
                    "The door was open, and a well-worn mat lay there. He said he had come--from the sea.",
                    "He sang\nof home,",
                ],
            ),
            Chapter("CHAPTER II: The Fire", ["It burned."]),
        ]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac-roman"])
    def test_any_encoding_is_read(self, tmp_path: Path, encoding: str) -> None:
        text = "Chapter 1\n\n" + "“Où est le café ?” demanda-t-elle à l’étranger, près de la forêt. " * 20
        book = self.read(tmp_path / "b.txt", text, encoding)
        assert "forêt" in book.chapters[0].paragraphs[0] and "étranger" in book.chapters[0].paragraphs[0]

    def test_parts_and_bare_numerals_make_chapters(self, tmp_path: Path) -> None:
        text = "BOOK ONE\n\nI\n\nHe came.\n\nII\n\nHe saw.\n\n7\n\nBOOK TWO\n\nI\n\nHe left."
        book = self.read(tmp_path / "b.txt", text)
        assert titles(book) == ["BOOK ONE / I", "BOOK ONE / II", "BOOK TWO / I"]
        assert book.chapters[1].paragraphs == ["He saw.", "7"]

    def test_a_text_without_headings_is_one_chapter(self, tmp_path: Path) -> None:
        book = self.read(tmp_path / "story.txt", "It was late.\n\nPart two of it was sad.")
        assert book.chapters == [Chapter("story", ["It was late.", "Part two of it was sad."])]

    def test_long_lines_are_paragraphs(self, tmp_path: Path) -> None:
        book = self.read(tmp_path / "b.txt", f"{LONG}\n{LONG}\n{LONG}\n")
        assert book.chapters[0].paragraphs == [LONG] * 3

    @pytest.mark.parametrize(
        ("line", "found"),
        [
            ("CHAPTER I.", Heading("chapter", 1)),
            ("Chapter 12: The Storm", Heading("chapter", 12)),
            ("Chapter Twenty-Three", Heading("chapter", 23)),
            ("BOOK THE SECOND", Heading("book", 2)),
            ("Letter XIV", Heading("letter", 14)),
            ("XLI.", Heading("", 41)),
            ("IV. A Bad Night", Heading("", 4)),
            ("Epilogue", Heading("epilogue", None)),
            ("Chapter and verse.", None),
            ("Part two of it was sad.", None),
            ("I was late.", None),
            ("L. of G.'s Purport", None),
        ],
    )
    def test_headings_are_known_by_their_form(self, line: str, found: Heading | None) -> None:
        assert heading(line) == found

    @settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.binary(max_size=400))
    def test_any_bytes_give_a_book_or_a_clear_error(self, tmp_path: Path, data: bytes) -> None:
        (tmp_path / "b.txt").write_bytes(data)
        try:
            assert plain_text.read(tmp_path / "b.txt").chapters
        except BookscoreError as error:
            assert "\n" not in str(error).replace(str(tmp_path), "")


class TestSentencesAndQuotes:
    @pytest.mark.parametrize(
        "sentences",
        [
            ["Mr. Smith met Mrs. Hale.", "They left."],
            ["“Who is Dr. Jones?” he said.", "“I am Mr. Hale.”", "She fell."],
            ["“No!” cried Sara.", "“Go.”", "He went."],
            ["‘Oh dear!’ (she was late).", "Capt. Crewe wrote, ‘Dear Sir.’ ”", "It rained."],
            ["She said “wait!”—and ran.", "Lieut. Osborne came at 3 p.m. with No. 5."],
        ],
    )
    def test_sentences(self, sentences: list[str]) -> None:
        text = " ".join(sentences)
        assert [text[a:b] for a, b in sentence_spans(text)] == sentences

    @pytest.mark.parametrize(
        ("paragraphs", "quotes"),
        [
            (["“Yes,” he said, “it is.”", "He left."], [["Yes,", "it is."], []]),
            (['"Come--" she began.', 'He said:"No," and--"never."'], [["Come--"], ["No,", "never."]]),
            (
                ["‘I’m one of the girls’ friends,’ said Tom.", "The boys’ room."],
                [["I’m one of the girls’ friends,"], []],
            ),
            (["'Tis late,' said Tom. 'Don't go.'", "'Why?'"], [["Tis late,", "Don't go."], ["Why?"]]),
            (["‘He said “no” to me,’ said Ann."], [["He said “no” to me,"]]),
            (["« Où ? » dit-il. « Là. »"], [[" Où ? ", " Là. "]]),
            (["„Gut“, sagte er. „Geh!“"], [["Gut", "Geh!"]]),
            (["—Hola —dijo él—. Adiós.", "Se fue."], [["Hola", "Adiós."], []]),
            (["“One.", "“Two.”", "He left."], [["One."], ["Two."], []]),
            (["“He sang:", "Tra la", "and left.” So they say."], [["He sang:"], ["Tra la"], ["and left."]]),
            (["“Never closed.", "He left.", "“Yes.”"], [["Never closed."], [], ["Yes."]]),
        ],
    )
    def test_quotes(self, paragraphs: list[str], quotes: list[list[str]]) -> None:
        spans = quote_spans(paragraphs, quote_style(paragraphs))
        assert [[p[a:b] for a, b in found] for p, found in zip(paragraphs, spans, strict=True)] == quotes

    def test_clean_drops_what_cannot_be_seen(self) -> None:
        assert clean(" so\u00adon \u00a0 a\u0301\u2060—\u200bb ") == "soon á—b"

    def test_words_have_a_letter_or_digit(self) -> None:
        assert count_words("It’s 5 — no, * * * well-worn…") == 4

    @settings(max_examples=200, deadline=None)
    @given(st.lists(st.text(st.sampled_from("aB .?!“”‘’'\"«»—-(\n"), max_size=40).map(str.strip), max_size=5))
    def test_any_text_gives_spans_in_order_inside_it(self, paragraphs: list[str]) -> None:
        found = quote_spans(paragraphs, quote_style(paragraphs)) + [
            sentence_spans(text) for text in paragraphs
        ]
        for text, spans in zip(paragraphs * 2, found, strict=True):
            ends = [0, *(place for span in spans for place in span), len(text)]
            assert ends == sorted(ends)


class TestStages:
    def test_rows_fit_the_schema(self, small_epub: Path) -> None:
        made = run_stages(small_epub)
        connection = duckdb.connect()
        connection.execute((Path(__file__).parents[1] / "sql" / "schema" / "002_book.sql").read_text())
        for table, rows in made.items():
            columns = [name for name, *_ in connection.execute(f"SELECT * FROM {table}").description]
            assert rows.columns == columns, table
            connection.register("incoming", rows.to_arrow())
            connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming")
        assert {table: len(rows) for table, rows in made.items()} == {
            "book": 1, "chapter": 3, "paragraph": 6, "sentence": 93, "quote": 3, "paragraph_vector": 6,
            "segment": 3, "visual_sentence": 18, "sentence_vector": 18,
        }  # fmt: skip

    def test_the_same_book_gives_the_same_rows(self, small_epub: Path) -> None:
        first, second = run_stages(small_epub), run_stages(small_epub)
        for table in first:
            assert_frame_equal(first[table], second[table], check_exact=True)

    def test_speech_is_told_from_narration(self, small_epub: Path) -> None:
        sentence = run_stages(small_epub)["sentence"]
        assert sentence.filter("is_dialogue")["text"].to_list() == [
            f"“Come in,” said number {n}." for n in (1, 2, 3)
        ]

    def test_words_add_up(self, small_epub: Path) -> None:
        made = run_stages(small_epub)
        total = made["book"]["n_words"][0]
        assert (
            total
            == made["chapter"]["n_words"].sum()
            == made["paragraph"]["n_words"].sum()
            == made["segment"]["n_words"].sum()
        )
        assert total == 3 * (30 * 15 + 5)

    def test_emotion_is_the_likeliest_of_the_three(self, small_epub: Path) -> None:
        paragraph = run_stages(small_epub)["paragraph"]
        p = paragraph.select("p_positive", "p_neutral", "p_negative").to_numpy()
        assert np.allclose(p.sum(axis=1), 1, atol=1e-5)
        assert paragraph["emotion"].to_list() == [
            ("positive", "neutral", "negative")[i] for i in p.argmax(axis=1)
        ]

    def test_a_books_segments_are_as_many_as_the_setting_calls_for(self, data_dir: Path) -> None:
        made = run_stages(data_dir / "books" / "a-little-princess.epub")
        assert made["segment"]["n_words"].mean() == pytest.approx(
            MEDIUM.settings["book.segment_words"], rel=0.1
        )
        longer = run_stages(data_dir / "books" / "a-little-princess.epub", segment_words=2000)
        assert longer["segment"]["n_words"].mean() == pytest.approx(2000, rel=0.2)

    @pytest.mark.parametrize(
        ("rows", "winner"),
        [
            (
                [
                    ("neutral", 0.1, 0.8, 0.1, 10),
                    ("neutral", 0.1, 0.8, 0.1, 10),
                    ("negative", 0.0, 0.0, 1.0, 900),
                ],
                "neutral",
            ),
            ([("neutral", 0.1, 0.8, 0.1, 10), ("negative", 0.1, 0.1, 0.8, 90)], "negative"),
            ([("negative", 0.0, 0.0, 1.0, 10), ("positive", 1.0, 0.0, 0.0, 10)], "positive"),
        ],
    )
    def test_a_segment_has_the_emotion_of_most_paragraphs(self, rows: list[Any], winner: str) -> None:
        columns = ["emotion", "p_positive", "p_neutral", "p_negative", "n_words"]
        assert majority_emotion(pl.DataFrame(rows, schema=columns, orient="row")) == winner


class TestVisualSentences:
    def sentences(self, texts: list[str], *, speech: tuple[int, ...] = ()) -> pl.DataFrame:
        rows = [(1, n, 1, text, n in speech) for n, text in enumerate(texts, 1)]
        return pl.DataFrame(
            rows, schema=["chapter_no", "paragraph_no", "sentence_no", "text", "is_dialogue"], orient="row"
        ).cast({"chapter_no": pl.Int32, "paragraph_no": pl.Int32, "sentence_no": pl.Int32})

    def test_concrete_and_rare_narration_comes_first(self) -> None:
        texts = ["He thought that it might be so in the end."] * 6
        texts += [
            "“A red lantern swung above the wooden door,” he said.",
            "A red lantern swung above the wooden door.",
        ]
        found = visual_sentences(self.sentences(texts, speech=(7,)), per_1000_words=40)
        assert found.sort("score", descending=True)["text"][0] == texts[-1]
        assert 7 not in found["paragraph_no"]

    def test_their_number_follows_the_chapters_length(self) -> None:
        sentences = self.sentences(["The old dog slept beside the iron stove."] * 125)
        assert len(visual_sentences(sentences, per_1000_words=12)) == 12
        assert len(visual_sentences(sentences, per_1000_words=30)) == 30

    def test_names_do_not_make_a_sentence_rare(self) -> None:
        texts = ["The dog saw the cat by the stove.", "The dog saw the cat by the door of Lowood."] * 2
        found = visual_sentences(
            self.sentences([*texts, "The cat saw the dog by the stove of Carrisford."]), 1000
        )
        named = found.filter(pl.col("text").str.contains("Carrisford"))["tfidf"][0]
        assert named < found.filter(pl.col("text").str.contains("Lowood"))["tfidf"][0]

    def test_a_language_without_ratings_has_none(self) -> None:
        found = visual_sentences(self.sentences(["猫 は 座 る 家 の 中 で"]), 12)
        assert found.is_empty() and found.schema["score"] == pl.Float32

    @pytest.mark.parametrize(
        ("form", "word"), [("dogs", "dog"), ("berries", "berry"), ("hugged", "hug"), ("baking", "bake")]
    )
    def test_forms_have_the_rating_of_their_word(self, form: str, word: str) -> None:
        assert concreteness(form) is not None
        assert concreteness(form) == pytest.approx(concreteness(word), abs=0.7)

    def test_ratings_are_those_published(self, data_dir: Path) -> None:
        published = pl.read_csv(
            data_dir / "lexicons" / "Concreteness_ratings_Brysbaert_et_al_BRM.txt", separator="\t"
        )
        for word, rating in (
            published.filter(pl.col("Bigram") == 0).select("Word", "Conc.M").sample(200, seed=1).iter_rows()
        ):
            assert concreteness(word) == pytest.approx(rating, abs=0.01), word
