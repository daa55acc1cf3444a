"""EPUB: its reading order, contents, chapters and texts."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from book_files import LONG, link, make_epub, markup, nav, ncx, page, texts, titles

from bookscore.ingest.book.formats import epub


def test_chapters_begin_at_fragments_and_run_over_files(tmp_path: Path) -> None:
    pages = {
        "a.xhtml": page(
            f'<h2 id="one">One</h2><p>First. {LONG}</p><h2 id="two">Two</h2><p>Second. {LONG}</p>'
        ),
        "b.xhtml": page("<p>Still the second.</p>"),
    }
    toc = nav(link("a.xhtml#one", "One") + link("a.xhtml#two", "Two"))
    book = epub.read(make_epub(tmp_path / "b.epub", pages, toc))
    assert titles(book) == ["One", "Two"]
    assert texts(book)[1] == [f"Second. {LONG}", "Still the second."]


def test_epub_2_with_html_inside_is_read(tmp_path: Path) -> None:
    """An NCX, a DOCTYPE's entities, unclosed tags, and a guide that names the title page."""
    doctype = (
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">'
    )
    pages = {
        "t.html": page(f"<p>Printed for the author. {LONG}</p>"),
        "1.html": doctype + page("<h2>I</h2><p>It&nbsp;rained&mdash;hard.</p>"),
        "2.html": "<html><body><h2>II<p>Caf&eacute;s closed<br>early.<p>So&shy;on.</body>",
    }
    guide = '<reference type="title-page" href="t.html"/>'
    contents = ncx({"1.html": "Chapter 1", "2.html": "Chapter 2"})
    book = epub.read(make_epub(tmp_path / "b.epub", pages, ncx=contents, guide=guide))
    assert titles(book) == ["Chapter 1", "Chapter 2"]
    assert texts(book) == [
        ["It rained—hard."],
        ["Cafés closed\nearly.", "Soon."],
    ]


def test_front_and_back_matter_are_left_out(tmp_path: Path) -> None:
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
    assert titles(epub.read(make_epub(tmp_path / "b.epub", pages, toc))) == ["Prologue", "One"]


def test_parts_and_sections_are_no_chapters(tmp_path: Path) -> None:
    pages = {
        "part.xhtml": page("<h1>Part One</h1><p>A motto.</p>"),
        "c1.xhtml": page(f'<h2>Arrival</h2><p>{LONG}</p><h3 id="s">Later</h3><p>{LONG}</p>'),
        "c2.xhtml": page(f"<h2>Return</h2><p>{LONG}</p>"),
    }
    below = link("c1.xhtml", "Arrival", link("c1.xhtml#s", "Later")) + link("c2.xhtml", "Return")
    book = epub.read(make_epub(tmp_path / "b.epub", pages, nav(link("part.xhtml", "Part One", below))))
    assert titles(book) == ["Part One / Arrival", "Part One / Return"]
    assert texts(book)[0] == ["A motto.", LONG, "Later", LONG]


def test_without_contents_headings_begin_chapters(tmp_path: Path) -> None:
    pages = {
        "a.xhtml": page("<h1>CHAPTER I</h1><p>One.</p><h1>CHAPTER II</h1><p>Two.</p>"),
        "b.xhtml": page("<p>More.</p>"),
    }
    book = epub.read(make_epub(tmp_path / "b.epub", pages))
    assert titles(book) == ["CHAPTER I", "CHAPTER II"]
    assert texts(book) == [["One."], ["Two.", "More."]]


def test_notes_links_and_page_numbers_are_left_out(tmp_path: Path) -> None:
    body = (
        '<h1>One</h1><p>He<a epub:type="noteref" href="#n1">1</a> came<a href="#n2">[2]</a> <span class="pagenum">[7]</span>home.</p>'
        '<aside epub:type="footnote" id="n1"><p>A king.</p></aside><p><a href="#r2">[2]</a> By sea.</p>'
        '<p><a href="a.xhtml">One</a> <a href="b.xhtml">Two</a></p>'
    )
    book = epub.read(make_epub(tmp_path / "b.epub", {"a.xhtml": page(body)}, nav(link("a.xhtml", "One"))))
    assert texts(book)[0] == ["He came home."]


def test_verse_keeps_its_lines_and_stanzas(tmp_path: Path) -> None:
    body = "<h1>One</h1><p>\n<span>Tyger\n tyger,</span>\n<br/>\n<span>burning</span><br/><br/>bright</p>"
    body += '<div><div class="line">In the</div>\n<div class="line">forests</div></div>'
    book = epub.read(make_epub(tmp_path / "b.epub", {"a.xhtml": page(body)}, nav(link("a.xhtml", "One"))))
    assert texts(book)[0] == ["Tyger tyger,\nburning", "bright", "In the\nforests"]


def one_page(tmp_path: Path, body: str, **more: str) -> list[str]:
    """Paragraphs of a book of one chapter."""
    pages = {"a.xhtml": page(f"<h1>One</h1>{body}")}
    return texts(epub.read(make_epub(tmp_path / "b.epub", pages, nav(link("a.xhtml", "One")), **more)))[0]


@pytest.mark.parametrize(
    ("body", "paragraph"),
    [
        ('<p><span class="dropcap">O</span>nce upon</p>', "Once upon"),
        ('<p>“<span class="dropcap">O</span><span class="smallcaps">nce upon</span> a', "“Once upon a"),
        ('<p><img alt="O" src="o.png"/>nce upon</p>', "Once upon"),
        ('<p><span aria-hidden="true">O</span><span>Once</span> upon</p>', "Once upon"),
        ('<p><img alt="A ship at sea" src="s.png"/>Once upon</p>', "Once upon"),
        ("<p>All<q>Come, <q>he</q> said,</q> she said</p>", "All“Come, ‘he’ said,” she said"),
        ("<p>so&#xAD;on &amp; wa\u200bter</p>", "soon & water"),
        ("<p>caf&eacute;&nbsp;&hellip; &#x2014; 5 &lt; 6</p>", "café … — 5 < 6"),
        ("<p>the<!-- no --> end<?no no?>ing</p>", "the ending"),
        ("<p><ruby>Tokyo<rp>(</rp><rt>to</rt><rp>)</rp></ruby> lay</p>", "Tokyo lay"),
    ],
)
def test_what_is_set_with_art_is_read_as_words(tmp_path: Path, body: str, paragraph: str) -> None:
    assert one_page(tmp_path, body)[0] == paragraph


def test_parts_hold_chapters_though_they_have_words_of_their_own(tmp_path: Path) -> None:
    body = f'<h1 id="b">Book I</h1><p>{LONG}</p><h2 id="c">I</h2><p>{LONG}</p><h2 id="d">II</h2><p>{LONG}</p>'
    below = link("a.xhtml#c", "I") + link("a.xhtml#d", "II")
    toc = nav(link("a.xhtml#b", "Book I", below) + link("z.xhtml", "Chapter 3"))
    pages = {"a.xhtml": page(body), "z.xhtml": page("<p>It ended.</p>")}
    book = epub.read(make_epub(tmp_path / "b.epub", pages, toc))
    assert titles(book) == ["Book I", "Book I / I", "Book I / II", "Chapter 3"]


def test_three_deep_parts_name_their_chapters(tmp_path: Path) -> None:
    pages = {f"{name}.xhtml": page(f"<h2>{name}</h2><p>{LONG}</p>") for name in ("c1", "c2")}
    pages = {"v.xhtml": page("<h1>Volume I</h1>"), "p.xhtml": page("<h1>Part 1</h1>"), **pages}
    part = link("p.xhtml", "Part 1", link("c1.xhtml", "Chapter 1") + link("c2.xhtml", "Chapter 2"))
    book = epub.read(make_epub(tmp_path / "b.epub", pages, nav(link("v.xhtml", "Volume I", part))))
    assert titles(book) == ["Volume I / Part 1 / Chapter 1", "Volume I / Part 1 / Chapter 2"]


def test_contents_that_name_few_of_the_chapters_are_not_followed(tmp_path: Path) -> None:
    chapters = "".join(f"<h2>CHAPTER {n}</h2><h3>The Way</h3><p>{LONG}</p>" for n in (1, 2, 3))
    pages = {"t.xhtml": page("<h1>The Book</h1><h2>by A. Writer</h2>"), "a.xhtml": page(chapters)}
    book = epub.read(make_epub(tmp_path / "b.epub", pages, nav(link("t.xhtml", "Start"))))
    assert titles(book) == [f"CHAPTER {n}: The Way" for n in (1, 2, 3)]


def test_a_letter_is_a_chapter_and_keeps_its_lines(tmp_path: Path) -> None:
    body = "<h1>One</h1><blockquote><p>Dear Ann,</p><p>Come.</p><p>Yours,<br/>Tom</p></blockquote>"
    pages = {"a.xhtml": page(body), "b.xhtml": page("<h1>LETTER II</h1><p>To Tom.</p>")}
    book = epub.read(make_epub(tmp_path / "b.epub", pages, nav(link("a.xhtml", "Letter I"))))
    assert titles(book) == ["Letter I", "LETTER II"]
    assert texts(book) == [["Dear Ann,", "Come.", "Yours,\nTom"], ["To Tom."]]


def test_notes_at_the_end_are_left_out_though_the_contents_do_not_name_them(tmp_path: Path) -> None:
    pages = {
        "a.xhtml": page('<h1>One</h1><p>He came.<sup><a href="n.xhtml#n1" id="r1">1</a></sup></p>'),
        "n.xhtml": page('<h1>Notes</h1><p id="n1"><a href="a.xhtml#r1">1</a> A king.</p><p>Of Spain.</p>'),
    }
    assert texts(epub.read(make_epub(tmp_path / "b.epub", pages, nav(link("a.xhtml", "One"))))) == [
        ["He came."]
    ]


def test_a_half_title_a_colophon_and_the_last_words_are_left_out(tmp_path: Path) -> None:
    pages = {
        "h.xhtml": page("<section epub:type='halftitlepage'><h1>The Book</h1><p>A tale</p></section>"),
        "a.xhtml": page(f"<h1>One</h1><p>{LONG}</p><p>THE END</p>"),
        "c.xhtml": page(f"<section epub:type='colophon'><p>{LONG}</p></section>"),
        "l.xhtml": page(f"<section role='doc-appendix'><p>{LONG}</p></section>"),
    }
    assert texts(epub.read(make_epub(tmp_path / "b.epub", pages, nav(link("a.xhtml", "One"))))) == [[LONG]]


def test_a_chapter_may_be_called_by_the_sea(tmp_path: Path) -> None:
    pages = {"a.xhtml": page(f"<h1>By the Sea</h1><p>{LONG}</p>")}
    book = epub.read(make_epub(tmp_path / "b.epub", pages, nav(link("a.xhtml", "By the Sea"))))
    assert titles(book) == ["By the Sea"]


def test_the_language_is_the_texts_where_the_package_names_none(tmp_path: Path) -> None:
    text = page("<h1>Un</h1><p>Il pleut.</p>").replace("<html ", '<html xml:lang="fr" ')
    path = make_epub(tmp_path / "b.epub", {"a.xhtml": text}, language="")
    assert epub.read(path).language == "fr"


def test_references_that_lead_outside_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.xhtml").write_text(page("<p>Secret words.</p>"))
    opf_item = '<item id="s" href="../../secret.xhtml" media-type="application/xhtml+xml"/>'
    toc = nav(
        link("../../secret.xhtml", "Secret")
        + link("http://a.example/b.xhtml", "Web")
        + link("a.xhtml", "One")
    )
    body = (
        "<h1>One</h1><p>Here.<img src='http://a.example/b.png' alt=''/></p><iframe src='../../secret.xhtml'/>"
    )
    path = make_epub(tmp_path / "b.epub", {"a.xhtml": page(body)}, toc)
    with zipfile.ZipFile(path) as archive:
        opf = archive.read("e/book.opf").decode()
    opf = opf.replace("</manifest>", f"{opf_item}</manifest>").replace(
        "</spine>", '<itemref idref="s"/></spine>'
    )
    path = make_epub(tmp_path / "c.epub", {"a.xhtml": page(body)}, toc, extra={"e/book.opf": opf})
    book = epub.read(path)
    assert (titles(book), texts(book)) == (["One"], [["Here."]])


def test_markup_keeps_emphasis_and_verse_and_nothing_else(tmp_path: Path) -> None:
    body = (
        '<p class="x">He <i epub:type="z">said <em>so</em></i> <b>at</b> <a href="b.xhtml">home</a> &amp; H<sub>2</sub>.</p>'
        "<p>Tyger <i>tyger<br/>burning</i> bright</p>"
    )
    pages = {"a.xhtml": page(f"<h1>One</h1>{body}")}
    book = epub.read(make_epub(tmp_path / "b.epub", pages, nav(link("a.xhtml", "One"))))
    assert markup(book)[0] == [
        "He <em>said so</em> <strong>at</strong> home &amp; H<sub>2</sub>.",
        "Tyger <em>tyger</em><br/><em>burning</em> bright",
    ]
