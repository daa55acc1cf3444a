"""Plain text: encodings, headings, paragraphs."""

from __future__ import annotations

from pathlib import Path

import pytest
from book_files import LONG, markup, texts, titles

from bookscore.ingest.book.chapters.headings import Heading, heading
from bookscore.ingest.book.formats import plain_text
from bookscore.ingest.book.prose import Book

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


def read(path: Path, text: str, encoding: str = "utf-8") -> Book:
    path.write_bytes(text.encode(encoding))
    return plain_text.read(path)


def test_a_gutenberg_text_is_its_chapters(tmp_path: Path) -> None:
    book = read(tmp_path / "b.txt", GUTENBERG)
    assert (book.title, book.author, book.language) == ("Home", "A. Writer", "en")
    assert titles(book) == ["CHAPTER I. The Door", "CHAPTER II: The Fire"]
    assert texts(book) == [
        [
            "The door was open, and a well-worn mat lay there. He said he had come--from the sea.",
            "He sang\nof home,",
        ],
        ["It burned."],
    ]


@pytest.mark.parametrize(
    ("paragraph", "markup_of_it"),
    [
        ("He said, _not I_, he.", "He said, <em>not I</em>, he."),
        ("The _Mary\nAnn_ lay", "The <em>Mary Ann</em> lay"),
        ("    _He sang_\n    _of home_", "<em>He sang</em><br/><em>of home</em>"),
        ("A _lone mark & <b>", "A _lone mark &amp; &lt;b&gt;"),
        ("a snake_case_name", "a snake_case_name"),
    ],
)
def test_underscores_in_pairs_are_italics(tmp_path: Path, paragraph: str, markup_of_it: str) -> None:
    filler = "The grey cat sat by the old stove.\n" * 3
    book = read(tmp_path / "b.txt", f"{filler}\n{paragraph}\n\n{filler}")
    assert markup(book)[0][1] == markup_of_it


def test_pictures_notes_and_last_words_are_left_out(tmp_path: Path) -> None:
    text = (
        "Chapter 1\n\n[Illustration: The door\n\n_Page 3_]\n\nHe came[1] home[A].\n\n[Footnote 1: By [the] door.\n\nLate.]"
        "\n\nHe wrote [sic] it.\n\nTHE END\n"
    )
    assert texts(read(tmp_path / "b.txt", text)) == [["He came home.", "He wrote [sic] it."]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac-roman"])
def test_any_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    text = "Chapter 1\n\n" + "“Où est le café ?” demanda-t-elle à l’étranger, près de la forêt. " * 20
    book = read(tmp_path / "b.txt", text, encoding)
    assert "forêt" in texts(book)[0][0] and "étranger" in texts(book)[0][0]


def test_parts_and_bare_numerals_make_chapters(tmp_path: Path) -> None:
    text = "BOOK ONE\n\nI\n\nHe came.\n\nII\n\nHe saw.\n\n7\n\nBOOK TWO\n\nI\n\nHe left."
    book = read(tmp_path / "b.txt", text)
    assert titles(book) == ["BOOK ONE / I", "BOOK ONE / II", "BOOK TWO / I"]
    assert texts(book)[1] == ["He saw.", "7"]


def test_a_text_without_headings_is_one_chapter(tmp_path: Path) -> None:
    book = read(tmp_path / "story.txt", "It was late.\n\nPart two of it was sad.")
    assert (titles(book), texts(book)) == (["story"], [["It was late.", "Part two of it was sad."]])


def test_long_lines_are_paragraphs(tmp_path: Path) -> None:
    book = read(tmp_path / "b.txt", f"{LONG}\n{LONG}\n{LONG}\n")
    assert texts(book)[0] == [LONG] * 3


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
def test_headings_are_known_by_their_form(line: str, found: Heading | None) -> None:
    assert heading(line) == found
