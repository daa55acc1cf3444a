"""The real books, against what was read in them by eye."""

from __future__ import annotations

from pathlib import Path

import pytest
from book_files import texts, titles

from bookscore.ingest.book.formats import book_file
from bookscore.ingest.book.medium import tables
from bookscore.ingest.book.prose import Book, count_words

pytestmark = pytest.mark.long

ROMAN = [
    tens + units
    for tens in ("", "X", "XX", "XXX", "XL", "L", "LX")
    for units in ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
][1:]

PRINCESS = """
Sara
A French Lesson
Ermengarde
Lottie
Becky
The Diamond-Mines
The Diamond-Mines Again
In the Attic
Melchisedec
The Indian Gentleman
Ram Dass
The Other Side of the Wall
One of the Populace
What Melchisedec Heard and Saw
The Magic
The Visitor
“It Is the Child!”
“I Tried Not to Be”
“Anne”
"""

ALICE = """
Down the Rabbit-Hole
The Pool of Tears
A Caucus-Race and a Long Tale
The Rabbit Sends in a Little Bill
Advice from a Caterpillar
Pig and Pepper
A Mad Tea-Party
The Queen’s Croquet-Ground
The Mock Turtle’s Story
The Lobster Quadrille
Who Stole the Tarts?
Alice’s Evidence
"""

VANITY_FAIR = """
Chiswick Mall
In Which Miss Sharp and Miss Sedley Prepare to Open the Campaign
Rebecca Is in Presence of the Enemy
The Green Silk Purse
Dobbin of Ours
Vauxhall
Crawley of Queen’s Crawley
Private and Confidential
Family Portraits
Miss Sharp Begins to Make Friends
Arcadian Simplicity
Quite a Sentimental Chapter
Sentimental and Otherwise
Miss Crawley at Home
In Which Rebecca’s Husband Appears for a Short Time
The Letter on the Pincushion
How Captain Dobbin Bought a Piano
Who Played on the Piano Captain Dobbin Bought
Miss Crawley at Nurse
In Which Captain Dobbin Acts as the Messenger of Hymen
A Quarrel About an Heiress
A Marriage and Part of a Honeymoon
Captain Dobbin Proceeds on His Canvass
In Which Mr. Osborne Takes Down the Family Bible
In Which All the Principal Personages Think Fit to Leave Brighton
Between London and Chatham
In Which Amelia Joins Her Regiment
In Which Amelia Invades the Low Countries
Brussels
“The Girl I Left Behind Me”
In Which Jos Sedley Takes Care of His Sister
In Which Jos Takes Flight, and the War Is Brought to a Close
In Which Miss Crawley’s Relations Are Very Anxious About Her
James Crawley’s Pipe Is Put Out
Widow and Mother
How to Live Well on Nothing a Year
The Subject Continued
A Family in a Very Small Way
A Cynical Chapter
In Which Becky Is Recognized by the Family
In Which Becky Revisits the Halls of Her Ancestors
Which Treats of the Osborne Family
In Which the Reader Has to Double the Cape
A Roundabout Chapter Between London and Hampshire
Between Hampshire and London
Struggles and Trials
Gaunt House
In Which the Reader Is Introduced to the Very Best of Company
In Which We Enjoy Three Courses and a Dessert
Contains a Vulgar Incident
In Which a Charade Is Acted Which May or May Not Puzzle the Reader
In Which Lord Steyne Shows Himself in a Most Amiable Light
A Rescue and a Catastrophe
Sunday After the Battle
In Which the Same Subject Is Pursued
Georgy Is Made a Gentleman
Eothen
Our Friend the Major
The Old Piano
Returns to the Genteel World
In Which Two Lights Are Put Out
Am Rhein
In Which We Meet an Old Acquaintance
A Vagabond Chapter
Full of Business and Pleasure
Amantium Irae
Which Contains Births, Marriages, and Deaths
"""

FAREWELL_BOOKS = {"I": 12, "II": 12, "III": 8, "IV": 5, "V": 4}  # chapters, numbered through


def numbered(names: str, form: str = "{}: {}") -> list[str]:
    return [form.format(*pair) for pair in zip(ROMAN, names.strip().split("\n"), strict=False)]


TITLES = {
    "a-little-princess.epub": numbered(PRINCESS),
    "a-farewell-to-arms.epub": [
        f"Book {book} / {number}"
        for book, number in zip(
            [book for book, n_chapters in FAREWELL_BOOKS.items() for _ in range(n_chapters)],
            ROMAN,
            strict=False,
        )
    ],
    "frankenstein.epub": [f"Letter {number}" for number in ROMAN[:4]]
    + [f"Chapter {number}" for number in ROMAN[:24]],
    "alice.epub": numbered(ALICE),
    "alice.txt": [title.replace("’", "'") for title in numbered(ALICE, "CHAPTER {}. {}")],
    "vanity-fair.epub": ["Before the Curtain", *numbered(VANITY_FAIR)],
}


@pytest.fixture(scope="module")
def books(data_dir: Path) -> dict[str, Book]:
    return {path.name: book_file.read(path) for path in sorted((data_dir / "books").iterdir())}


@pytest.mark.parametrize("name", TITLES)
def test_chapters_have_the_titles_they_have_in_print(books: dict[str, Book], name: str) -> None:
    assert titles(books[name]) == TITLES[name]


@pytest.mark.parametrize(
    ("name", "n_chapters", "n_words", "opening", "ending"),
    [
        (
            "a-little-princess.epub",
            19,
            66_100,
            "Once on a dark winter’s day,",
            "into the carriage and drove away.",
        ),
        (
            "a-farewell-to-arms.epub",
            41,
            88_400,
            "In the late summer of that year",
            "to the hotel in the rain.",
        ),
        ("frankenstein.epub", 28, 74_800, "To Mrs. Saville, England.", "lost in darkness and distance."),
        ("alice.epub", 12, 26_300, "Alice was beginning to get", "and the happy summer days."),
        ("alice.txt", 12, 26_300, "Alice was beginning to get", "and the happy summer days."),
        ("vanity-fair.epub", 68, 301_300, "As the manager of the Performance", "for our play is played out."),
        # A book of poems: its 35 books, where the contents list 377 poems side by side.
        ("leaves-of-grass.epub", 35, 121_500, "One's-self I sing,", "Good-bye—and hail! my Fancy."),
    ],
)
def test_the_text_is_the_story_and_nothing_else(
    books: dict[str, Book], name: str, n_chapters: int, n_words: int, opening: str, ending: str
) -> None:
    chapters = texts(books[name])
    text = "\n".join(paragraph for chapter in chapters for paragraph in chapter)
    assert len(chapters) == n_chapters
    assert count_words(text) == pytest.approx(n_words, abs=100)
    assert text.startswith(opening) and text.endswith(ending)
    assert "Standard Ebooks" not in text and "Gutenberg" not in text


@pytest.mark.parametrize("name", [*TITLES, "leaves-of-grass.epub"])
def test_no_chapter_begins_or_ends_inside_a_sentence(books: dict[str, Book], name: str) -> None:
    for title, chapter in zip(titles(books[name]), texts(books[name]), strict=True):
        assert not chapter[0][0].islower(), title
        assert chapter[-1][-1] not in ",-", title


def test_titles_are_no_paragraphs(books: dict[str, Book]) -> None:
    for title, chapter in zip(titles(books["alice.epub"]), texts(books["alice.epub"]), strict=True):
        assert title.split(": ")[1] not in chapter


def test_both_editions_of_alice_say_the_same(books: dict[str, Book]) -> None:
    """One has curly double marks, the other straight single ones that are apostrophes too."""
    quotes = []
    for name in ("alice.epub", "alice.txt"):
        found = tables("alice", Path("alice"), books[name])["quote"]["text"]
        quotes.append({"".join(filter(str.isalnum, text.lower())) for text in found})
    assert len(quotes[0] & quotes[1]) > 0.9 * len(quotes[0] | quotes[1])


def test_a_note_is_no_part_of_the_flow(books: dict[str, Book]) -> None:
    text = "\n".join(paragraph for chapter in texts(books["frankenstein.epub"]) for paragraph in chapter)
    assert "rise from among the trees. I gazed" in text


def test_emphasis_is_kept(books: dict[str, Book]) -> None:
    opening = books["a-little-princess.epub"].chapters[0].paragraphs
    emphasised = [p.markup for p in opening if "<em>" in p.markup]
    assert emphasised and all(markup.count("<em>") == markup.count("</em>") for markup in emphasised)
    assert any("<em>I</em> shan't" in p.markup for c in books["alice.txt"].chapters for p in c.paragraphs)
