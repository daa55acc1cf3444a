"""Segments by least squares and by TW-FINCH, on made vectors and on real text."""

from __future__ import annotations

import importlib
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_models import SmallSentenceEncoder

from bookscore.engine.models import Models
from bookscore.ingest.book.segmentation import segment_runs, time_cues, tw_finch

both = pytest.mark.parametrize("segmenter", ["least-squares", "tw-finch"])


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
    return importlib.import_module("segmentation")


def topics(lengths: list[int], noise: float = 0.6, dim: int = 32, seed: int = 7) -> np.ndarray:
    """Paragraph vectors of stretches that each have a direction of their own."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(len(lengths), dim))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    vectors = np.repeat(centres, lengths, axis=0) + random.normal(size=(sum(lengths), dim)) * noise / dim**0.5
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def p_k(truth: list[int], found: list[int], n: int) -> float:
    """Beeferman et al. 1999: share of probes half a mean segment long that the two tell apart otherwise."""
    k = max(1, round(n / (len(truth) + 1) / 2))
    segment = [np.searchsorted(sorted(cuts), np.arange(n), side="right") for cuts in (truth, found)]
    apart = [labels[:-k] != labels[k:] for labels in segment]
    return float(np.mean(apart[0] != apart[1]))


def cuts(runs: list[tuple[int, int]]) -> list[int]:
    return [start for start, _ in runs[1:]]


def test_the_first_partition_links_each_paragraph_to_its_nearest_in_meaning_and_time() -> None:
    a, b = np.eye(2)
    labels = tw_finch(np.array([a, a, b, b, a, a]))[0]
    assert labels[0] == labels[1] and labels[2] == labels[3] and labels[4] == labels[5]
    assert len({labels[0], labels[2], labels[4]}) == 3  # the two runs of `a` are far apart in time


def test_each_partition_only_joins_clusters_of_the_one_before() -> None:
    partitions = tw_finch(topics([20, 15, 25, 10]))
    assert len(partitions) > 1 and partitions[-1].max() == 0
    for finer, coarser in pairwise(partitions):
        assert coarser.max() < finer.max()
        assert len(set(zip(finer.tolist(), coarser.tolist(), strict=True))) == finer.max() + 1


@pytest.mark.parametrize("seed", range(5))
def test_known_joins_are_found_to_the_paragraph(seed: int) -> None:
    lengths = [18, 25, 12, 20, 15]
    n_words = np.random.default_rng(seed).integers(20, 80, size=sum(lengths))
    found = cuts(segment_runs(topics(lengths, seed=seed), n_words, segment_words=50 * 18))
    assert found == np.cumsum(lengths)[:-1].tolist()


@pytest.mark.parametrize("seed", range(5))
def test_tw_finch_finds_known_joins_better_than_even_lengths(seed: int) -> None:
    lengths = [18, 25, 12, 20, 15]
    truth = np.cumsum(lengths)[:-1].tolist()
    n_words = np.full(sum(lengths), 50)
    found = cuts(
        segment_runs(topics(lengths, seed=seed), n_words, segment_words=50 * 18, segmenter="tw-finch")
    )
    even = [round(i * sum(lengths) / 5) for i in range(1, 5)]
    assert p_k(truth, found, sum(lengths)) < 0.1 < p_k(truth, even, sum(lengths))


@both
def test_joined_texts_are_parted_where_they_meet(segmenter: str) -> None:
    sea = [
        f"The ship {verb} over grey waves while sailors hauled the wet ropes."
        for verb in ("rolled", "sailed", "ran", "drove") * 4
    ]
    tea = [
        f"Her aunt {verb} tea and cake in the parlour with the vicar."
        for verb in ("poured", "served", "took", "praised") * 4
    ]
    vectors = SmallSentenceEncoder().encode(sea + tea)
    assert segment_runs(vectors, np.full(32, 12), segment_words=192, segmenter=segmenter) == [
        (0, 16),
        (16, 32),
    ]


@both
@pytest.mark.parametrize("segment_words", [300, 900, 2000])
def test_the_setting_steers_the_mean_length(segment_words: int, segmenter: str) -> None:
    random = np.random.default_rng(0)
    n_words = random.integers(5, 150, size=400)
    runs = segment_runs(topics([20] * 20), n_words, segment_words, segmenter)
    lengths = [n_words[a:b].sum() for a, b in runs]
    assert np.mean(lengths) == pytest.approx(segment_words, rel=0.15)
    assert min(lengths) >= 0.3 * segment_words
    assert max(lengths) <= 2.5 * segment_words


@both
def test_a_chapter_of_one_paragraph_is_one_segment(segmenter: str) -> None:
    assert segment_runs(topics([1]), np.array([4000]), 900, segmenter) == [(0, 1)]


@both
def test_a_long_paragraph_is_not_cut_and_its_neighbours_are_not_lost(segmenter: str) -> None:
    runs = segment_runs(topics([5, 1, 5]), np.array([200] * 5 + [9000] + [200] * 5), 900, segmenter)
    assert (5, 6) in runs
    assert [i for a, b in runs for i in range(a, b)] == list(range(11))


def test_paragraphs_that_all_say_the_same_are_cut_evenly() -> None:
    runs = segment_runs(np.ones((40, 8), dtype=np.float32), np.full(40, 90), 900)
    assert runs == [(0, 10), (10, 20), (20, 30), (30, 40)]


def test_a_phrase_of_time_draws_a_cut_that_the_vectors_leave_open() -> None:
    cues = np.arange(20) == 13
    vectors, n_words = np.ones((20, 8), dtype=np.float32), np.full(20, 90)
    assert segment_runs(vectors, n_words, 900) == [(0, 10), (10, 20)]
    assert segment_runs(vectors, n_words, 900, cues=cues) == [(0, 13), (13, 20)]


def test_time_cues_are_phrases_of_time_that_open_narration() -> None:
    texts = {
        "The next morning they set out for the coast.": True,
        "It was late, some three long weeks after the wedding, when he wrote.": True,
        "Meanwhile the cook had fallen asleep.": True,
        "“The next morning I was ill,” she said.": False,
        "She laughed at the colour of his hat.": False,
        "He stood and looked over the water and the boats and the low hills until evening.": False,
        "...": False,
    }
    assert time_cues(list(texts)).tolist() == list(texts.values())


def test_an_unknown_segmenter_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'guess'"):
        segment_runs(topics([3]), np.full(3, 900), 900, "guess")


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 400), st.booleans()), min_size=1, max_size=60),
    st.integers(50, 3000),
    st.sampled_from(["least-squares", "tw-finch"]),
)
def test_any_chapter_is_covered_once_in_order_and_the_same_way_again(
    paragraphs: list[tuple[int, int, bool]], segment_words: int, segmenter: str
) -> None:
    """Also with paragraphs that say the same, whose distances are all equal."""
    kinds, n_words, cues = (np.array(column) for column in zip(*paragraphs, strict=True))
    chapter = (np.eye(4, dtype=np.float32)[kinds], n_words, segment_words, segmenter, cues)
    runs = segment_runs(*chapter)
    assert [i for a, b in runs for i in range(a, b)] == list(range(len(paragraphs)))
    assert len(runs) == 1 or min(n_words[a:b].sum() for a, b in runs) >= 0.3 * segment_words
    assert runs == segment_runs(*chapter)


def test_the_benchmarks_text_tiling_scores_as_nltk_does(benchmark: ModuleType) -> None:
    words = ["ship", "sea", "rope", "sailor", "wave"] * 40 + ["tea", "cake", "vicar", "aunt", "parlour"] * 40
    text = "\n\n".join(" ".join(words[i : i + 25]) for i in range(0, 400, 25))
    by_nltk = benchmark.TextTilingTokenizer(stopwords=benchmark.STOP_WORDS, demo_mode=True).tokenize(text)
    for ours, theirs in zip(benchmark.TILING.tokenize(text), by_nltk, strict=True):
        assert np.allclose(ours, theirs)


def test_cuts_beat_text_tiling_by_a_fifth_and_equal_lengths_on_real_text(
    benchmark: ModuleType, data_dir: Path
) -> None:
    encoder = Models("embedded").sentence
    books = [data_dir / "books" / f"{name}.epub" for name in ("frankenstein", "a-farewell-to-arms")]
    novels = [benchmark.novel(book, encoder, last_chapter=4) for book in books]
    random = np.random.default_rng(0)
    joined = [benchmark.joined(novels, random) for _ in range(6)]
    marked = [benchmark.scenes(data_dir / "scenes" / "The_Necklace.csv", encoder)]
    for texts in (joined, marked):
        p_k = {
            name: np.mean([benchmark.scores(text, way(text))[0] for text in texts])
            for name, way in benchmark.WAYS.items()
        }
        assert p_k["least squares"] < p_k["equal lengths"]
        assert p_k["least squares"] <= 0.8 * min(p_k["TextTiling"], p_k["TextTiling, deepest"])
