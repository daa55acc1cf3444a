"""What is set with art: painted initials, lines with breaks, linked paragraphs, classes."""

from __future__ import annotations

import time

import pytest
from book_files import LONG

from bookscore.ingest.book.formats.xhtml import read_document


def paragraphs(body: str) -> list[str]:
    return [block.text for block in read_document(f"<html><body>{body}</body></html>".encode()).blocks]


@pytest.mark.parametrize(
    "opening",
    [
        '<div class="dropcap">T</div><p>he sun rose.</p>',
        "<div>T</div><p>he sun rose.</p>",
        '<div class="drop"><p>T</p></div><p>he sun rose.</p>',
        "<table><tr><td>T</td><td>he sun rose.</td></tr></table>",
        '<p><span class="dropcap">T</span>\n<span>he</span> sun rose.</p>',
        '<p><span style="float: left; font-size: 3em">T</span>he sun rose.</p>',
        '<p><span aria-hidden="true">T</span>he sun rose.</p>',
        '<p><span aria-hidden="true">T</span><span class="sr-only">The</span> sun rose.</p>',
        '<p><span aria-hidden="true">T</span><span class="sr-only">T</span>he sun rose.</p>',
        '<p><span class="sr-only">The</span><span aria-hidden="true">T</span><span aria-hidden="true">he</span> sun rose.</p>',
        '<p><span aria-label="The"><span aria-hidden="true">T</span><span aria-hidden="true">he</span></span> sun rose.</p>',
        "<p><svg><text>T</text></svg>he sun rose.</p>",
        "<p><svg><title>Letter T</title><text>T</text></svg>he sun rose.</p>",
        '<div><svg aria-label="T"><path/></svg></div><p>he sun rose.</p>',
        '<p><img alt="T" src="t.png"/>he sun rose.</p>',
        '<p><img alt="The" src="t.png"/> sun rose.</p>',
        '<p><img alt="The" src="t.png"/>he sun rose.</p>',
        '<p><img alt="The" src="t.png"/>The sun rose.</p>',
        '<p><img alt="T" src="t.png"/><span class="hide">T</span>he sun rose.</p>',
        '<p><img alt="Drop cap T" src="t.png"/>he sun rose.</p>',
        '<div class="figleft"><img alt="T" src="t.png"/></div><p>he sun rose.</p>',
        '<div class="figleft"><img alt="The" src="t.png"/></div><p>sun rose.</p>',
        '<p><img alt="Ship" src="s.png"/>The sun rose.</p>',
        '<div role="img" aria-label="T"></div><p>he sun rose.</p>',
    ],
)
def test_the_word_of_a_painted_initial_comes_out_once_and_whole(opening: str) -> None:
    assert paragraphs(f"{opening}<p>It was day.</p>") == ["The sun rose.", "It was day."]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<div class="dropcap">A</div><p>lice sat.</p>', ["Alice sat."]),
        ('<div class="dropcap">A</div><p>long tale.</p>', ["A long tale."]),
        ("<div>T</div><p>HE SUN rose.</p>", ["THE SUN rose."]),
        ('<p><span class="dropcap">“T</span>he sun,” he said.</p>', ["“The sun,” he said."]),
        ('<p><span class="dropcap">O</span>’Brien sat.</p>', ["O’Brien sat."]),
        ('<p><img alt="L" src="l.png"/>loyd sat.</p>', ["Lloyd sat."]),
        ("<p>I</p><p>He was.</p>", ["I", "He was."]),
        ("<p>A</p><h2>Two</h2><p>he was.</p>", ["A", "Two", "he was."]),
        ('<p>He saw <img alt="x" src="x.png"/> there.</p>', ["He saw x there."]),
        ("<p>T</p>", ["T"]),
        ("<p>a</p><p>a</p><p>b</p>", ["a", "a", "b"]),
        ("<p>A</p><p>b</p>", ["A", "b"]),
    ],
)
def test_a_letter_is_joined_where_it_is_a_words(body: str, expected: list[str]) -> None:
    told = "<p>Alice told a long tale. It was the long, long day of Alice.</p>"
    assert paragraphs(told + body)[1:] == expected


def test_anchors_lead_to_the_block_after_a_letter_that_stands_alone() -> None:
    document = read_document(
        b"<html><body><p>V</p><p id='a'>He was.</p><p id='b'>So.</p><p>T</p><p id='c'>he end.</p></body></html>"
    )
    assert [document.blocks[document.anchors[name]].text for name in "abc"] == ["He was.", "So.", "The end."]


def test_anchors_of_letters_that_stand_alone_lead_to_them() -> None:
    body = "<p id='a'>V</p><p id='b'>X</p><p>It rained.</p><p id='c'>I</p><p id='d'>He was.</p>"
    document = read_document(f"<html><body>{body}</body></html>".encode())
    assert [document.blocks[document.anchors[name]].text for name in "abcd"] == ["V", "X", "I", "He was."]


def test_many_letters_that_stand_alone_are_read_in_linear_time() -> None:
    letters = "".join(f"<p id='{n}'>V</p>" for n in range(40_000))
    started = time.process_time()
    document = read_document(f"<html><body>{letters}</body></html>".encode())
    assert len(document.blocks) == 40_000 and document.anchors["39999"] == 39_999
    assert time.process_time() - started < 30


SENTENCE = "The grey cat sat by the old stove and slept until the rain that had come in from the sea was over and gone for good."


def test_prose_set_with_single_breaks_is_paragraphs() -> None:
    lines = [SENTENCE, "“Come in,” he said.", SENTENCE, "She left.", SENTENCE]
    assert paragraphs(f"<h1>One</h1>{'<br/>'.join(lines)}") == ["One", *lines]
    speech = ["“Yes.”", "“No!”", "He left."] * 20
    assert paragraphs(f"<div>{'<br/>'.join(speech)}</div>") == speech


@pytest.mark.parametrize(
    "lines",
    [
        ["Tyger tyger, burning bright", "In the forests of the night,", "What immortal hand or eye"],
        ["Dear Ann,", SENTENCE, "Yours,", "Tom"],
        ["Hail!", "Farewell!"],
    ],
)
def test_verse_and_letters_keep_their_lines(lines: list[str]) -> None:
    assert paragraphs(f"<p>{'<br/>'.join(lines)}</p>") == ["\n".join(lines)]


def test_paragraphs_that_are_links_are_text_and_contents_are_not() -> None:
    assert paragraphs(f'<p><a href="a.mp3">{LONG}</a></p><p><a href="b.mp3">He left.</a></p>') == [
        LONG,
        "He left.",
    ]
    assert paragraphs(f'<p><a href="text.xhtml#p1">{SENTENCE}</a></p>') == [SENTENCE]
    entries = "".join(f'<p><a href="c{n}.xhtml">Chapter {n}</a></p>' for n in (1, 2, 3))
    assert paragraphs(f"{entries}<p>It began.</p>") == ["It began."]
    assert paragraphs('<p><a href="toc.xhtml">Chapter 1</a></p><p>It began.</p>') == [
        "Chapter 1",
        "It began.",
    ]


def test_class_names_of_notes_leave_out_no_paragraph_of_the_story() -> None:
    body = (
        f'<p class="annotation">{LONG}</p><div class="notes"><p>{LONG}</p></div><p class="caption">{LONG}</p>'
    )
    assert paragraphs(body) == [LONG] * 3
    figure = '<div class="fig"><img src="a.png" alt=""/><p class="caption">A ship</p></div>'
    assert paragraphs(f'{figure}<p>He<span class="x-pageno">[7]</span> came.</p>') == ["He came."]
