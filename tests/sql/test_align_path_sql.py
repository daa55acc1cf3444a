"""What speaks for scenes and chapters, and the path through them, file by file: given rows, expected rows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product
from math import exp, log
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
PART_CUES = "part_cue: cue_no, part_no"
CUES = "cue: cue_no, start_s, end_s, text, speaker, is_lyrics"
SPOKEN = "cue_no, scene_no, text, speaker, bracketed"
PERSON_NAMES = "person_name: person_no, name"
PASSAGES = "passage: chapter_no, paragraph_no, passage_no"
WORDS = "book_word: chapter_no, paragraph_no, word, is_quote, position"
SAID = "cue_word: cue_no, start_s, scene_no, word, position"
LINES = "local_alignment: seed_no, chapter_no, scene_no, film_from, film_to, over_cutoff_nats"
PARTS = "scene_part: part_no, scene_no, start_s, end_s"
PART_LINES = "part_line: chapter_no, part_no, over_cutoff_nats"
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
    cues = f"{CUES}, bracketed"
    given(
        warehouse,
        cues,
        (1, 0, 1, "Káth? Kath!", "Katharina", None, None),
        (2, 1, 2, "kath", None, None, "Kath"),
    )
    given(warehouse, cues, (3, 2, 3, "Kath, la la", None, True, "Kath"))
    derive(warehouse, "19_spoken_cue", SPOKEN)
    given(warehouse, PART_CUES, (1, 1), (2, 1))
    assert rows_of(warehouse, "40_scene_name", "kind, part_no, name, n") == [
        ("names", 1, "katharina", 2),
        ("speakers", 1, "katharina", 2),
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
        "scene_name: kind, part_no, name, n",
        ("names", 5, "anna", 7),  # counts three times
        ("names", 5, "nobody", 1),
        ("speakers", 5, "hero", 1),
    )
    anna = [(0.2 + 0.8 * share / 0.3) ** 3 for share in (0.75, 0, 0)]
    hero = [0.2 + 0.8 * share / 0.7 for share in (0.25, 1, 1)]
    assert rows_of(warehouse, "42_name_evidence", "kind, chapter_no, part_no, nats") == [
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
    given(warehouse, PART_CUES, (1, 3))
    assert rows_of(warehouse, "43_word_evidence", "chapter_no, part_no, nats") == [
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


KIND = "evidence: kind, chapter_no, part_no, nats"


def test_evidence_of_every_kind_is_gathered_and_images_are_shared_by_parts(warehouse: Warehouse) -> None:
    given(warehouse, SCENES, (5, 0, 40))
    given(warehouse, PARTS, (7, 5, 0.0, 10.0), (8, 5, 10.0, 40.0))
    given(warehouse, f"name_{KIND}", ("speakers", 1, 7, 0.5))
    given(warehouse, f"word_{KIND}", ("words", 2, 7, 1.0))
    given(warehouse, "image_evidence: kind, chapter_no, scene_no, nats", ("images", 3, 5, 2.0))
    assert rows_of(warehouse, "45_evidence", "kind, chapter_no, part_no, nats") == [
        ("images", 3, 7, 0.5),
        ("images", 3, 8, 1.5),
        ("speakers", 1, 7, 0.5),
        ("words", 2, 7, 1.0),
    ]


def test_scenes_placed_by_lines_calibrate_names_and_words(warehouse: Warehouse) -> None:
    given(warehouse, CHAPTERS, *[(n, "", 9) for n in range(1, 5)])
    given(warehouse, STATISTICS, (0.5, 0.1, 0.5, 9.0))
    given(warehouse, PART_LINES)
    given(warehouse, KIND)
    for scene_no in range(1, 41):
        own = scene_no % 4 + 1
        given(warehouse, PART_LINES, (own, scene_no, 63.0))
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
    given(warehouse, PART_LINES)
    given(warehouse, KIND)
    for scene_no in range(40):
        own = scene_no % 4 + 1
        best = (
            own if scene_no < n_right else (own + scene_no // 4 % 3) % 4 + 1
        )  # of 40, chance ranks 10 right
        given(warehouse, PART_LINES, (own, scene_no, 63.0))
        for chapter_no in range(1, 5):
            given(warehouse, KIND, ("images", chapter_no, scene_no, 3.0 if chapter_no == best else 0.0))
    assert (dict(rows_of(warehouse, "46_calibration", "kind, weight"))["images"] > 0) == trusted


def test_lines_are_expected_in_proportion_to_what_is_said(warehouse: Warehouse) -> None:
    given(warehouse, SAID, *[(cue_no, 0, 1, "w", n) for n, cue_no in enumerate([1, 1, 2, *[3] * 100])])
    given(warehouse, PART_CUES, (1, 1), (2, 2), (3, 3))
    given(warehouse, STATISTICS, (0.5, 0.1, 0.5, 10.0))
    expected = [(1, pytest.approx(0.2 * log(2))), (2, pytest.approx(0.1 * log(2))), (3, 3.0)]
    assert rows_of(warehouse, "47_expected_lines", "part_no, n_lines") == expected


def test_a_scene_is_split_at_the_shot_in_the_longest_pause_between_lines_of_two_chapters(
    warehouse: Warehouse,
) -> None:
    given(warehouse, CHAPTERS, (1, "", 100), (2, "", 100))
    given(warehouse, SCENES, (1, 0, 60), (2, 60, 90))
    cues = [(1, 2, 4), (2, 10, 12), (3, 30, 32), (4, 70, 72)]
    given(warehouse, CUES, *[(no, a, b, "w", None, False) for no, a, b in cues])
    derive(warehouse, "19_spoken_cue", "cue_no, start_s, end_s, scene_no, text, speaker, bracketed")
    given(warehouse, SAID, *[(no, a, 1 if no < 4 else 2, "w", no) for no, a, _ in cues])
    given(warehouse, STATISTICS, (0.5, 0.1, 0.5, 10.0))
    lines = "local_alignment: seed_no, chapter_no, scene_no, film_from, film_to, score_nats, over_cutoff_nats"
    given(
        warehouse, lines, (1, 1, 1, 1, 1, 50.0, 40.0), (2, 2, 1, 3, 3, 50.0, 40.0), (3, 1, 2, 4, 4, 9.0, 0.5)
    )
    shots = "shot: shot_no, start_s, end_s, histogram"
    given(warehouse, shots, *[(n, s, s + 5.0, [1.0]) for n, s in enumerate([0.0, 6.0, 20.0, 25.0, 60.0], 1)])
    columns = "part_no, scene_no, start_s, end_s"
    assert derive(warehouse, "32_scene_part", columns) == [(1, 1, 0, 20), (2, 1, 20, 60), (3, 2, 60, 90)]
    assert rows_of(warehouse, "33_part_cue", "cue_no, part_no") == [(1, 1), (2, 1), (3, 2), (4, 3)]


def test_evidence_adds_up_in_nats(warehouse: Warehouse) -> None:
    given(warehouse, CHAPTERS, (1, "", 100), (2, "", 100))
    given(warehouse, PARTS, (1, 1, 0.0, 50.0), (2, 2, 50.0, 100.0))
    n_lines = log(2)
    given(warehouse, "expected_lines: part_no, n_lines", (1, n_lines), (2, 0.0))
    given(warehouse, STATISTICS, (0.5, 0.1, 0.5, 10.0))
    given(warehouse, PART_LINES, (1, 1, 12.0))
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
    spoken = log(1 + n_lines / 25 / (0.5 * 0.1) * exp(0.5 * 12))
    far = -(0.5**2) / (2 * 0.25**2)
    assert rows_of(warehouse, "50_chapter_scene_evidence", columns) == [
        (1, 1, pytest.approx(spoken), 1.0, 0.5, 1.5, 0.0),  # images less their mean
        (1, 2, 0.0, 0.0, 0.0, -0.5, pytest.approx(far)),
        (2, 1, 0.0, 0.0, 0.0, -0.5, pytest.approx(far)),
        (2, 2, 0.0, 0.0, 0.0, -0.5, 0.0),
    ]


def test_a_transition_stays_goes_on_and_skips_by_length(warehouse: Warehouse) -> None:
    given(warehouse, CHAPTERS, (1, "", 100), (2, "", 50), (3, "", 150))
    given(warehouse, SCENES, *[(n, n, n + 1) for n in range(1, 13)])
    found = rows_of(warehouse, "51_transition", "from_chapter_no, to_chapter_no, weight", skip_nats=2)
    weight = {(i, k): value for i, k, value in found}
    new = 3 / 12  # of a chapter of mean length; one of half the length is left twice as soon
    assert weight[1, 1] == pytest.approx(1 - new) and weight[2, 2] == pytest.approx(1 - 2 * new)
    assert weight[1, 2] == pytest.approx(new) and weight[2, 3] == pytest.approx(2 * new)
    assert weight[1, 3] == pytest.approx(new * exp(-2 * 0.5))  # skips half a chapter
    assert all(i <= k for i, k in weight)


EVIDENCE = "chapter_scene_evidence: chapter_no, scene_no, part_no, dialogue, characters, words, image, place"
RATE = "rate: invented_share, borrowed_share, back_share, dispersion"


def test_a_part_tells_a_chapter_or_borrows_lines_or_is_the_films_own(warehouse: Warehouse) -> None:
    given(warehouse, EVIDENCE, (1, 1, 1, 5.0, 1.0, 0.5, 0.25, -0.75), (2, 1, 1, 0.0, 0.0, 0.0, 0.0, 0.0))
    given(warehouse, EVIDENCE, (3, 1, 1, 1.0, 0.0, 0.0, 0.0, 0.0))
    given(warehouse, "expected_lines: part_no, n_lines", (1, 2.0))
    given(warehouse, RATE, (0.2, 0.1, 0.01, 1.0))
    silent = 1 / 3  # a geometric distribution of mean 2
    tells = [0.8 * 0.9 * silent * exp(nats) for nats in (6, 0, 1)]
    lent = [(exp(1) - 1) / 2, (exp(5) - 1 + exp(1) - 1) / 2, (exp(5) - 1) / 2]
    borrows = [
        0.8 * 0.1 * silent * 0.5 * exp(nats) * lines for nats, lines in zip((6, 0, 1), lent, strict=True)
    ]
    most = max(*tells, *borrows, 0.2)
    assert rows_of(warehouse, "52_state", "chapter_no, tells, borrows, invented") == [
        (
            no,
            pytest.approx(tells[no - 1] / most),
            pytest.approx(borrows[no - 1] / most),
            pytest.approx(0.2 / most),
        )
        for no in (1, 2, 3)
    ]


# Three chapters and four parts; the second part is nobody's, the fourth goes back.
TELLS = {(1, 1): 0.9, (2, 1): 0.01, (2, 2): 0.02, (2, 3): 0.01, (3, 3): 0.95, (3, 2): 0.1, (4, 1): 1.0}
WEIGHT = {(1, 1): 0.7, (1, 2): 0.3, (1, 3): 0.1, (2, 2): 0.6, (2, 3): 0.4, (3, 3): 0.8}
BORROWS, INVENTED, BACK = 0.05, 0.2, 0.06


def test_the_posterior_is_the_share_of_all_ways_through_a_state(warehouse: Warehouse) -> None:
    given(warehouse, CHAPTERS, *[(n, "", 9) for n in (1, 2, 3)])
    given(
        warehouse, "transition: from_chapter_no, to_chapter_no, weight", *[(*k, v) for k, v in WEIGHT.items()]
    )
    given(warehouse, RATE, (0.2, 0.1, BACK, 1.0))
    states = [(s, c, TELLS.get((s, c), 0.02), BORROWS, INVENTED) for s, c in product((1, 2, 3, 4), (1, 2, 3))]
    given(warehouse, "state: part_no, chapter_no, tells, borrows, invented", *states)
    kinds = {
        (s, c): dict(zip(("tells", "borrows", "invented"), values, strict=True)) for s, c, *values in states
    }
    ways: dict[tuple[tuple[int, str], ...], float] = {}
    for way in product(product((1, 2, 3), ("tells", "borrows", "invented")), repeat=4):
        p = 1.0
        for part_no, ((before, _), (chapter, kind)) in enumerate(pairwise([(1, ""), *way]), 1):
            moved = (
                WEIGHT.get((before, chapter), 0) + BACK / 3
                if kind != "invented"
                else float(before == chapter)
            )
            p *= kinds[part_no, chapter][kind] * moved
        ways[way] = p
    derive(warehouse, "54_forward", "part_no, chapter_no, before, reached")
    derive(warehouse, "55_backward", "part_no, chapter_no, likelihood")
    found = rows_of(warehouse, "56_posterior", "part_no, chapter_no, tells, borrows, invented")
    assert len(found) == 12
    for part_no, chapter_no, *shares in found:
        for kind, share in zip(("tells", "borrows", "invented"), shares, strict=True):
            through = sum(p for way, p in ways.items() if way[part_no - 1] == (chapter_no, kind))
            assert share == pytest.approx(through / sum(ways.values()))


POSTERIOR = "posterior: part_no, chapter_no, tells, borrows, invented, jumps"


def test_rates_are_learnt_from_the_posterior_and_what_was_expected(warehouse: Warehouse) -> None:
    given(warehouse, POSTERIOR, *[(n, 1, 0.0, 0.25, 0.75, 0.05) for n in range(1, 41)])
    given(warehouse, EVIDENCE, *[(1, n, n, 0.0, 0.0, 0.0, 0.0, 0.0) for n in range(1, 41)])
    given(warehouse, "expected_lines: part_no, n_lines", *[(n, 1.0) for n in range(1, 41)])
    columns = "invented_share, borrowed_share, back_share, dispersion"
    given(warehouse, f"expected_{RATE}", (0.3, 0.01, 0.01, 5.0))
    [found] = rows_of(warehouse, "57_rate", columns)
    invented, borrowed, back = (30 + 20 * 0.3) / 60, (10 + 100 * 0.01) / 110, (2 + 100 * 0.01) / 110
    assert found[:3] == (pytest.approx(invented), pytest.approx(borrowed), pytest.approx(back))
    assert found[3] == pytest.approx(5, rel=0.15)  # nothing tells, so what was expected


def test_scenes_of_many_lines_or_none_are_bursty(warehouse: Warehouse) -> None:
    numbers = range(1, 201)
    given(warehouse, POSTERIOR, *[(n, 1, 1.0, 0.0, 0.0, 0.0) for n in numbers])
    given(warehouse, EVIDENCE, *[(1, n, n, 20.0 if n % 3 == 0 else 0.0, 0.0, 0.0, 0.0, 0.0) for n in numbers])
    given(warehouse, "expected_lines: part_no, n_lines", *[(n, 2.0) for n in numbers])
    given(warehouse, f"expected_{RATE}", (0.3, 0.01, 0.01, 5.0))
    [(found,)] = rows_of(warehouse, "57_rate", "dispersion")
    assert found < 0.5  # two thirds have no line: (1 + 2 / r) ** -r = 2 / 3 at r = 0.15


def test_borrowed_lines_are_told_where_the_story_is_elsewhere(warehouse: Warehouse) -> None:
    given(warehouse, PARTS, (1, 1, 0.0, 10.0), (2, 2, 10.0, 20.0), (3, 3, 20.0, 30.0))
    rows = [(1, 1, 0.9, 0.05, 0.05), (1, 2, 0.0, 0.0, 0.0), (2, 1, 0.0, 0.8, 0.0), (2, 2, 0.2, 0.0, 0.0),
            (3, 1, 0.3, 0.0, 0.6), (3, 2, 0.1, 0.0, 0.0)]  # fmt: skip
    given(warehouse, POSTERIOR, *[(*row, 0.0) for row in rows])
    dialogue = {(1, 1): 9.0, (2, 2): 12.0}
    given(
        warehouse,
        EVIDENCE,
        *[(c, s, s, dialogue.get((s, c), 0.0), 2.0, 0.5, 0.25, -9.0) for s, c, *_ in rows],
    )
    derive(warehouse, "58_told", "part_no, chapter_no, p")
    columns = "scene_no, chapter_no, told_chapter_no, score, confidence, accepted"
    assert rows_of(warehouse, "60_chapter_scene", columns, sure=0.9) == [
        (1, 1, 1, 11.75, pytest.approx(0.95), True),
        (2, 1, 2, 2.75, pytest.approx(0.8), False),
    ]


MATCHES = (
    "dialogue_match: chapter_no, paragraph_no, scene_no, cue_no, film_s, n_words, score, beyond_nats, book_text, "
    "film_text"
)
PATH = "chapter_scene: chapter_no, told_chapter_no, scene_no, start_s, end_s, score, confidence, accepted"
TOLD = "told: part_no, chapter_no, p"


@pytest.mark.parametrize(("match_nats", "accepted"), [(10, True), (11, False)])
def test_only_lines_on_the_path_beyond_all_chance_let_the_film_match(
    warehouse: Warehouse, match_nats: float, accepted: bool
) -> None:
    given(warehouse, WORDS, *[(1, 1, "w", True, n) for n in range(10)])
    given(warehouse, SAID, *[(1, 0, 1, "w", n) for n in range(10)])
    chance = log(100)
    for chapter_no, nats in ((1, chance + 4), (1, chance + 6.5), (1, chance - 1), (2, chance + 50)):
        given(warehouse, MATCHES, (chapter_no, 1, 1, 1, 0.0, 5, nats, 1.0, "a", "b"))
    given(warehouse, PART_CUES, (1, 1))
    given(warehouse, TOLD, (1, 1, 0.9), (1, 2, 0.1))
    columns = "n_lines, nats, accepted"
    assert rows_of(warehouse, "65_film_match", columns, match_nats=match_nats) == [
        (2, pytest.approx(10.5), accepted)
    ]


def test_a_film_without_cues_is_neither_accepted_nor_refused(warehouse: Warehouse) -> None:
    given(warehouse, WORDS)
    given(warehouse, SAID)
    given(warehouse, PART_CUES)
    given(warehouse, TOLD)
    assert rows_of(warehouse, "65_film_match", "n_lines, nats, accepted") == [(0, 0.0, None)]


@pytest.mark.parametrize("accepted", [True, False, None])
def test_moments_are_lines_and_frames_in_scenes_that_are_surely_the_chapters(
    warehouse: Warehouse, accepted: bool | None
) -> None:
    given(warehouse, SCENES, (1, 0, 30), (2, 30, 60))
    given(warehouse, SENTENCES, (1, 3, 1, "A grey wave.", False))
    segments = "segment: chapter_no, segment_no, first_paragraph_no, last_paragraph_no, n_words, emotion"
    given(warehouse, segments, (1, 1, 1, 2, 9, "neutral"), (1, 2, 3, 4, 9, "neutral"))
    given(warehouse, PATH, (1, 1, 1, 0.0, 30.0, 9.0, 0.9, True), (1, 1, 2, 30.0, 60.0, 9.0, 0.3, False))
    given(warehouse, PART_CUES, (1, 1), (2, 2))
    given(warehouse, TOLD, (1, 1, 0.9), (2, 1, 0.3))
    for scene_no in (1, 2):
        film_s = 30.0 * scene_no - 20
        given(warehouse, MATCHES, (1, 2, scene_no, scene_no, film_s, 5, 20.0, 1.0, "a", "b"))
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


def test_a_segment_between_two_spoken_lines_has_the_time_between_them(warehouse: Warehouse) -> None:
    given(
        warehouse, "paragraph: chapter_no, paragraph_no, text, n_words", *[(1, n, "", 100) for n in (1, 2, 3)]
    )
    given(warehouse, SENTENCES, *[(1, n, 1, f"Sentence {n}.", False) for n in (1, 2, 3)])
    segments = "segment: chapter_no, segment_no, first_paragraph_no, last_paragraph_no, n_words, emotion"
    given(warehouse, segments, *[(1, n, n, n, 100, "neutral") for n in (1, 2, 3)])
    given(warehouse, PATH, (1, 1, 1, 0.0, 200.0, 9.0, 0.9, True))
    given(warehouse, PART_CUES, (1, 1), (2, 1))
    given(warehouse, TOLD, (1, 1, 0.9))
    given(
        warehouse,
        MATCHES,
        (1, 1, 1, 1, 20.0, 5, 20.0, 1.0, "a", "b"),
        (1, 3, 1, 2, 80.0, 5, 20.0, 1.0, "a", "b"),
    )
    given(warehouse, "calibration: kind, weight", ("images", 0.1))
    given(warehouse, "film_match: n_lines, nats, accepted", (2, 99.0, True))
    columns = "segment_no, method, film_s, gap_s, score, book_text"
    assert [row for row in rows_of(warehouse, "70_moment", columns) if row[1] != "dialogue"] == [
        (2, "between", 50.0, 60.0, 0.25, "Sentence 2.")
    ]


def test_a_segments_scenes_are_those_of_its_moments_by_the_best(warehouse: Warehouse) -> None:
    given(warehouse, SCENES, (1, 0, 30), (2, 30, 60))
    moments = "moment: chapter_no, segment_no, film_s, method, score, book_text, film_text"
    for film_s, method, score in ((5.0, "image", 0.5), (29.9, "image", 0.6), (30.0, "dialogue", 0.7)):
        given(warehouse, moments, (1, 1, film_s, method, score, "a", None))
    assert rows_of(warehouse, "80_segment_scene", "chapter_no, segment_no, scene_no, method, score") == [
        (1, 1, 1, "image", 0.6),
        (1, 1, 2, "dialogue", 0.7),
    ]
