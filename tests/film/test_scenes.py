"""Shots into scenes: known scenes found, and the programme against all segmentations."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from bookscore.ingest.film.scenes import storygraphs as scenes
from bookscore.ingest.film.scenes.cue_scenes import scenes_of_cues
from bookscore.ingest.film.scenes.shot_similarity import fitted_similarity, paper_similarity
from bookscore.ingest.film.scenes.storygraphs import scene_starts
from bookscore.ingest.film.scenes.threads import find_threads, views

BINS = 216


def palette(rng: np.random.Generator, n_bins: int = 8) -> np.ndarray:
    """A histogram of few colours, adding up to 1, as a frame has."""
    histogram = np.zeros(BINS)
    histogram[rng.choice(BINS, n_bins, replace=False)] = rng.dirichlet(np.ones(n_bins))
    return histogram


def noisy(rng: np.random.Generator, histogram: np.ndarray, share: float) -> np.ndarray:
    return (1 - share) * histogram + share * palette(rng)


def free(n: int) -> np.ndarray:
    return np.zeros(n, bool)


def film(lengths: list[int], share: float, seed: int = 1) -> tuple[np.ndarray, list[int]]:
    """Histograms of scenes of the given lengths, and the true starts."""
    rng = np.random.default_rng(seed)
    shots = [noisy(rng, view, share) for n in lengths for view in [palette(rng)] for _ in range(n)]
    return np.array(shots), [0, *np.cumsum(lengths)[:-1].tolist()]


def paper_scenes(histograms: np.ndarray, held: np.ndarray, n_scenes: int = 0) -> list[int]:
    """By the paper's similarity and rule; shots with nearly the same colours are of one thread."""
    return scene_starts(paper_similarity(histograms), *threads(histograms), held, n_scenes)


def threads(histograms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    unit = histograms / np.linalg.norm(histograms, axis=1, keepdims=True)
    return find_threads(unit, unit)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("share", [0.0, 0.15, 0.25])
def test_blocks_of_like_shots_are_the_scenes(share: float, seed: int) -> None:
    histograms, truth = film([12, 7, 20, 9, 15], share, seed)
    assert paper_scenes(histograms, free(len(histograms))) == truth


def test_two_clearly_different_halves_are_two_scenes() -> None:
    histograms, truth = film([10, 10], 0.1)
    assert paper_scenes(histograms, free(20)) == truth


def test_shot_and_reverse_shot_stay_one_scene() -> None:
    rng = np.random.default_rng(3)
    one, other, street, hall = (palette(rng) for _ in range(4))
    views = [street] * 10 + [one, other] * 10 + [hall] * 10
    histograms = np.array([noisy(rng, view, 0.02) for view in views])
    assert paper_scenes(histograms, free(len(views))) == [0, 10, 30]


@pytest.mark.parametrize("n_scenes", [1, 2, 3, 7, 40])
def test_a_wished_number_of_scenes_is_kept(n_scenes: int) -> None:
    histograms, truth = film([12, 12, 16], 0.2)
    starts = paper_scenes(histograms, free(40), n_scenes)
    assert len(starts) == n_scenes
    assert starts[0] == 0 and starts == sorted(set(starts))
    if n_scenes == 3:
        assert starts == truth


def test_no_more_scenes_than_shots_are_made() -> None:
    histograms, _ = film([2, 2], 0.1)
    assert paper_scenes(histograms, free(4), 9) == [0, 1, 2, 3]


def test_a_cue_over_the_cut_holds_the_scene_together() -> None:
    histograms, truth = film([10, 10, 10], 0.1)
    held = free(30)
    held[10] = True
    for n_scenes in (0, 3):
        starts = paper_scenes(histograms, held, n_scenes)
        assert 10 not in starts and 20 in starts
    assert truth[1] == 10


@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_shortest_films_are_one_scene(n: int) -> None:
    histograms, _ = film([1] * n, 0.0)
    assert paper_scenes(histograms, free(n)) == [0]


@pytest.mark.parametrize("n", [30, 100])
def test_shots_all_alike_are_one_scene(n: int) -> None:
    histograms, _ = film([n], 0.0)
    assert paper_scenes(histograms, free(n)) == [0]


@pytest.mark.parametrize("talk", [False, True])
@pytest.mark.parametrize("n_scenes", [0, 1, 5, 8])
def test_more_than_a_hundred_shots_alike_still_tile_the_film(n_scenes: int, talk: bool) -> None:
    histograms, _ = film([430], 0.0)
    starts = paper_scenes(histograms, np.full(430, talk), n_scenes)
    assert starts[0] == 0
    assert np.diff([*starts, 430]).min() >= 1 and np.diff([*starts, 430]).max() <= 100
    assert len(starts) == max(n_scenes, 5)


def test_a_long_film_takes_seconds() -> None:
    histograms, truth = film([10] * 250, 0.15)
    began = time.perf_counter()
    starts = paper_scenes(histograms, free(2500))
    assert time.perf_counter() - began < 20
    assert len(set(starts) & set(truth)) > 0.9 * len(truth)


def score(histograms: np.ndarray, held: np.ndarray, starts: tuple[int, ...]) -> float:
    """The total of a segmentation, written down from METHOD section 4 with none of the module's code."""
    n = len(histograms)
    distance = np.linalg.norm(histograms[:, None] - histograms, axis=2)
    length = np.linalg.norm(histograms, axis=1)
    cosine = histograms @ histograms.T / np.outer(length, length)
    thread = list(range(n))
    for i, j in itertools.combinations(range(n), 2):
        if j - i <= 24 and cosine[i, j] >= 0.9:
            thread = [thread[i] if t == thread[j] else t for t in thread]

    def alike(j: int, earlier: range) -> float:
        return 1 / (1 + np.exp(13.7814 * np.mean([distance[i, j] for i in earlier]) - 2.8316))

    def decay(k: int) -> float:
        return 1 - 0.5 * (k / 100) ** 2

    total = 0.0
    bounds = [*starts, n]
    for number, (start, end) in enumerate(itertools.pairwise(bounds)):
        for j in range(start + 1, end):
            links = sum(thread[i] == thread[j] for i in range(start, j))
            total += decay(j - start + 1) * (alike(j, range(start, j)) + links)
        if number:
            if held[start]:
                return -np.inf
            crossed = bool(set(thread[:start]) & set(thread[start:]))
            total += decay(101 - (start - bounds[number - 1])) * max(
                0, 1 - alike(start, range(bounds[number - 1], start)) - crossed
            )
    return total


@pytest.mark.parametrize("seed", range(12))
def test_the_programme_finds_the_best_of_all_segmentations(seed: int) -> None:
    rng = np.random.default_rng(seed)
    views = [palette(rng) for _ in range(4)]
    n = 9
    histograms = np.array([noisy(rng, views[rng.integers(4)], rng.choice([0.0, 0.3, 0.6])) for _ in range(n)])
    held = rng.random(n) < 0.2
    for count in (2, 3, 4):
        every = [(0, *rest) for rest in itertools.combinations(range(1, n), count - 1)]
        totals = [score(histograms, held, starts) for starts in every]
        found = tuple(paper_scenes(histograms, held, count))
        assert score(histograms, held, found) == pytest.approx(max(totals))


@pytest.mark.parametrize("seed", range(4))
def test_scenes_are_added_until_one_gains_less_than_the_rule_asks(seed: int) -> None:
    histograms, _ = film([3, 4, 3, 4], 0.3, seed)
    n, held = 14, free(14)
    best = [
        max(score(histograms, held, (0, *rest)) for rest in itertools.combinations(range(1, n), count - 1))
        for count in range(1, n // 5 + 2)
    ]
    gains = np.diff(best)[: n // 5 - 1]
    wanted = next((i + 1 for i, gain in enumerate(gains) if gain < scenes.PAPER_LEAST_GAIN), n // 5)
    assert len(paper_scenes(histograms, held)) == wanted


@pytest.mark.parametrize("spread", [1.0, 0.3, 0.1])
def test_the_scale_of_likeness_is_the_films_own(spread: float) -> None:
    """A dark film's pictures are all alike: what parts its scenes is small, and is seen all the same."""
    rng = np.random.default_rng(5)
    histograms, truth = film([12, 7, 20, 9, 15, 11, 8, 14], 0.3)
    histograms = (1 - spread) * palette(rng) + spread * histograms
    alike = fitted_similarity([np.sqrt(histograms)])
    alone = np.arange(len(histograms)), free(len(histograms))
    assert scene_starts(alike, *alone, free(len(histograms)), expected=8) == truth
    if spread == 0.1:
        paper = scene_starts(paper_similarity(histograms), *alone, free(len(histograms)))
        assert len(paper) < 5


@pytest.mark.parametrize("wrong", [0.5, 2.0])
def test_the_expected_number_of_scenes_gives_way_to_what_is_seen(wrong: float) -> None:
    histograms, truth = film([12, 7, 20, 9, 15, 11, 8, 14], 0.15)
    alike = fitted_similarity([np.sqrt(histograms)])
    alone = np.arange(len(histograms)), free(len(histograms))
    assert scene_starts(alike, *alone, free(len(histograms)), expected=8 * wrong) == truth


def picture(seed: int, noise: float, bars: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    image = np.kron(rng.integers(30, 226, (6, 8, 3)), np.ones((24, 32, 1)))
    image = image + np.random.default_rng([seed, 7]).normal(0, noise, image.shape)
    image[:bars], image[len(image) - bars :] = 0, 0
    return image.clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("bars", [0, 48])
def test_a_view_that_is_seen_again_is_of_one_thread(bars: int) -> None:
    """Shot and reverse shot, then another place: letterbox, which all share, links nothing."""
    shown = [1, 2, 1, 2, 1, 3, 4, 5]
    first = views(picture(view, 3, bars) for view in shown)
    last = views(picture(view, 9, bars) for view in shown)
    thread, crossed = find_threads(first, last)
    assert [len({*thread[[0, 2, 4]]}), len({*thread[[1, 3]]}), len({*thread})] == [1, 1, 5]
    assert crossed.tolist() == [False, True, True, True, True, False, False, False]


def test_a_view_seen_again_after_more_than_24_shots_is_another_thread() -> None:
    first = views(picture(view, 3) for view in [1, *range(100, 124), 1])
    assert len(set(find_threads(first, first)[0])) == 26
    assert len(set(find_threads(first[1:], first[1:])[0])) == 25
    assert len(set(find_threads(np.delete(first, 1, 0), np.delete(first, 1, 0))[0])) == 24


@pytest.mark.parametrize("n", [0, 1])
def test_no_pictures_and_one_have_their_threads(n: int) -> None:
    none = views(picture(i, 0) for i in range(n))
    thread, crossed = find_threads(none, none)
    assert thread.tolist() == list(range(n)) and crossed.tolist() == [False] * n


def test_pauses_in_the_talk_begin_scenes_where_there_is_no_picture() -> None:
    begins = np.array([0, 10, 40, 50, 55, 90, 95], float)
    assert scenes_of_cues(begins, begins + 3, 130.0, 4.0, 25.0, 120.0) == [0.0, 40.0, 90.0]


def test_talk_without_any_pause_is_cut_evenly() -> None:
    begins = np.arange(0, 5400, 3, dtype=float)
    lengths_s = np.diff([*scenes_of_cues(begins, begins + 3, 5400.0, 4.0, 25.0, 120.0), 5400.0])
    assert lengths_s.min() > 60 and lengths_s.max() <= 120


def test_a_scene_of_talk_that_is_too_long_is_cut_at_its_longest_pause() -> None:
    begins = np.arange(0, 240, 3, dtype=float)
    ends = begins + 2.5
    ends[40] = 120.5  # a pause of 2.5 s before the cue at 123 s
    assert scenes_of_cues(begins, ends, 240.0, 4.0, 25.0, 130.0) == [0.0, 123.0]
