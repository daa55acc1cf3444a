"""What speaks for scenes and chapters, and the path through them, file by file: given rows, expected rows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product
from math import exp, inf, log
from pathlib import Path

import pytest
from align_rows import derive, given, rows_of

from bookscore.engine.warehouse import Warehouse


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    with Warehouse(tmp_path) as opened:
        yield opened


CHAPTERS = "chapter: chapter_no, title, n_words"
SCENES = "scene: scene_no, start_s, end_s"
SENTENCES = "sentence: chapter_no, paragraph_no, sentence_no, text, is_dialogue"
CUES = "cue: cue_no, start_s, end_s, text, speaker, is_lyrics"
SPOKEN = "scene_no, text, speaker"
PERSON_NAMES = "person_name: person_no, name"
PASSAGES = "passage: chapter_no, paragraph_no, passage_no"
WORDS = "book_word: chapter_no, paragraph_no, word, is_quote, position"
SAID = "cue_word: cue_no, start_s, scene_no, word, position"
LINES = "local_alignment: seed_no, chapter_no, scene_no, film_from, film_to, over_cutoff_nats"
STATISTICS = "score_statistics: decay_rate, p_unrelated, p_related, mean_scene_words"


def test_names_are_mapped_from_film_to_book_without_a_table(warehouse: Warehouse) -> None:
    given(warehouse, SENTENCES, (1, 1, 1, "Miss Katharina Crewe met Alfred Crewe, a zedoary in hand.", False))
    given(
        warehouse,
        "person: person_no, name, names, gender, n_mentions",
        (1, "Katharina Crewe", ["Katharina", "Miss Katharina Crewe"], "female", 9),
        (2, "Alfred Crewe", ["Alfred", "Alfréd"], "male", 8),
        (3, "Alfreda", ["Alfreda of the Mill"], "female", 1),
    )
    assert derive(warehouse, "37_person_name", "person_no, name") == [
        (1, "crewe"),
        (1, "katharina"),
        (1, "miss"),
        (2, "alfred"),
        (3, "alfreda"),
        (3, "mill"),
    ]
    given(warehouse, SCENES, (1, 0, 9))
    given(
        warehouse,
        CUES,
        (1, 0, 1, "Ask Kath, not Crewe.", "ALF", False),  # Alf may be Alfred or Alfreda
        (2, 1, 2, "Hello, Zed, Mr Crewes!", None, False),
        (3, 2, 3, "Katha, la la", None, True),
    )
    derive(warehouse, "19_spoken_cue", SPOKEN)
    assert rows_of(warehouse, "38_name_word", "word, stem, name") == [
        ("alfred", "alfr", "alfred"),
        ("alfreda", "alfreda", "alfreda"),
        ("crewe", "crew", "crewe"),
        ("crewes", "crew", "crewe"),
        ("kath", "kath", "katharina"),
        ("katharina", "katharina", "katharina"),
        ("mill", "mill", "mill"),
        ("miss", "mis", "miss"),
    ]


def test_chapters_are_cut_to_passages_as_many_as_scenes(warehouse: Warehouse) -> None:
    given(warehouse, CHAPTERS, (1, "", 80), (2, "", 20), (3, "", 0))
    given(warehouse, SCENES, *[(n, n, n + 1) for n in range(1, 6)])
    paragraphs = [*[(1, n, "", 10) for n in range(1, 9)], (2, 1, "", 20), (3, 1, "", 0)]
    given(warehouse, "paragraph: chapter_no, paragraph_no, text, n_words", *paragraphs)
    rows = rows_of(warehouse, "36_passage", "chapter_no, paragraph_no, passage_no")
    assert rows == [*[(1, n, (n + 1) // 2) for n in range(1, 9)], (2, 1, 5), (3, 1, 6)]


def test_a_name_counts_where_anybody_is_mentioned_who_bears_it(warehouse: Warehouse) -> None:
    given(warehouse, PASSAGES, (1, 1, 1), (1, 2, 1), (1, 3, 2))
    given(warehouse, PERSON_NAMES, (1, "sara"), (1, "crewe"), (2, "crewe"), (3, "becky"))
    mentions = [(1, 1, 1, 1), (1, 1, 2, 2), (1, 2, 1, 1), (1, 3, 1, 3)]
    columns = "mention: chapter_no, paragraph_no, mention_no, person_no, text, first_char"
    given(warehouse, columns, *[(*mention, "she", 1) for mention in mentions])
    assert rows_of(warehouse, "39_passage_name", "passage_no, name, n, n_all") == [
        (1, "crewe", 3, 3),
        (1, "sara", 2, 3),
        (2, "becky", 1, 1),
    ]


def test_names_are_counted_in_cues_and_speaker_marks(warehouse: Warehouse) -> None:
    given(warehouse, "name_word: word, name", ("kath", "katharina"), ("katharina", "katharina"))
    given(warehouse, SCENES, (1, 0, 9))
    given(warehouse, CUES, (1, 0, 1, "Káth? Kath!", "Katharina", None), (2, 1, 2, "kath", None, None))
    given(warehouse, CUES, (3, 2, 3, "Kath, la la", None, True))
    derive(warehouse, "19_spoken_cue", SPOKEN)
    assert rows_of(warehouse, "40_scene_name", "kind, scene_no, name, n") == [
        ("names", 1, "katharina", 2),
        ("speakers", 1, "katharina", 1),
    ]


def test_a_name_is_evidence_for_the_chapter_whose_passages_are_about_its_bearer(warehouse: Warehouse) -> None:
    given(warehouse, PASSAGES, (1, 1, 1), (1, 2, 2), (2, 1, 3), (3, 1, 4))
    given(
        warehouse,
        "passage_name: passage_no, name, n, n_all",
        (1, "anna", 3, 4),
        (1, "hero", 1, 4),
        (2, "hero", 4, 4),
        (3, "hero", 2, 2),
    )
    given(
        warehouse,
        "scene_name: kind, scene_no, name, n",
        ("names", 5, "anna", 7),  # counts three times
        ("names", 5, "nobody", 1),
        ("speakers", 5, "hero", 1),
    )
    anna = [(0.2 + 0.8 * share / 0.3) ** 3 for share in (0.75, 0, 0)]
    hero = [0.2 + 0.8 * share / 0.7 for share in (0.25, 1, 1)]
    assert rows_of(warehouse, "42_name_evidence", "kind, chapter_no, scene_no, nats") == [
        (kind, chapter_no, 5, pytest.approx(nats, abs=1e-6))
        for kind, (first, second, third) in (("names", anna), ("speakers", hero))
        for chapter_no, nats in ((1, log((first + second) / 2)), (2, log(third)), (3, 0.0))
    ]


def test_other_words_are_evidence_but_not_names_nor_lines_that_are_aligned(warehouse: Warehouse) -> None:
    given(warehouse, CHAPTERS, (1, "", 9), (2, "", 9))
    given(
        warehouse,
        "unigram: word, n, surprisal_nats, is_content",
        *[(w, 2, 9.0, True) for w in ("bridge", "sea", "anna")],
    )
    for n, (chapter_no, word) in enumerate([(1, "bridge"), (2, "sea"), (1, "anna")]):
        given(warehouse, WORDS, (chapter_no, 1, word, False, n))
    given(warehouse, "name_word: stem", ("anna",))
    given(
        warehouse,
        SAID,
        (1, 0, 3, "bridge", 1),
        (1, 0, 3, "bridge", 2),
        (1, 0, 3, "anna", 3),
        (1, 0, 3, "sea", 7),
    )
    given(warehouse, LINES, (1, 1, 3, 6, 8, 9.0))
    assert rows_of(warehouse, "43_word_evidence", "chapter_no, scene_no, nats") == [
        (1, 3, pytest.approx(log(3000 / 3001) + log(1 + 1 / (3000 * 0.5)), abs=1e-6)),
        (2, 3, pytest.approx(log(3000 / 3001), abs=1e-6)),
    ]


def test_the_best_three_sentences_of_a_chapter_and_scene_are_evidence(warehouse: Warehouse) -> None:
    given(warehouse, CHAPTERS, (1, "", 9), (2, "", 9), (3, "", 9))
    given(warehouse, SCENES, (1, 0, 30), (2, 30, 60))
    hits = "image_hit: chapter_no, paragraph_no, sentence_no, shot_no, frame_no, film_s, similarity, z"
    for sentence_no, z in enumerate([5.0, 4.0, 3.0, 2.9, 1.0], 1):
        given(
            warehouse,
            hits,
            (1, 1, sentence_no, 1, 1, 5.0, 0.3, z),
            (1, 1, sentence_no, 1, 2, 6.0, 0.3, z / 2),
        )
    given(warehouse, hits, (2, 1, 1, 1, 1, 40.0, 0.3, 1.5))
    assert rows_of(warehouse, "44_image_evidence", "chapter_no, scene_no, nats") == [
        (1, 1, 3.0),  # 6, less 3 in the mean of the chapter's scenes
        (1, 2, -3.0),
        *[(chapter_no, scene_no, 0.0) for chapter_no in (2, 3) for scene_no in (1, 2)],
    ]


KIND = "evidence: kind, chapter_no, scene_no, nats"


def test_evidence_of_every_kind_is_gathered(warehouse: Warehouse) -> None:
    kinds = {"name": "speakers", "word": "words", "image": "images"}
    for n, (table, kind) in enumerate(kinds.items(), 1):
        given(warehouse, f"{table}_{KIND}", (kind, n, 5, n / 2))
    assert rows_of(warehouse, "45_evidence", "kind, chapter_no, scene_no, nats") == [
        ("images", 3, 5, 1.5),
        ("speakers", 1, 5, 0.5),
        ("words", 2, 5, 1.0),
    ]


def test_scenes_placed_by_lines_calibrate_names_and_words(warehouse: Warehouse) -> None:
    given(warehouse, CHAPTERS, *[(n, "", 9) for n in range(1, 5)])
    given(warehouse, STATISTICS, (0.5, 0.1, 0.5, 9.0))
    given(warehouse, LINES)
    given(warehouse, KIND)
    for scene_no in range(1, 41):
        own = scene_no % 4 + 1
        given(warehouse, LINES, (scene_no, own, scene_no, 1, 2, 63.0))
        for chapter_no in range(1, 5):
            given(warehouse, KIND, ("names", chapter_no, scene_no, 3.0 if chapter_no == own else 0.0))
            wrong = chapter_no == scene_no // 4 % 4 + 1  # words tell nothing of the chapter
            given(warehouse, KIND, ("words", chapter_no, scene_no, 3.0 if wrong else 0.0))
    weights = dict(rows_of(warehouse, "46_calibration", "kind, weight"))
    assert weights["names"] >= 0.9 and weights["words"] <= 0.1
    assert weights["speakers"] == pytest.approx(0.35) and weights["images"] == 0  # neither says anything


@pytest.mark.parametrize(("n_right", "trusted"), [(40, True), (20, True), (10, False), (0, False)])
def test_images_count_where_they_rank_the_right_chapter_first_more_often_than_chance(
    warehouse: Warehouse, n_right: int, trusted: bool
) -> None:
    given(warehouse, CHAPTERS, *[(n, "", 9) for n in range(1, 5)])
    given(warehouse, STATISTICS, (0.5, 0.1, 0.5, 9.0))
    given(warehouse, LINES)
    given(warehouse, KIND)
    for scene_no in range(40):
        own = scene_no % 4 + 1
        best = (
            own if scene_no < n_right else (own + scene_no // 4 % 3) % 4 + 1
        )  # of 40, chance ranks 10 right
        given(warehouse, LINES, (scene_no, own, scene_no, 1, 2, 63.0))
        for chapter_no in range(1, 5):
            given(warehouse, KIND, ("images", chapter_no, scene_no, 3.0 if chapter_no == best else 0.0))
    assert (dict(rows_of(warehouse, "46_calibration", "kind, weight"))["images"] > 0) == trusted


def test_evidence_adds_up_in_nats(warehouse: Warehouse) -> None:
    given(warehouse, CHAPTERS, (1, "", 100), (2, "", 100))
    given(warehouse, SCENES, (1, 0, 50), (2, 50, 100))
    given(warehouse, SAID, *[(1, 0, 1, "w", n) for n in range(10)])
    given(warehouse, STATISTICS, (0.5, 0.1, 0.5, 10.0))
    given(warehouse, LINES, (1, 1, 1, 1, 2, 12.0))
    given(
        warehouse,
        "calibration: kind, weight",
        ("names", 0.25),
        ("speakers", 0.25),
        ("words", 0.25),
        ("images", 1.0),
    )
    given(warehouse, KIND, *[(kind, 1, 1, 2.0) for kind in ("names", "speakers", "words", "images")])
    columns = "chapter_no, scene_no, dialogue, characters, words, image, place"
    n_lines = log(2)  # to be expected of ten words, half of whose scenes match
    spoken = log(1 + n_lines / 25 / (0.5 * 0.1) * exp(0.5 * 12))
    far = -(0.5**2) / (2 * 0.25**2)
    assert rows_of(warehouse, "50_chapter_scene_evidence", columns) == [
        (1, 1, pytest.approx(spoken - n_lines), 1.0, 0.5, 1.5, 0.0),  # images less their mean
        (1, 2, 0.0, 0.0, 0.0, -0.5, pytest.approx(far)),
        (2, 1, pytest.approx(-n_lines), 0.0, 0.0, -0.5, pytest.approx(far)),
        (2, 2, 0.0, 0.0, 0.0, -0.5, 0.0),
    ]


MOVE = "from_chapter_no, to_chapter_no, in_book"


def test_a_transition_stays_goes_on_skips_by_length_and_goes_back_at_a_cost(warehouse: Warehouse) -> None:
    given(warehouse, CHAPTERS, (1, "", 100), (2, "", 50), (3, "", 150))
    given(warehouse, SCENES, *[(n, n, n + 1) for n in range(1, 13)])
    found = rows_of(warehouse, "51_transition", f"{MOVE}, cost_nats", skip_nats=2, back_nats=3)
    price = {(i, k): value for i, k, in_book, value in found if in_book}
    new = 3 / 12  # of a chapter of mean length; one of half the length is left twice as soon
    assert price[1, 1] == pytest.approx(-log(1 - new)) and price[2, 2] == pytest.approx(-log(1 - 2 * new))
    assert price[1, 2] == pytest.approx(-log(new)) and price[2, 3] == pytest.approx(-log(2 * new))
    assert price[1, 3] == pytest.approx(-log(new) + 2 * 0.5)  # skips half a chapter
    assert price[2, 1] == price[3, 1] == pytest.approx(3 + log(3))
    invented = [(i, k, value) for i, k, in_book, value in found if not in_book]
    assert invented == [(1, 1, 0), (2, 2, 0), (3, 3, 0)]


EVIDENCE = "chapter_scene_evidence: chapter_no, scene_no, dialogue, characters, words, image, place"


def test_a_scene_tells_a_chapter_or_is_the_films_own(warehouse: Warehouse) -> None:
    given(warehouse, EVIDENCE, (1, 1, 5.0, 1.0, 0.5, 0.25, -0.75))
    assert rows_of(
        warehouse,
        "52_state",
        "scene_no, chapter_no, in_book, log_likelihood_nats, likelihood",
        invented_share=0.2,
    ) == [
        (1, 1, False, pytest.approx(log(0.2)), pytest.approx(0.2 / (0.8 * exp(6)))),
        (1, 1, True, pytest.approx(6 + log(0.8)), 1.0),
    ]


# Three chapters and four scenes; the second scene is nobody's, the fourth goes back.
NATS = {(1, 1): 4.0, (2, 1): -2.0, (2, 2): -2.0, (2, 3): -2.0, (3, 3): 5.0, (3, 2): 1.0, (4, 1): 6.0}
PRICE = {(i, k): 0.3 if i == k else 1.2 * (k - i) if k > i else 2.5 for i in (1, 2, 3) for k in (1, 2, 3)}
INVENTED = -1.5


def add_graph(warehouse: Warehouse) -> dict[tuple[tuple[int, bool], ...], float]:
    """The graph as rows; the price of every way through it."""
    given(warehouse, CHAPTERS, *[(n, "", 9) for n in (1, 2, 3)])
    told_steps = [(*step, True, price) for step, price in PRICE.items()]
    given(warehouse, f"transition: {MOVE}, cost_nats", *told_steps, *[(n, n, False, 0.0) for n in (1, 2, 3)])
    nats = {
        (s, c, told): NATS.get((s, c), 0.0) if told else INVENTED
        for s, c, told in product((1, 2, 3, 4), (1, 2, 3), (True, False))
    }
    best = {s: max(v for (scene, _, _), v in nats.items() if scene == s) for s in (1, 2, 3, 4)}
    given(
        warehouse,
        "state: scene_no, chapter_no, in_book, log_likelihood_nats, likelihood",
        *[(*k, v, exp(v - best[k[0]])) for k, v in nats.items()],
    )
    ways = {}
    for way in product(product((1, 2, 3), (True, False)), repeat=4):
        price = -sum(nats[(s, *state)] for s, state in enumerate(way, 1))
        for (before, _), (chapter, told) in pairwise([(1, True), *way]):
            price += PRICE[before, chapter] if told else 0 if before == chapter else inf
        ways[way] = price
    return ways


def test_the_path_is_the_cheapest_of_all_ways(warehouse: Warehouse) -> None:
    ways = add_graph(warehouse)
    found = rows_of(warehouse, "53_viterbi", "scene_no, chapter_no, survivor")
    survivors = {(s, c): survivor for s, c, survivor in found}
    assert min(survivors[4, c]["cost_nats"] for c in (1, 2, 3)) == pytest.approx(min(ways.values()))
    told = [(1, True), (1, False), (3, True), (1, True)]
    assert tuple(told) == min(ways, key=ways.__getitem__)
    chapter_no = 1
    for scene_no, expected in zip((4, 3, 2, 1), reversed(told), strict=True):
        survivor = survivors[scene_no, chapter_no]
        assert (chapter_no, survivor["in_book"]) == expected
        chapter_no = survivor["previous_chapter_no"]


def test_the_posterior_is_the_share_of_all_ways_through_a_state(warehouse: Warehouse) -> None:
    ways = add_graph(warehouse)
    forward = rows_of(warehouse, "54_forward", "scene_no, chapter_no, in_book, p")
    given(warehouse, "forward: scene_no, chapter_no, in_book, p", *forward)
    backward = rows_of(warehouse, "55_backward", "scene_no, chapter_no, likelihood")
    given(warehouse, "backward: scene_no, chapter_no, likelihood", *backward)
    all_ways = sum(exp(-price) for price in ways.values())
    last = {(c, told): p for s, c, told, p in forward if s == 4}
    for scene_no, chapter_no, in_book, p in rows_of(
        warehouse, "56_posterior", "scene_no, chapter_no, in_book, p"
    ):
        state = (chapter_no, in_book)
        through = sum(exp(-price) for way, price in ways.items() if way[scene_no - 1] == state)
        assert p == pytest.approx(through / all_ways)
        if scene_no == 4:  # after the last scene there is nothing more to know
            assert p == pytest.approx(last[state])


def test_the_path_is_walked_back_and_its_unsure_states_are_not_accepted(warehouse: Warehouse) -> None:
    warehouse.connection.execute(
        "CREATE TEMP TABLE viterbi AS SELECT * FROM (VALUES "
        "(0, 1, {cost_nats: 0.0, in_book: false, previous_chapter_no: NULL::INTEGER}), (1, 1, {cost_nats: 1.0, in_book: true, previous_chapter_no: 1}), "
        "(2, 1, {cost_nats: 2.0, in_book: false, previous_chapter_no: 1}), (3, 1, {cost_nats: 9.0, in_book: true, previous_chapter_no: 1}), "
        "(3, 2, {cost_nats: 3.0, in_book: true, previous_chapter_no: 1})) AS s(scene_no, chapter_no, survivor)"
    )
    given(warehouse, EVIDENCE, *[(c, s, 1.0, 2.0, 0.5, 0.25, -9.0) for c in (1, 2) for s in (1, 2, 3)])
    given(warehouse, "posterior: scene_no, chapter_no, in_book, p", (1, 1, True, 0.75), (3, 2, True, 0.49))
    columns = "chapter_no, scene_no, score, confidence, accepted"
    assert rows_of(warehouse, "60_chapter_scene", columns, sure=0.5) == [
        (1, 1, 3.75, 0.75, True),
        (2, 3, 3.75, 0.49, False),
    ]


MATCHES = (
    "dialogue_match: chapter_no, paragraph_no, scene_no, cue_no, film_s, n_words, score, beyond_nats, book_text, "
    "film_text"
)
PATH = "chapter_scene: chapter_no, scene_no, score, confidence, accepted"


@pytest.mark.parametrize(("match_nats", "accepted"), [(10, True), (11, False)])
def test_only_lines_on_the_path_beyond_all_chance_let_the_film_match(
    warehouse: Warehouse, match_nats: float, accepted: bool
) -> None:
    given(warehouse, WORDS, *[(1, 1, "w", True, n) for n in range(10)])
    given(warehouse, SAID, *[(1, 0, 1, "w", n) for n in range(10)])
    chance = log(100)
    for chapter_no, nats in ((1, chance + 4), (1, chance + 6.5), (1, chance - 1), (2, chance + 50)):
        given(warehouse, MATCHES, (chapter_no, 1, 1, 1, 0.0, 5, nats, 1.0, "a", "b"))
    given(warehouse, PATH, (1, 1, 9.0, 0.9, True))
    columns = "n_lines, nats, accepted"
    assert rows_of(warehouse, "65_film_match", columns, match_nats=match_nats) == [
        (2, pytest.approx(10.5), accepted)
    ]


def test_a_film_without_cues_is_neither_accepted_nor_refused(warehouse: Warehouse) -> None:
    given(warehouse, WORDS)
    given(warehouse, SAID)
    assert rows_of(warehouse, "65_film_match", "n_lines, nats, accepted") == [(0, 0.0, None)]


@pytest.mark.parametrize("accepted", [True, False, None])
def test_moments_are_lines_and_frames_in_scenes_that_are_surely_the_chapters(
    warehouse: Warehouse, accepted: bool | None
) -> None:
    given(warehouse, SCENES, (1, 0, 30), (2, 30, 60))
    given(warehouse, SENTENCES, (1, 3, 1, "A grey wave.", False))
    segments = "segment: chapter_no, segment_no, first_paragraph_no, last_paragraph_no, n_words, emotion"
    given(warehouse, segments, (1, 1, 1, 2, 9, "neutral"), (1, 2, 3, 4, 9, "neutral"))
    given(warehouse, PATH, (1, 1, 9.0, 0.9, True), (1, 2, 9.0, 0.3, False))
    for scene_no in (1, 2):
        film_s = 30.0 * scene_no - 20
        given(warehouse, MATCHES, (1, 2, scene_no, 1, film_s, 5, 20.0, 1.0, "a", "b"))
        hit = "image_hit: chapter_no, paragraph_no, sentence_no, shot_no, frame_no, film_s, similarity, z"
        given(warehouse, hit, (1, 3, 1, 1, 1, film_s + 1, 0.3, 6.0), (1, 3, 1, 1, 2, film_s + 2, 0.3, 2.0))
    given(warehouse, "film_match: n_lines, nats, accepted", (1, 9.0, accepted))
    given(warehouse, "calibration: kind, weight", ("images", 0.1))
    columns = "chapter_no, segment_no, film_s, method, score, book_text, film_text"
    expected = [
        (1, 1, 10.0, "dialogue", 0.5, "a", "b"),
        (1, 2, 11.0, "image", 0.5, "A grey wave.", None),
    ]
    assert rows_of(warehouse, "70_moment", columns) == (expected if accepted is not False else [])
    warehouse.connection.execute(
        "UPDATE calibration SET weight = 0"
    )  # images that say nothing are no moments
    assert rows_of(warehouse, "70_moment", columns) == (expected[:1] if accepted is not False else [])


def test_a_segments_scenes_are_those_of_its_moments_by_the_best(warehouse: Warehouse) -> None:
    given(warehouse, SCENES, (1, 0, 30), (2, 30, 60))
    moments = "moment: chapter_no, segment_no, film_s, method, score, book_text, film_text"
    for film_s, method, score in ((5.0, "image", 0.5), (29.9, "image", 0.6), (30.0, "dialogue", 0.7)):
        given(warehouse, moments, (1, 1, film_s, method, score, "a", None))
    assert rows_of(warehouse, "80_segment_scene", "chapter_no, segment_no, scene_no, method, score") == [
        (1, 1, 1, "image", 0.6),
        (1, 1, 2, "dialogue", 0.7),
    ]
