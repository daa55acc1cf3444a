"""Chapters found by their headings, however those are written or set."""

from __future__ import annotations

from pathlib import Path

import pytest
from book_files import LONG, link, make_epub, nav, page, texts, titles

from bookscore.ingest.book.chapters.headings import heading, title_of
from bookscore.ingest.book.formats import book_file, epub, plain_text
from bookscore.ingest.book.prose import Book, count_words

WRAPPED = LONG.replace(" and slept until ", "\nand slept until ")


def read(path: Path, text: str) -> Book:
    path.write_text(text, encoding="utf-8")
    return book_file.read(path)


def chapters_of(headings: list[str], gap: str = "\n\n") -> str:
    return "\n\n\n".join(f"{line}{gap}{WRAPPED}\n\n{WRAPPED}" for line in headings)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["CHAP. I.", "CHAP. II.", "CHAP. III."], None),
        (["Ch. 1", "Ch. 2"], None),
        (["~ 1 ~", "~ 2 ~", "~ 3 ~"], ["1", "2", "3"]),
        (["- 1 -", "- 2 -", "- 3 -"], ["1", "2", "3"]),
        (["[1]", "[2]", "[3]"], ["1", "2", "3"]),
        (["— I —", "— II —"], ["I", "II"]),
        (["ONE", "TWO", "THREE"], None),
        (["FIRST CHAPTER", "SECOND CHAPTER", "TWENTY-FIRST CHAPTER"], None),
        (["1. Kapitel", "2. Kapitel"], None),
        (["_Chapter 1_", "_Chapter 2_"], ["Chapter 1", "Chapter 2"]),
        (["*** Chapter 1 ***", "*** Chapter 2 ***"], ["Chapter 1", "Chapter 2"]),
        (["# Chapter 1", "# Chapter 2"], ["Chapter 1", "Chapter 2"]),
        (["Chapter 1\n=========", "Chapter 2\n========="], ["Chapter 1", "Chapter 2"]),
        (["C H A P T E R   1", "C H A P T E R   2"], ["CHAPTER 1", "CHAPTER 2"]),
        (["CHAPTER\n   1", "CHAPTER\n   2"], ["CHAPTER 1", "CHAPTER 2"]),
        (["Day 1", "Day 2", "Day 3"], None),
        (["CHAPTER THE FIRST", "CHAPTER THE LAST"], None),
        (["第一章 風", "第十二章 雨"], None),
        (["THE GIFT", "THE LAST LEAF", "SPRINGTIME"], None),
        (
            ["CHAPTER I.\nTREATS OF THE PLACE WHERE OLIVER TWIST WAS BORN AND OF THE DAY\nOF HIS BIRTH", "CHAPTER II."],
            ["CHAPTER I. TREATS OF THE PLACE WHERE OLIVER TWIST WAS BORN AND OF THE DAY OF HIS BIRTH", "CHAPTER II."],
        ),
    ],
)  # fmt: skip
def test_headings_of_a_text_begin_chapters(
    tmp_path: Path, lines: list[str], expected: list[str] | None
) -> None:
    book = read(tmp_path / "b.txt", chapters_of(lines, gap="\n\n\n"))
    assert titles(book) == (expected or lines)
    assert all(len(paragraphs) >= 2 for paragraphs in texts(book))


def test_a_heading_stands_directly_over_its_text(tmp_path: Path) -> None:
    book = read(tmp_path / "b.txt", chapters_of(["Chapter 1", "Chapter 2", "Chapter 3"], gap="\n"))
    assert titles(book) == ["Chapter 1", "Chapter 2", "Chapter 3"]
    assert texts(book) == [[LONG, LONG]] * 3


def test_a_page_that_begins_with_a_heading_begins_a_chapter(tmp_path: Path) -> None:
    book = read(tmp_path / "b.txt", f"Chapter 1\n\n{WRAPPED}\fChapter 2\n\n{WRAPPED} He ran\faway.")
    assert titles(book) == ["Chapter 1", "Chapter 2"]
    assert texts(book)[1] == [f"{LONG} He ran away."]


def test_numerals_count_on_through_the_parts(tmp_path: Path) -> None:
    lines = ["I.", "II.", "III.", "IV."]
    text = f"BOOK I\n\n{chapters_of(lines[:2])}\n\nBOOK II\n\n{chapters_of(lines[2:])}"
    expected = ["BOOK I / I.", "BOOK I / II.", "BOOK II / III.", "BOOK II / IV."]
    assert titles(read(tmp_path / "b.txt", text)) == expected


@pytest.mark.parametrize(
    "lines",
    [
        ["“One.”", "“Two.”", "“Three.”"],  # counted aloud
        ["1. Milk", "2. Bread", "3. Tea"],  # a list
        ["One.", "Two.", "Three."],
        ["Dear Tom,", "Yours ever,", "Ann"],
        ["NO ENTRY", "NO EXIT"],
        ["Part two of it was sad.", "Book me a room.", "Day 1 was the best of all."],
        ["I—I don’t know", "I—I saw him"],
        ["Day 5", "Day 9"],
        ["Chapter and verse", "First book of all"],
    ],
)
def test_lines_of_a_novel_are_no_headings(tmp_path: Path, lines: list[str]) -> None:
    text = "\n\n".join(lines)
    found = read(tmp_path / "b.txt", f"{WRAPPED}\n\n{text}\n\n{WRAPPED}")
    assert titles(found) == ["b"]
    assert count_words("\n".join(texts(found)[0])) == 2 * count_words(LONG) + count_words(text)


def test_signs_in_capitals_are_no_titles(tmp_path: Path) -> None:
    text = "\n\n\n".join(
        [f"{WRAPPED}\n\n{WRAPPED}", "NO ENTRY", WRAPPED, "NO EXIT", WRAPPED, "BEWARE!", WRAPPED]
    )
    assert titles(read(tmp_path / "b.txt", text)) == ["b"]


def test_numbers_of_pages_are_no_headings(tmp_path: Path) -> None:
    page_of = "He went down to the sea and " * 60 + "he saw"
    text = "\n\n".join(f"{page_of}\n\n- {n} -" for n in range(1, 9))
    assert titles(read(tmp_path / "b.txt", text)) == ["b"]


def test_a_notice_in_a_chapter_is_part_of_it(tmp_path: Path) -> None:
    text = f"PREFACE\n\n{WRAPPED}\n\nCHAPTER I\n\n{WRAPPED}\n\nADVERTISEMENT\n\n{WRAPPED}\n\nCHAPTER II\n\n{WRAPPED}\n\nINDEX\n\n{WRAPPED}"
    book = read(tmp_path / "b.txt", text)
    assert titles(book) == ["CHAPTER I", "CHAPTER II"]
    assert texts(book)[0] == [LONG, "ADVERTISEMENT", LONG]


@pytest.mark.parametrize("suffix", ["txt", "html"])
def test_chapters_below_notes_are_notes(tmp_path: Path, suffix: str) -> None:
    chapters = ["CHAPTER I", "CHAPTER II"]
    text = f"{chapters_of(chapters)}\n\nNOTES\n\n{chapters_of(chapters)}"
    if suffix == "html":
        heads = "".join(f"<h2>{title}</h2><p>{LONG}</p>" for title in chapters)
        text = f"<html><body>{heads}<h2>NOTES</h2>{heads.replace('h2>', 'h3>')}"
    book = read(tmp_path / f"b.{suffix}", text)
    found = titles(book)
    assert found[:2] == chapters
    assert not [title for title in found[2:] if "NOTES" not in title]


def test_a_kept_heading_is_known_by_its_form() -> None:
    assert heading("~ 1 ~") == heading("[1]") == heading("1")
    assert [title_of(line) for line in ("*** One ***", "[ 2 ]", "“Anne”", "C H A P T E R   I V")] == [
        "One",
        "2",
        "“Anne”",
        "CHAPTER IV",
    ]


SET = {
    "bold": "<p class='calibre3'><b>{}</b></p>",
    "centred": "<center>{}</center>",
    "aligned": "<p align=center><font size=5>{}</font></p>",
    "classed": "<p class='ph2'>{}</p>",
    "painted": "<div class='fig'><img src='a.png' alt='{}'/></div>",
    "painted in a heading": "<h2><img src='a.png' alt='{}'/></h2>",
    "drawn": "<div><svg><title>{}</title><path/></svg></div>",
    "linked": "<p><a href='#contents'>{}</a></p>",
    "plain": "<p>{}</p>",
}


@pytest.mark.parametrize("form", SET)
def test_paragraphs_that_are_headings_begin_chapters(tmp_path: Path, form: str) -> None:
    numbered = ["CHAPTER I", "CHAPTER II", "CHAPTER III"]
    body = "".join(f"{SET[form].format(title)}<p>{LONG}</p><p>{LONG}</p>" for title in numbered)
    contents = "".join(f"<p><a href='#c{n}'>{title}</a></p>" for n, title in enumerate(numbered))
    book = read(
        tmp_path / "b.html",
        f"<html><title>A Tale</title><body><h2>Contents</h2>{contents}<h1>A Tale</h1>{body}",
    )
    assert titles(book) == numbered
    assert texts(book) == [[LONG, LONG]] * 3


def test_an_epub_whose_contents_name_one_file_has_its_chapters(tmp_path: Path) -> None:
    body = "".join(f"<p><b>Chapter {n}</b></p><p><b>The Door</b></p><p>{LONG}</p>" for n in (1, 2, 3, 4))
    path = make_epub(tmp_path / "b.epub", {"all.xhtml": page(body)}, nav(link("all.xhtml", "Start")))
    assert titles(epub.read(path)) == [f"Chapter {n}: The Door" for n in (1, 2, 3, 4)]


def test_titles_without_numbers_begin_chapters_where_they_are_set_as_titles(tmp_path: Path) -> None:
    names = ["The Gift", "The Leaf", "By Courier"]
    body = "".join(f"<p class='ph2'>{name}</p><p>{LONG}</p>" for name in names)
    assert titles(read(tmp_path / "b.html", f"<html><body>{body}")) == names


@pytest.mark.parametrize(
    "inside",
    [
        "<p>“Chapter 1,” she read.</p><p>“Chapter 2,” she read.</p>",
        "<p class='center'>NO ENTRY</p>",
        "<p><b>Ann</b></p><p><b>Tom</b></p>",
        "<p>1.</p><p>Milk</p><p>2.</p><p>Bread</p>",
        "<blockquote><p>I</p><p>Tyger, tyger</p><p>II</p><p>In the forests</p></blockquote>",
    ],
)
def test_paragraphs_of_a_chapter_are_no_headings(tmp_path: Path, inside: str) -> None:
    heads = "".join(f"<h2>Chapter {n}</h2><p>{LONG}</p>{inside}<p>{LONG}</p>" for n in (1, 2, 3))
    assert titles(read(tmp_path / "b.html", f"<html><body>{heads}")) == [f"Chapter {n}" for n in (1, 2, 3)]
    plain = f"<html><body><p>{LONG}</p>{inside}<p>{LONG}</p>"
    assert titles(read(tmp_path / "b.html", plain)) == ["b"]


def epub_of(tmp_path: Path, names: list[str]) -> Book:
    pages = {f"c{n}.xhtml": page(f"<h1>{name}</h1><p>{LONG}</p>") for n, name in enumerate(names)}
    return epub.read(make_epub(tmp_path / "b.epub", pages, nav("".join(map(link, pages, names)))))


def test_between_chapters_titles_like_front_matter_are_chapters(tmp_path: Path) -> None:
    names = [
        "Introduction", "The Sea", "By Train North", "Introduction", "Questions", "Credits", "Excerpt from a Letter",
        "Index", "Maps", "Also Available Light", "Afterword", "About the Author",
    ]  # fmt: skip
    assert titles(epub_of(tmp_path, names)) == names[1:-2]


def test_between_chapters_notes_and_title_pages_are_none(tmp_path: Path) -> None:
    names = ["The Sea", "Notes", "The Land", "Title Page", "Copyright", "The Air"]
    assert titles(epub_of(tmp_path, names)) == ["The Sea", "The Land", "The Air"]


def test_an_introduction_in_a_part_is_story(tmp_path: Path) -> None:
    pages = {name: page(f"<h2>{name}</h2><p>{LONG}</p>") for name in ("a.xhtml", "b.xhtml")}
    below = link("a.xhtml", "Introduction") + link("b.xhtml", "The Sea")
    pages = {"p.xhtml": page("<h1>Part One</h1>"), **pages}
    book = epub.read(make_epub(tmp_path / "b.epub", pages, nav(link("p.xhtml", "Part One", below))))
    assert titles(book) == ["Part One / Introduction", "Part One / The Sea"]


CASES = {
    "44-html-headings/p-headings.epub": [f"Chapter {n}" for n in range(1, 5)],
    "44-html-headings/word.html": [f"Chapter {n}" for n in range(1, 5)],
    "50-plain-text/bracket.txt": ["1", "2", "3", "4", "5"],
    "50-plain-text/dash.txt": ["1", "2", "3", "4", "5"],
    "50-plain-text/day.txt": [f"Day {n}" for n in range(1, 6)],
    "50-plain-text/dialogue-numbers.txt": [f"Chapter {n}" for n in range(1, 6)],
    "50-plain-text/form-feed.txt": [f"Chapter {n}" for n in range(1, 5)],
    "50-plain-text/nohead-long.txt": ["nohead-long"],
    "50-plain-text/samenline.txt": [f"Chapter {n}" for n in range(1, 6)],
    "50-plain-text/titled.txt": ["THE GIFT", "THE LAST LEAF", "A RETRIEVED REFORM", "THE COP", "SPRINGTIME"],
    "50-plain-text/word-only.txt": ["ONE", "TWO", "THREE", "FOUR", "FIVE"],
    "53-headings/chapI.txt": ["CHAP. I.", "CHAP. II.", "CHAP. III.", "CHAP. IV.", "CHAP. V."],
    "54-gutenberg-html/letters-in-chapter.html": ["CHAPTER I", "CHAPTER II"],
    "54-gutenberg-html/noheads.html": ["CHAPTER I", "CHAPTER II", "CHAPTER III"],
    "54-gutenberg-html/stories.html": ["THE GIFT", "THE LEAF", "BY COURIER", "AN INTRODUCTION"],
}


@pytest.mark.parametrize("name", CASES)
def test_the_cases_have_their_chapters(data_dir: Path, name: str) -> None:
    assert titles(book_file.read(data_dir.parent / "cases" / name)) == CASES[name]


NOVELS = {
    "ARoomWithAView": 20, "AnneOfGreenGables": 38, "Emma": 55, "OliverTwist": 53, "PrideAndPrejudice": 61,
    "TheAgeOfInnocence": 34, "TheSignOfTheFour": 12, "TheSunAlsoRises": 19,
}  # fmt: skip


@pytest.mark.parametrize("name", NOVELS)
def test_novels_as_text_have_the_chapters_they_have_in_print(data_dir: Path, name: str) -> None:
    assert len(plain_text.read(data_dir / "pdnc" / name / "novel_text.txt").chapters) == NOVELS[name]
