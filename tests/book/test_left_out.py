"""Every word of a book is in a chapter, or told to be left out."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest
from book_files import LONG, link, make_epub, nav, page, texts, titles
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_models import SmallModels

from bookscore.engine.runner import Item, Run
from bookscore.engine.warehouse import Warehouse
from bookscore.ingest.book.formats import book_file, epub
from bookscore.ingest.book.medium import MEDIUM, sources
from bookscore.ingest.book.prose import Book, count_words
from bookscore.queries import status

SHORT = "It rained, and nobody came to the river that day."


def n_words(book: Book) -> int:
    return sum(count_words(text) for chapter in texts(book) for text in chapter)


def left_out(book: Book) -> dict[str, int]:
    """Words by reason."""
    found: dict[str, int] = {}
    for row in book.left_out:
        if row.n_words:  # the cover of these books is not in them
            found[row.reason] = found.get(row.reason, 0) + row.n_words
    return found


def test_short_entries_below_a_chapter_are_its_text(tmp_path: Path) -> None:
    """A diary whose contents list "Chapter 1" and below it its dated entries, each of few words."""
    days = range(1, 7)
    entries = "".join(f'<h2 id="d{day}">{day} May</h2><p>{SHORT}</p>' for day in days)
    pages = {f"c{n}.xhtml": page(f"<h1>Chapter {n}</h1>{entries}") for n in (1, 2, 3)}
    below = {name: "".join(link(f"{name}#d{day}", f"{day} May") for day in days) for name in pages}
    toc = nav("".join(link(name, f"Chapter {name[1]}", below[name]) for name in pages))
    book = epub.read(make_epub(tmp_path / "b.epub", pages, toc))
    assert titles(book) == ["Chapter 1", "Chapter 2", "Chapter 3"]
    assert all(chapter.count(SHORT) == 6 for chapter in texts(book))


def test_the_words_of_a_part_open_its_first_chapter(tmp_path: Path) -> None:
    """As in a specification: an overview of few words over sections in files of their own, nested twice."""
    pages = {
        "t.xhtml": page("<h1>The Book</h1><p>By A. Writer.</p>"),
        "o.xhtml": page(f"<h1>Publications</h1><p>This is what they are. {SHORT}</p>"),
        "o1.xhtml": page(f"<h2>Rules</h2><p>Some of them. {SHORT}</p>"),
        "o11.xhtml": page(f"<h3>Content</h3><p>{LONG}</p>"),
        "o12.xhtml": page(f"<h3>Reading</h3><p>{SHORT}</p>"),
    }
    rules = link("o1.xhtml", "Rules", link("o11.xhtml", "Content") + link("o12.xhtml", "Reading"))
    toc = nav(link("t.xhtml", "The Book", link("o.xhtml", "Publications", rules)))
    book = epub.read(make_epub(tmp_path / "b.epub", pages, toc))
    assert titles(book) == ["Publications / Rules / Content", "Publications / Rules / Reading"]
    assert texts(book) == [
        [f"This is what they are. {SHORT}", f"Some of them. {SHORT}", LONG],
        [SHORT],
    ]
    assert left_out(book) == {"title page": 3}


def test_what_is_below_the_notes_is_notes(tmp_path: Path) -> None:
    chapters = {f"c{n}.xhtml": page(f"<h1>Chapter {n}</h1><p>{LONG}</p>") for n in (1, 2, 3)}
    notes = {f"n{n}.xhtml": page(f"<h2>Chapter {n}</h2><p>{SHORT}</p>") for n in (1, 2, 3)}
    pages = {**chapters, "n.xhtml": page("<h1>Notes</h1><p>On the text.</p>"), **notes}
    below = "".join(link(name, f"Chapter {name[1]}") for name in notes)
    toc = nav(
        "".join(link(name, f"Chapter {name[1]}") for name in chapters) + link("n.xhtml", "Notes", below)
    )
    book = epub.read(make_epub(tmp_path / "b.epub", pages, toc))
    assert titles(book) == ["Chapter 1", "Chapter 2", "Chapter 3"]
    assert left_out(book) == {"front and back matter": 3 * count_words(SHORT) + 3 * 2 + 4}


def test_contents_that_hold_the_chapters_are_no_front_matter(tmp_path: Path) -> None:
    pages = {f"c{n}.xhtml": page(f"<h1>Chapter {n}</h1><p>{LONG}</p>") for n in (1, 2)}
    below = "".join(link(name, f"Chapter {name[1]}") for name in pages)
    pages = {"t.xhtml": page("<h1>Contents</h1>"), **pages}
    book = epub.read(make_epub(tmp_path / "b.epub", pages, nav(link("t.xhtml", "Contents", below))))
    assert texts(book) == [[LONG], [LONG]]


def test_a_chapter_marked_as_front_matter_by_mistake_is_a_chapter(tmp_path: Path) -> None:
    def marked(n: int, mark: str) -> str:
        return page(f'<section epub:type="{mark}"><h1>Chapter {n}</h1><p>{n}. {LONG}</p></section>')

    pages = {
        "c1.xhtml": marked(1, "frontmatter"),
        "c2.xhtml": marked(2, "frontmatter"),
        "c3.xhtml": marked(3, ""),
    }
    pages["d.xhtml"] = page(f"<p>{SHORT}</p>", "frontmatter dedication")
    toc = nav("".join(link(f"c{n}.xhtml", f"Chapter {n}") for n in (1, 2, 3)) + link("d.xhtml", "To Ann"))
    book = epub.read(make_epub(tmp_path / "b.epub", pages, toc))
    assert texts(book) == [[f"{n}. {LONG}"] for n in (1, 2, 3)]
    assert left_out(book) == {"front and back matter": count_words(SHORT)}


def test_where_all_is_marked_as_front_matter_the_marks_are_wrong(tmp_path: Path) -> None:
    pages = {"a.xhtml": page(f"<h1>By the Sea</h1><p>{LONG}</p>", "frontmatter")}
    book = epub.read(make_epub(tmp_path / "b.epub", pages, nav(link("a.xhtml", "By the Sea"))))
    assert texts(book) == [[LONG]]


def test_what_no_chapter_holds_is_told_with_its_reason(tmp_path: Path) -> None:
    body = (
        '<h1>One</h1><p>He<a epub:type="noteref" href="#n">1</a> came <span class="pagenum">[7]</span> home.</p>'
        '<aside epub:type="footnote" id="n"><p>A king.</p></aside><p hidden="">Not seen.</p>'
        "<figure><img src='a.png'/><figcaption>The old house</figcaption></figure>"
        '<p><ruby>Tokyo<rt>to kyo</rt></ruby></p><p><a href="b.xhtml">Two</a></p><p>THE END</p>'
        "<script>var no = 'words';</script><style>p { margin: 0 }</style>"
    )
    pages = {"a.xhtml": page(body), "c.xhtml": page("<h1>Copyright</h1><p>All rights reserved.</p>")}
    toc = nav(link("a.xhtml", "One") + link("c.xhtml", "Copyright"))
    book = epub.read(make_epub(tmp_path / "b.epub", pages, toc))
    assert texts(book) == [["He came home.", "Tokyo"]]
    assert left_out(book) == {
        "notes": 3, "page numbers": 1, "hidden text": 2, "captions": 3, "readings": 2, "contents": 1, "end mark": 2,
        "front and back matter": 4,
    }  # fmt: skip
    assert [(row.place, row.label) for row in book.left_out if row.n_words == 4] == [
        ("e/c.xhtml", "Copyright")
    ]


def test_the_licence_of_a_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "b.txt"
    path.write_text(
        "Title: The Book\n\n*** START OF THE PROJECT GUTENBERG EBOOK ***\n\nPREFACE\n\nWhy I wrote it.\n\n"
        f"CHAPTER I\n\n{LONG}\n\n[Illustration: A cat]\n\n*** END OF THE PROJECT GUTENBERG EBOOK ***\n\nFree to all."
    )
    book = book_file.read(path)
    assert texts(book) == [[LONG]]
    # "[Illustration:" is a word too.
    assert left_out(book) == {
        "licence": 3 + 6 + 6 + 3, "notes and pictures": 3, "contents, title page and other front and back matter": 5,
    }  # fmt: skip


Node = dict[str, Any]
NODES = st.recursive(
    st.builds(dict, below=st.just([])), lambda nodes: st.builds(dict, below=st.lists(nodes, max_size=4)), max_leaves=12
)  # fmt: skip


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), tops=st.lists(NODES, min_size=1, max_size=4))
def test_no_word_is_lost_whatever_the_contents(tmp_path: Path, data: st.DataObject, tops: list[Node]) -> None:
    """Any tree of contents over any files: each word is a paragraph's or a title's, or is counted as left out."""
    numbers, pages, body = count(1), dict[str, str](), dict[str, str]()
    words: list[str] = []

    def entry(node: Node, file: str, level: int) -> str:
        number = next(numbers)
        label = data.draw(
            st.sampled_from(["Chapter {}", "Part {}", "{}", "Notes", "Along {}", "Preface", "The Book"])
        )
        label = label.format(number)
        if level == 1 or data.draw(st.booleans()):
            file = f"f{number}.xhtml"
        text = [f"w{number}x{i}" for i in range(data.draw(st.sampled_from([0, 1, 30, 120, 400])))]
        words.extend([*text, *label.split()])
        mark = data.draw(st.sampled_from(["", "", "", "frontmatter"]))
        body[file] = (
            body.get(file, "") + f'<section epub:type="{mark}"><h{level} id="i{number}">{label}</h{level}>'
        )
        body[file] += f"<p>{' '.join(text)}</p></section>"
        below = "".join(entry(child, file, min(level + 1, 6)) for child in node["below"])
        return (
            link(f"{file}#i{number}", label, below)
            if data.draw(st.sampled_from([True, True, False]))
            else below
        )

    toc = nav("".join(entry(node, "", 1) for node in tops))
    pages = {name: page(text) for name, text in body.items()}
    pages["z.xhtml"] = page(f"<h1>Chapter 999</h1><p>{LONG}</p>")
    book = epub.read(make_epub(tmp_path / "b.epub", pages, toc))
    found = [word for chapter in texts(book) for text in chapter for word in text.split()]
    named = [word for title in [book.title, *titles(book)] for word in title.replace(":", "").split()]
    n_text = sum(word.startswith("w") and "x" in word for word in words)
    kept = [word for word in found if word.startswith("w") and "x" in word and word[1].isdigit()]
    assert len(kept) == len(set(kept))
    told = sum(row.n_words for row in book.left_out)
    # Of the headings some are titles, whose words are counted nowhere.
    n_headings = len(words) - n_text
    assert n_text - len(kept) <= told <= n_text - len(kept) + n_headings + 2
    lost = set(words) - set(found) - set(named)
    assert told >= len(lost)


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("It’s 3 o’clock — really.", 4),
        ("老人は窓辺に座っていた。「ハリー・ポッター」", 13),
        ("老人坐在窗边，望着树。Alice来了", 12),
        ("ชายชรานั่งอยู่ที่หน้าต่าง", 7),
        ("노인은 창가에 앉아", 3),
        ("ផ្ទះរបស់ខ្ញុំ", 4),
        ("… —", 0),
    ],
)
def test_words_are_counted_in_scripts_without_spaces(text: str, n: int) -> None:
    assert count_words(text) == n


@pytest.mark.parametrize(
    "sentence", ["老人は窓辺に座って木々を眺めていた。", "老人坐在窗边，望着外面的树。", "ชายชรานั่งอยู่ที่หน้าต่าง"]
)
def test_chapters_in_scripts_without_spaces_are_not_taken_for_mottoes(tmp_path: Path, sentence: str) -> None:
    pages = {f"c{n}.xhtml": page(f"<h1>{n}</h1><p>{sentence * 30}</p>") for n in (1, 2)}
    pages = {"c1.xhtml": pages["c1.xhtml"], "c1a.xhtml": "", "c2.xhtml": pages["c2.xhtml"]}
    pages["c1a.xhtml"] = page(f"<h2>x</h2><p>{sentence * 30}</p>")
    toc = nav(link("c1.xhtml", "春", link("c1a.xhtml", "雨")) + link("c2.xhtml", "夏"))
    book = epub.read(make_epub(tmp_path / "b.epub", pages, toc))
    assert titles(book) == ["春", "春 / 雨", "夏"]
    assert all(count_words(chapter[0]) >= 150 for chapter in texts(book))


@pytest.mark.parametrize(("n_notes", "warns"), [(1, False), (20, True)])
def test_ingest_tells_what_is_left_out_and_loudly_where_that_is_much(
    tmp_path: Path, n_notes: int, warns: bool
) -> None:
    pages = {
        "a.xhtml": page(f"<h1>One</h1><p>{LONG}</p>"),
        "n.xhtml": page(f"<h1>Notes</h1><p>{SHORT * n_notes}</p>"),
    }
    path = make_epub(tmp_path / "b.epub", pages, nav(link("a.xhtml", "One") + link("n.xhtml", "Notes")))
    with Warehouse(tmp_path / "warehouse") as warehouse:
        defaults = {setting.name: setting.default for setting in MEDIUM.settings}
        run = Run(warehouse, defaults, SmallModels(), force=False, progress=lambda task, state: None)
        item = Item.of(warehouse, MEDIUM, sources(path))
        run.ingest([item])
        with warehouse.reading() as connection:
            rows = connection.execute(
                "SELECT place, label, n_words, reason FROM left_out WHERE n_words > 0"
            ).fetchall()
            lines = status.notes(connection, item.item_id)
    n = 1 + count_words(SHORT * n_notes)
    assert rows == [("e/n.xhtml", "Notes", n, "front and back matter")]
    total = n + count_words(LONG)
    assert lines[1:] == ["b.epub: e/cover.xhtml is in the reading order, but not in the file"]
    assert lines[0].startswith(
        f"b.epub: {'WARNING: ' * warns}{n} of {total} words ({n / total:.0%}) are in no chapter: front and back matter {n}"
    )


CASES = {
    "02-diary-sections-lost/diary.epub": (["Chapter 1", "Chapter 2", "Chapter 3"], 2861),
    "05-front-matter-children/fm.epub": (["Chapter 1", "Chapter 2", "Chapter 3"], 1528),
    "59-frontmatter-body/fm.epub": (["Chapter 1", "Chapter 2", "Chapter 3"], 924),
}


@pytest.mark.parametrize("name", CASES)
def test_the_reported_books_keep_their_text(data_dir: Path, name: str) -> None:
    book = book_file.read(data_dir.parent / "cases" / name)
    assert (titles(book), n_words(book)) == CASES[name]


@pytest.mark.parametrize(
    "name", ["a-little-princess.epub", "alice.txt", "vanity-fair.epub", "frankenstein.epub"]
)
def test_of_real_books_little_is_left_out(data_dir: Path, name: str) -> None:
    book = book_file.read(data_dir / "books" / name)
    assert 0 < sum(left_out(book).values()) < 0.12 * n_words(book)
    assert all(row.n_words for row in book.left_out)
