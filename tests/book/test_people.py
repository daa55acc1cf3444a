"""Names gathered by person, their mentions and genders."""

from __future__ import annotations

from pathlib import Path

import pytest
from book_people import people_of, read_book, tables_of
from hypothesis import given, settings
from hypothesis import strategies as st

from bookscore.engine.stage import Tables
from bookscore.ingest.book.people.cast import MENTION, PERSON, people


def persons(found: Tables) -> dict[str, set[str]]:
    return {row["name"]: set(row["names"]) for row in found["person"].iter_rows(named=True)}


@pytest.fixture(scope="module")
def princess(data_dir: Path) -> Tables:
    book = read_book(data_dir / "books" / "a-little-princess.epub")
    return people(book["paragraph"], book["quote"], "en-US")


@pytest.fixture(scope="module")
def frankenstein(data_dir: Path) -> Tables:
    book = read_book(data_dir / "books" / "frankenstein.epub")
    return people(book["paragraph"], book["quote"], "en-GB")


def test_a_first_name_a_full_name_and_a_title_are_one_person() -> None:
    found = people_of(
        "Then Miss Nell came with Nell Harding, and Nell sat down.", "They saw Nell Harding, and Nell smiled."
    )
    assert persons(found) == {"Nell Harding": {"Nell", "Nell Harding", "Miss Nell"}}


def test_titles_of_different_gender_are_two_people_of_one_surname() -> None:
    found = people_of("Here came Mr. Harding with Mrs. Harding.", "To Mr. Harding spoke Mrs. Harding.")
    assert set(persons(found)) == {"Mr. Harding", "Mrs. Harding"}
    assert dict(found["person"].select("name", "gender").iter_rows()) == {
        "Mr. Harding": "male", "Mrs. Harding": "female",
    }  # fmt: skip


def test_a_wife_called_by_her_husbands_name_is_not_her_husband() -> None:
    found = people_of("Once Captain Tom Harding met Mrs. Tom Harding, and Tom Harding bowed.")
    assert set(persons(found)) == {"Tom Harding", "Mrs. Tom Harding"} or set(persons(found)) == {
        "Captain Tom Harding", "Mrs. Tom Harding",
    }  # fmt: skip


def test_people_joined_by_and_are_never_one() -> None:
    found = people_of(
        "We met Miss Harding and Miss Nell Harding.", "Again Miss Harding and Miss Nell Harding came."
    )
    assert set(persons(found)) == {"Miss Harding", "Miss Nell Harding"}


def test_pronouns_tell_the_gender_where_no_title_does() -> None:
    found = people_of(*["“Yes,” said Robin, and she took her hat." for _ in range(4)])
    assert found["person"].select("name", "gender").row(0) == ("Robin", "female")


def test_a_mention_is_the_text_at_its_place_without_the_possessive() -> None:
    texts = ["In the garden Mrs. Harding’s cat slept.\nThere Mrs.\nHarding sat by Mrs. Harding."]
    found = people_of(*texts)
    rows = found["mention"].rows(named=True)
    assert len(rows) >= 2
    for row in rows:
        assert texts[0][row["first_char"] - 1 :].startswith(row["text"])
        assert not row["text"].endswith("s")


def test_a_kin_word_and_a_place_name_nobody() -> None:
    found = people_of(
        "She asked her papa, and in London Miss Nell met her papa.", "From London she went to London."
    )
    assert set(persons(found)) == {"Miss Nell"}


def test_a_queens_place_is_not_a_queen() -> None:
    found = people_of("He lived at Queen’s Harding, and Sir Tom Harding had built Queen’s Harding.")
    assert found["mention"]["text"].to_list() == ["Sir Tom Harding"]


def test_without_english_a_title_or_speech_makes_a_person() -> None:
    texts = [
        "« Oui », dit Colette. Elle regarda Paris.", "« Non », répondit Colette, et Madame Brun partit pour Paris."
    ]  # fmt: skip
    assert set(persons(people_of(*texts, language="fr"))) == {"Colette", "Madame Brun"}


def test_a_book_without_names_has_no_persons() -> None:
    found = people_of("it rained.", "it rained again.")
    assert found["person"].schema == PERSON and found["mention"].schema == MENTION
    assert found["person"].is_empty() and found["mention"].is_empty()
    empty = people(*(frame.clear() for frame in tables_of(["“x”"])), None)
    assert empty["quote"].columns[-2:] == ["speaker", "person_no"]


@settings(max_examples=60)
@given(st.lists(st.text("Sara Mr. said“”’‘'s—\nShe,:JX", max_size=60), max_size=6))
def test_any_text_gives_mentions_of_listed_persons_only(texts: list[str]) -> None:
    paragraph, quote = tables_of(texts)
    found = people(paragraph, quote, "fr")
    assert found["quote"].select(quote.columns).equals(quote)
    assert found["person"]["n_mentions"].sum() == len(found["mention"])
    assert set(found["mention"]["person_no"]) == set(found["person"]["person_no"])
    assert set(found["quote"]["person_no"].drop_nulls()) <= set(found["person"]["person_no"])


# Marked from knowing the books: who they tell of, and which forms name the same one.
PRINCESS = [
    {"Sara", "Sara Crewe", "Miss Sara", "Princess Sara", "Miss Crewe", "Mademoiselle Sara"},
    {"Captain Crewe", "Ralph Crewe"},
    {"Miss Minchin"},
    {"Miss Amelia", "Amelia"},
    {"Becky"},
    {"Ermengarde", "Ermengarde St. John", "Miss St. John"},
    {"Mr. St. John"},
    {"Lottie", "Lottie Legh"},
    {"Lavinia", "Lavinia Herbert"},
    {"Jessie"},
    {"Ram Dass"},
    {"Mr. Carrisford", "Carrisford"},
    {"Mr. Carmichael"},
    {"Mrs. Carmichael"},
    {"Janet"},
    {"Donald"},
    {"Mr. Barrow", "Barrow"},
    {"Monsieur Dufarge"},
    {"Mariette"},
    {"Melchisedec"},
    {"Emily"},
]
FRANKENSTEIN = [
    {"Elizabeth", "Elizabeth Lavenza"},
    {"Clerval", "Henry", "Henry Clerval"},
    {"Justine", "Justine Moritz"},
    {"Victor"},
    {"Felix"},
    {"Safie"},
    {"Agatha"},
    {"De Lacey"},
    {"William"},
    {"Ernest"},
    {"Mr. Kirwin"},
    {"M. Waldman"},
    {"M. Krempe"},
    {"Walton", "Captain Walton"},
    {"Margaret"},
]
NOBODY = {
    "London",
    "Paris",
    "India",
    "Geneva",
    "Ingolstadt",
    "Heaven",
    "Magic",
    "God",
    "French",
    "Bastille",
    "Sunday",
}


@pytest.mark.parametrize(("book", "known"), [("princess", PRINCESS), ("frankenstein", FRANKENSTEIN)])
def test_the_forms_of_a_known_person_are_one_and_no_one_elses(
    book: str, known: list[set[str]], request: pytest.FixtureRequest
) -> None:
    found = persons(request.getfixturevalue(book))
    for forms in known:
        holders = [name for name, names in found.items() if names & forms]
        assert len(holders) == 1, (forms, holders)
        assert forms <= found[holders[0]], (forms, found[holders[0]])
    holders = [next(name for name, names in found.items() if names & forms) for forms in known]
    assert len(set(holders)) == len(known)


@pytest.mark.parametrize("book", ["princess", "frankenstein"])
def test_places_days_and_powers_are_no_persons(book: str, request: pytest.FixtureRequest) -> None:
    assert not NOBODY & set().union(*persons(request.getfixturevalue(book)).values())


def test_genders_of_the_known(princess: Tables) -> None:
    genders = dict(princess["person"].select("name", "gender").iter_rows())
    assert genders["Sara Crewe"] == genders["Becky"] == genders["Miss Minchin"] == "female"
    assert genders["Ram Dass"] == genders["Mr. Carrisford"] == "male"


def test_the_same_book_gives_the_same_rows(data_dir: Path, princess: Tables) -> None:
    book = read_book(data_dir / "books" / "a-little-princess.epub")
    again = people(book["paragraph"], book["quote"], "en-US")
    assert all(again[table].equals(princess[table]) for table in princess)
