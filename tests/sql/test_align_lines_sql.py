"""How sql/align finds the book's lines in the film's cues, file by file: given rows, expected rows."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, log
from pathlib import Path

import pytest
from align_rows import derive, given, rows_of

from bookscore.engine.warehouse import Warehouse


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    with Warehouse(tmp_path) as opened:
        yield opened


def test_the_books_words_run_on_inside_a_paragraph_and_jump_at_the_next(warehouse: Warehouse) -> None:
    given(
        warehouse,
        "sentence: chapter_no, paragraph_no, sentence_no, text, is_dialogue",
        (1, 1, 1, "Sara's cafés, yes!", True),
        (1, 1, 2, "She walked.", False),
        (1, 2, 1, "Walking", False),
    )
    assert rows_of(warehouse, "20_book_word", "position, word, is_quote, paragraph_no") == [
        (101, "sara", True, 1),  # of "saras", without its ending
        (102, "caf", True, 1),
        (103, "yes", True, 1),
        (104, "she", False, 1),
        (105, "walk", False, 1),
        (206, "walk", False, 2),
    ]


def test_the_films_words_run_on_from_cue_to_cue_but_not_over_a_pause_or_into_a_scene(
    warehouse: Warehouse,
) -> None:
    given(warehouse, "scene: scene_no, start_s, end_s", (1, 0, 60), (2, 60, 90))
    given(
        warehouse,
        "cue: cue_no, start_s, end_s, text, is_lyrics",
        (1, 0, 2, "Look at", False),
        (2, 3, 4, "that!", None),
        (3, 5, 6, "La la", True),
        (4, 20, 58, "Oh?", False),
        (5, 61, 62, "No.", False),
    )
    derive(warehouse, "19_spoken_cue", "cue_no, start_s, end_s, scene_no, text")
    assert rows_of(warehouse, "21_cue_word", "position, word, cue_no, scene_no") == [
        (1, "look", 1, 1),
        (2, "at", 1, 1),
        (3, "that", 2, 1),
        (104, "oh", 4, 1),
        (205, "no", 5, 2),
    ]


WORDS = "book_word: chapter_no, paragraph_no, word, is_quote, position"
SAID = "cue_word: cue_no, start_s, scene_no, word, position"


def test_a_words_surprisal_is_by_its_share_in_book_and_film_together(warehouse: Warehouse) -> None:
    given(warehouse, WORDS, *[(1, 1, "the", True, 101 + n) for n in range(6)], (1, 1, "walrus", True, 107))
    given(warehouse, SAID, (1, 0, 1, "walrus", 1))
    assert rows_of(warehouse, "22_unigram", "word, n, surprisal_nats, is_content") == [
        ("the", 6, pytest.approx(log(8 / 6)), False),
        ("walrus", 2, pytest.approx(log(8 / 2)), True),
    ]


UNIGRAMS = "unigram: word, n, surprisal_nats, is_content"


def test_what_mostly_follows_a_word_says_little_after_it(warehouse: Warehouse) -> None:
    for n in range(4):
        given(warehouse, WORDS, (1, 1, "how", True, 101 + 10 * n), (1, 1, "do", True, 102 + 10 * n))
    given(warehouse, SAID, (1, 0, 1, "how", 1), (1, 0, 1, "now", 2), (1, 0, 1, "do", 9))
    given(warehouse, UNIGRAMS, ("how", 5, 2.0, False), ("do", 5, 2.0, False), ("now", 1, 4.0, True))
    assert rows_of(warehouse, "23_bigram", "previous, word, surprisal_nats") == [
        ("how", "do", pytest.approx(-log((4 - 2 + 10 * exp(-2)) / (5 + 10)))),
        ("how", "now", pytest.approx(-log(10 * exp(-4) / (5 + 10)))),
    ]


def test_the_index_has_three_words_running_and_two_content_words_near_each_other(
    warehouse: Warehouse,
) -> None:
    said = ["a", "walrus", "and", "umbrella"]
    given(warehouse, WORDS, *[(1, 1, word, True, 101 + n) for n, word in enumerate(said)])
    given(warehouse, SAID, (1, 0, 1, "walrus", 1), (1, 0, 1, "umbrella", 10))  # nine words on
    given(
        warehouse,
        UNIGRAMS,
        ("a", 1, 1.0, False),
        ("walrus", 2, 9.0, True),
        ("and", 1, 1.0, False),
        ("umbrella", 2, 9.0, True),
    )
    assert rows_of(warehouse, "24_ngram", "side, key, position") == [
        ("book", "a walrus and", 101),
        ("book", "walrus and umbrella", 102),
        ("book", "walrus … umbrella", 102),
    ]


NGRAMS = "ngram: side, key, position"


def test_ngrams_that_follow_each_other_in_book_and_film_are_one_seed(warehouse: Warehouse) -> None:
    given(warehouse, "chapter: chapter_no, title, n_words", (1, "", 100), (2, "", 100), (3, "", 100))
    for chapter_no in (1, 2, 3):
        for n in range(8):
            given(warehouse, WORDS, (chapter_no, 1, "w", True, 1000 * chapter_no + n))
    given(warehouse, SAID, *[(1, 0, 1, "w", 1 + n) for n in range(30)])
    given(warehouse, NGRAMS, ("book", "one", 1000), ("film", "one", 5))
    given(warehouse, NGRAMS, ("book", "two", 1003), ("film", "two", 7))  # a word less between
    given(warehouse, NGRAMS, ("book", "far", 1006), ("film", "far", 29))
    for chapter_no in (1, 2, 3):  # what is said everywhere tells nothing
        given(warehouse, NGRAMS, ("book", "all", 1000 * chapter_no))
    given(warehouse, NGRAMS, ("film", "all", 5), ("film", "alone", 7))
    columns = "chapter_no, paragraph_no, scene_no, film_from, film_to, diagonal_from, diagonal_to"
    assert rows_of(warehouse, "25_seed", columns) == [
        (1, 1, 1, 5, 7, 995, 996),
        (1, 1, 1, 29, 29, 977, 977),
    ]


def test_each_word_around_a_seed_speaks_for_the_line_or_against_it(warehouse: Warehouse) -> None:
    given(
        warehouse,
        "seed: seed_no, chapter_no, paragraph_no, scene_no, film_from, film_to, diagonal_from, diagonal_to",
        (1, 1, 1, 1, 1, 1, 100, 100),
    )
    for n, (written, said) in enumerate(
        [("a", "a"), ("rare", "rare"), ("word", "thing"), ("here", "here")], 1
    ):
        given(warehouse, WORDS, (1, 1, written, True, 100 + n))
        given(warehouse, SAID, (1, 0, 1, said, n))
    given(warehouse, UNIGRAMS, *[(word, 1, 6.0, True) for word in ("a", "rare", "thing", "here")])
    given(warehouse, "bigram: previous, word, surprisal_nats", ("a", "rare", 5.0))
    assert rows_of(warehouse, "26_extension", "film_position, book_position, score_nats") == [
        (1, 101, pytest.approx(log(2 / 3) + 6 - log(7))),
        (2, 102, pytest.approx(log(2 / 3) + 5)),  # goes on from "a"
        (3, None, pytest.approx(log(1 / 3))),
        (4, 104, pytest.approx(log(2 / 3) + 6 - log(7))),
    ]


EXTENSIONS = (
    "extension: seed_no, chapter_no, paragraph_no, scene_no, film_position, book_position, score_nats"
)


def test_of_a_seed_the_run_with_the_greatest_score_is_the_alignment(warehouse: Warehouse) -> None:
    nats = [3.0, -5.0, 6.0, 5.0, -1.0, 4.0, -2.0]
    for n, value in enumerate(nats, 1):
        book_position = None if value < 0 else 100 + n
        given(warehouse, EXTENSIONS, (1, 1, 1, 1, n, book_position, value))
        given(warehouse, WORDS, (1, 1, "w", n != 3, 100 + n))
        given(warehouse, SAID, (1, 0, 1, "w", n))
    # A worse seed of the same chapter for the same words of the film says nothing of its own.
    given(warehouse, EXTENSIONS, *[(2, 1, 1, 1, n, 100 + n, 4.0) for n in (3, 4, 6)])
    columns = "seed_no, film_from, film_to, n_words, is_quote, score_nats, beyond_nats, over_cutoff_nats"
    assert rows_of(warehouse, "28_local_alignment", columns) == [
        (1, 3, 6, 3, True, 14.0, pytest.approx(14 - 2 * log(7)), pytest.approx(14 - 2 * log(7) + 3))
    ]


LINES = (
    "local_alignment: seed_no, chapter_no, paragraph_no, scene_no, score_nats, film_from, film_to, n_words, "
    "is_quote, beyond_nats, over_cutoff_nats"
)


def test_without_alignments_the_score_statistics_are_the_prior_ones(warehouse: Warehouse) -> None:
    given(warehouse, "chapter: chapter_no, title, n_words", (1, "", 100), (2, "", 100))
    given(warehouse, SAID, *[(1, 0, scene_no, "w", n) for scene_no in (1, 2, 3) for n in range(5)])
    given(warehouse, LINES)
    columns = "decay_rate, p_unrelated, p_related, mean_scene_words"
    assert rows_of(warehouse, "29_score_statistics", columns) == [(0.5, pytest.approx(1 / 36), 0.05, 5.0)]


def test_many_matches_besides_the_best_make_a_line_say_less(warehouse: Warehouse) -> None:
    given(warehouse, "chapter: chapter_no, title, n_words", (1, "", 100), (2, "", 100))
    given(warehouse, SAID, *[(1, 0, n, "w", n) for n in range(1, 11)])
    given(warehouse, LINES, *[(n, 1, 1, n, 30.0, n, n, 5, True, 27.0, 30.0) for n in range(1, 11)])
    given(warehouse, LINES, *[(n + 10, 2, 1, n, 10.0, n, n, 5, True, 1.0, 4.0) for n in range(1, 11)])
    [(decay_rate, p_unrelated, p_related)] = rows_of(
        warehouse, "29_score_statistics", "decay_rate, p_unrelated, p_related"
    )
    assert (decay_rate, p_unrelated) == (pytest.approx(30 / (10 * 4 + 40)), pytest.approx(11 / 50))
    assert p_related == 0.95  # all ten scenes have a line too good for chance; more than that cannot be sure


def test_a_match_keeps_both_texts_and_what_it_says_beyond_chance(warehouse: Warehouse) -> None:
    given(
        warehouse,
        LINES,
        (1, 1, 2, 1, 12.0, 2, 5, 4, False, 4.0, 7.0),
        (2, 1, 2, 1, 5.0, 7, 8, 2, True, 0.5, 3.5),
    )
    given(
        warehouse,
        "score_statistics: decay_rate, p_unrelated, p_related, mean_scene_words",
        (0.5, 0.1, 0.5, 9.0),
    )
    given(
        warehouse, SAID, (3, 7.5, 1, "w", 2), (4, 9.0, 1, "w", 5), (5, 12.0, 1, "w", 7), (5, 12.0, 1, "w", 8)
    )
    sentences = ["Not this.", "As it is written.", "So be it.", "Nor this."]
    columns = "sentence: chapter_no, paragraph_no, sentence_no, text, is_dialogue"
    given(warehouse, columns, *[(1, 2, no, text, False) for no, text in enumerate(sentences, 1)])
    given(warehouse, "book_word: position, sentence_no", (31, 1), (33, 2), (36, 3), (39, 4))
    met = [(1, 2, 33), (1, 4, None), (1, 5, 36), (1, 6, 39), (2, 7, 31), (2, 8, 31)]
    given(warehouse, EXTENSIONS, *[(seed_no, 1, 2, 1, *positions, 1.0) for seed_no, *positions in met])
    given(
        warehouse,
        "cue: cue_no, start_s, end_s, text",
        (3, 7.5, 8.5, "As it"),
        (4, 9.0, 10.0, "was written!"),
        (5, 12.0, 13.0, "No."),
    )
    columns = "chapter_no, paragraph_no, scene_no, cue_no, film_s, n_words, is_quote, beyond_nats, book_text, film_text"
    assert rows_of(warehouse, "30_dialogue_match", columns) == [
        (1, 2, 1, 3, 7.5, 4, False, 2.0, "As it is written. So be it.", "As it was written!")
    ]
