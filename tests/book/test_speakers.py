"""Who says a quote."""

from __future__ import annotations

from pathlib import Path

import pytest
from book_people import MARKED, people_of, read_book, score

from bookscore.ingest.book.people.cast import people

CAST = "In the hall Miss Nell Harding met Mr. Tom Brand. There Nell Harding left Tom Brand, and then Nell Harding left."


def said(*texts: str) -> list[str | None]:
    """Speakers of the quotes of a chapter that first names Nell Harding and Tom Brand."""
    return people_of(CAST, "It rained.", "It rained.", "It rained.", "It rained.", *texts)["quote"][
        "speaker"
    ].to_list()


NELL, TOM = "Nell Harding", "Tom Brand"


@pytest.mark.parametrize(
    ("text", "speakers"),
    [
        ("“Come,” said Nell Harding.", [NELL]),
        ("“Come,” cried out poor little Nell Harding. “Now!”", [NELL, NELL]),
        ("“Come,” Tom Brand answered.", [TOM]),
        ("Tom Brand then said: “Come.”", [TOM]),
        ("At last, said Nell Harding, “come.”", [NELL]),
        ("“Come,” cried the old sailor, smiling.", ["the old sailor"]),
        ("“Come,” I said.", ["I"]),
        ("“Come,” said she.", [None]),
        ("“Come,” said the latter.", [None]),
        ("“Come.”", [None]),
        ("Nell Harding sat down. “Come,” she said.", [NELL]),
        ("Nell Harding saw Tom Brand. “Come,” he said.", [TOM]),
        ("“Nell Harding is here,” she said.", [None]),
        ("“Come,” said Nell Harding’s maid.", ["Nell Harding’s maid"]),
        ("“Come,” said Tom Brand. “No,” said Nell Harding.", [TOM, NELL]),
        ("The word “home” pleased Tom Brand.", [None]),
    ],
)
def test_the_words_beside_a_quote_tell_its_speaker(text: str, speakers: list[str | None]) -> None:
    assert said(text) == speakers


def test_a_pronoun_means_whom_the_narration_just_named() -> None:
    assert said("Nell Harding sat down.", "“Come,” she said.") == [NELL]


def test_a_pronoun_that_may_mean_two_tells_nothing() -> None:
    assert said("Nell Harding saw Miss Ann Low.", "Ann Low saw Nell Harding. “Come,” she said.") == [None]


def test_who_spoke_just_before_does_not_answer() -> None:
    assert said("“Come,” said Nell Harding.", "“Why?” she asked.") == [NELL, None]


def test_a_quote_over_two_paragraphs_has_one_speaker() -> None:
    assert said("“Come,” said Tom Brand. “It is late.", "“And it is cold.”") == [TOM, TOM, TOM]
    assert said("“It is late.", "“And it is cold,” said Tom Brand.") == [TOM, TOM]


def test_the_lead_in_may_end_the_paragraph_before() -> None:
    assert said("Then Nell Harding said in a low voice:", "“Come.”") == [NELL]


# Recall of the quotes that the text gives to somebody by a name or a pronoun; a little below what is reached.
@pytest.mark.parametrize(
    ("book", "recall"), [("a-little-princess", 0.82), ("vanity-fair", 0.84), ("a-farewell-to-arms", 0.5)]
)
def test_speakers_of_marked_chapters(book: str, recall: float, data_dir: Path) -> None:
    tables = read_book(data_dir / "books" / f"{book}.epub")
    found = score(book, people(tables["paragraph"], tables["quote"], "en"))
    assert found.precision >= 0.9
    assert found.recall >= recall


def test_marks_name_whom_they_mark() -> None:
    assert len(MARKED) > 200
    assert {mark["told_by"] for mark in MARKED} == {"name", "pronoun", "context", "-"}
