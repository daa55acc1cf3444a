"""TW-FINCH and the segments made of its partitions."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_models import SmallSentenceEncoder

from ingest.segmentation import segment_runs, tw_finch


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
def test_known_joins_are_found(seed: int) -> None:
    lengths = [18, 25, 12, 20, 15]
    truth = np.cumsum(lengths)[:-1].tolist()
    n_words = np.full(sum(lengths), 50)
    found = cuts(segment_runs(topics(lengths, seed=seed), n_words, segment_words=50 * 18))
    even = [round(i * sum(lengths) / 5) for i in range(1, 5)]
    assert p_k(truth, found, sum(lengths)) < 0.1 < p_k(truth, even, sum(lengths))


def test_joined_texts_are_parted_where_they_meet() -> None:
    sea = [
        f"The ship {verb} over grey waves while sailors hauled the wet ropes."
        for verb in ("rolled", "sailed", "ran", "drove") * 4
    ]
    tea = [
        f"Her aunt {verb} tea and cake in the parlour with the vicar."
        for verb in ("poured", "served", "took", "praised") * 4
    ]
    vectors = SmallSentenceEncoder().encode(sea + tea)
    assert segment_runs(vectors, np.full(32, 12), segment_words=192) == [(0, 16), (16, 32)]


@pytest.mark.parametrize("segment_words", [300, 900, 2000])
def test_the_setting_steers_the_mean_length(segment_words: int) -> None:
    random = np.random.default_rng(0)
    n_words = random.integers(5, 150, size=400)
    runs = segment_runs(topics([20] * 20), n_words, segment_words)
    lengths = [n_words[a:b].sum() for a, b in runs]
    assert np.mean(lengths) == pytest.approx(segment_words, rel=0.15)
    assert min(lengths) >= 0.3 * segment_words
    assert max(lengths) <= 2.5 * segment_words


def test_a_chapter_of_one_paragraph_is_one_segment() -> None:
    assert segment_runs(topics([1]), np.array([4000]), 900) == [(0, 1)]


def test_a_long_paragraph_is_not_cut_and_its_neighbours_are_not_lost() -> None:
    runs = segment_runs(topics([5, 1, 5]), np.array([200] * 5 + [9000] + [200] * 5), 900)
    assert (5, 6) in runs
    assert [i for a, b in runs for i in range(a, b)] == list(range(11))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 400)), min_size=1, max_size=60),
    st.integers(50, 3000),
)
def test_any_chapter_is_covered_once_in_order_and_the_same_way_again(
    paragraphs: list[tuple[int, int]], segment_words: int
) -> None:
    """Also with paragraphs that say the same, whose distances are all equal."""
    vectors = np.eye(4, dtype=np.float32)[[kind for kind, _ in paragraphs]]
    n_words = np.array([words for _, words in paragraphs])
    runs = segment_runs(vectors, n_words, segment_words)
    assert [i for a, b in runs for i in range(a, b)] == list(range(len(paragraphs)))
    assert len(runs) == 1 or min(n_words[a:b].sum() for a, b in runs) >= 0.3 * segment_words
    assert runs == segment_runs(vectors, n_words, segment_words)
