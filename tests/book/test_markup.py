"""Runs of text with emphasis as plain text and as XHTML."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from bookscore.ingest.book.formats.markup import Run, paragraphs
from bookscore.ingest.book.prose import clean

ELEMENTS = ("em", "strong", "small", "sub", "sup")
RUNS = st.lists(
    st.tuples(
        st.text(
            st.one_of(st.sampled_from(" \n<>&\"'a\u00ad\u0301\x00\ufffe_"), st.characters(codec="utf-8")),
            max_size=8,
        ),
        st.lists(st.sampled_from(ELEMENTS), unique=True, max_size=3).map(tuple),
    ),
    max_size=8,
)


@settings(max_examples=400)
@given(runs=RUNS)
def test_markup_says_what_the_text_says(runs: list[Run]) -> None:
    for paragraph in paragraphs(runs):
        root = etree.fromstring(f"<p>{paragraph.markup}</p>")
        assert {e.tag for e in root.iter()} <= {"p", "br", *ELEMENTS}
        assert not any(e.attrib for e in root.iter())
        for br in root.iter("br"):
            assert br.getparent() is root
            br.text = "\n"
        assert "".join(root.itertext()) == paragraph.text
        lines = paragraph.text.split("\n")
        assert all(lines) and lines == [clean(line) for line in lines]
        assert unicodedata.is_normalized("NFC", paragraph.text)


@pytest.mark.parametrize(
    ("runs", "markup"),
    [
        ([("a ", ()), (" b ", ("em",)), (" c", ())], "a <em>b</em> c"),
        ([("a", ("em",)), (" ", ()), ("b", ("em",))], "<em>a b</em>"),
        ([("a ", ("strong",)), ("b", ("strong", "em"))], "<strong>a <em>b</em></strong>"),
        ([("a\nb", ("em",))], "<em>a</em><br/><em>b</em>"),
        ([("e", ()), ("\u0301", ("em",))], "é"),
        ([(" ", ("em",)), ("1 < 2 & 3", ())], "1 &lt; 2 &amp; 3"),
    ],
)
def test_spaces_and_breaks_stand_outside(runs: list[Run], markup: str) -> None:
    assert [paragraph.markup for paragraph in paragraphs(runs)] == [markup]


def test_empty_lines_part_stanzas() -> None:
    assert [p.text for p in paragraphs([("\na\nb\n \n\nc\n", ())])] == ["a\nb", "c"]
