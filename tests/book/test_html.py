"""Books in one HTML or Markdown file."""

from __future__ import annotations

from pathlib import Path

import pytest
from book_files import LONG, markup, texts, titles

from bookscore.ingest.book.formats import book_file
from bookscore.ingest.book.prose import Book

GUTENBERG = f"""<!DOCTYPE html><html lang="en"><head>
<title>The Project Gutenberg eBook of Home, by A. Writer</title></head><body>
<section class="pg-boilerplate pgheader"><h2>The Project Gutenberg eBook of Home</h2><p>Licence.</p></section>
<h1>HOME</h1><h2>by A. Writer</h2><h3>ILLUSTRATED EDITION</h3>
<h2>Contents</h2><table><tr><td>I.</td><td><a href="#c1">The Door</a></td></tr></table>
<h2><a id="c1"></a>CHAPTER I.<br>The Door</h2><p>The <i>door</i> was open.</p>
<div class="fig"><img src="d.png" alt="A door"><p class="caption">A door</p></div>
<h2>CHAPTER II.</h2><h3>The Fire</h3><p>It burned.<a href="#f1" class="fnanchor">[1]</a> {LONG}</p>
<div class="footnote"><p><a href="#r1">[1]</a> Low.</p></div><p>THE END</p>
<section class="pg-boilerplate pgfooter"><p>Full licence.</p></section></body></html>"""


def read(path: Path, text: str, encoding: str = "utf-8") -> Book:
    path.write_bytes(text.encode(encoding))
    return book_file.read(path)


def test_a_gutenberg_html_is_its_chapters(tmp_path: Path) -> None:
    book = read(tmp_path / "b.html", GUTENBERG)
    assert (book.title, book.author, book.language) == ("Home", "A. Writer", "en")
    assert titles(book) == ["CHAPTER I. The Door", "CHAPTER II: The Fire"]
    assert markup(book) == [["The <em>door</em> was open."], [f"It burned. {LONG}"]]


def test_an_old_gutenberg_html_has_its_licence_cut(tmp_path: Path) -> None:
    text = (
        "<html><body><pre>The Project Gutenberg EBook of Home\n\n*** START OF THIS PROJECT GUTENBERG EBOOK HOME ***\n\n"
        "Produced by A. Volunteer</pre><h1>HOME</h1><h2>CHAPTER I</h2><p>It rained.</p><h2>CHAPTER II</h2><p>It cleared."
        "</p><pre>End of the Project Gutenberg EBook of Home\n\n*** END OF THIS PROJECT GUTENBERG EBOOK HOME ***\n\n"
        "1.A. Terms</pre></body></html>"
    )
    assert texts(read(tmp_path / "b.htm", text)) == [["It rained."], ["It cleared."]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_html_is_known_by_its_content_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    head = f'<meta charset="{encoding}">' if encoding == "cp1252" else ""
    book = read(
        tmp_path / "b.txt", f"<!doctype html><html>{head}<h1>Café</h1><p>Where “it” rained.", encoding
    )
    assert (titles(book), texts(book)) == (["Café"], [["Where “it” rained."]])


def test_parts_nest_their_chapters(tmp_path: Path) -> None:
    body = (
        f"<h1>Home</h1><h2>PART ONE</h2><h2>Arrival</h2><p>{LONG}</p><h3>Later</h3><p>{LONG}</p>"
        f"<h2>PART TWO</h2><h3>The Sea</h3><h4>Chapter 1</h4><p>{LONG}</p><h2>Epilogue</h2><p>He slept.</p>"
    )
    book = read(tmp_path / "b.html", f"<html><body>{body}")
    assert titles(book) == ["PART ONE / Arrival", "PART TWO: The Sea / Chapter 1", "Epilogue"]
    assert texts(book)[0] == [LONG, "Later", LONG]


def test_markdown_is_read_as_a_book(tmp_path: Path) -> None:
    text = (
        "---\ntitle: 'Home'\nauthor: A. Writer\nlang: en-GB\n---\n\n# Book I\n\n## Chapter 1\n\nHe *came* in[^1],\n"
        "**wet** & <b>cold</b>.\n\n> Tyger tyger,  \n> burning\n\n## Chapter 2\n\nHe left.\n\n[^1]: By the back door.\n\n"
        "    And late.\n\nBook II\n=======\n\n## Chapter 1\n\n![A ship](ship.png)\n\nHe wrote[^1].\n"
    )
    book = read(tmp_path / "b.md", text)
    assert (book.title, book.author, book.language) == ("Home", "A. Writer", "en-GB")
    assert titles(book) == ["Book I / Chapter 1", "Book I / Chapter 2", "Book II / Chapter 1"]
    assert markup(book) == [
        [
            "He <em>came</em> in, <strong>wet</strong> &amp; <strong>cold</strong>.",
            "Tyger tyger,<br/>burning",
        ],
        ["He left."],
        ["He wrote."],
    ]


def test_the_only_first_heading_is_the_title(tmp_path: Path) -> None:
    book = read(
        tmp_path / "b.markdown",
        "# Home\n\nA motto.\n\n## The Door\n\nIt was open.\n\n## The Fire\n\nIt burned.",
    )
    assert (book.title, titles(book)) == ("Home", ["The Door", "The Fire"])


def test_a_page_without_headings_is_one_chapter(tmp_path: Path) -> None:
    assert read(tmp_path / "note.md", "It was late.").chapters[0].title == "note"
