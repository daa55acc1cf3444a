"""The paper's own chapter-scene alignment (METHOD section 5; Tapaswi et al., CVPR 2015), to be compared with.

Names of film and book are mapped by their longest common substring, as in the authors' code, without the table
that they fixed by hand.
"""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher

import numpy as np
import polars as pl
from rapidfuzz.distance import LCSseq
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

MIN_QUOTE_WORDS = 5  # a quote has more
NAME_OVERLAP = 0.8  # of the shorter name's letters, in one piece


def chapters_of_scenes(
    chapter: pl.DataFrame, quote: pl.DataFrame, person: pl.DataFrame, mention: pl.DataFrame,
    scene: pl.DataFrame, cue: pl.DataFrame,
) -> list[int]:  # fmt: skip
    """The chapter of each scene, in order: the rule has no place for a scene that is not in the book."""
    chapters = chapter["chapter_no"].to_list()
    starts_s = scene["start_s"].to_numpy()
    scene_of_cue = np.searchsorted(starts_s, cue["start_s"].to_numpy(), side="right") - 1
    characters = _characters(chapters, person, mention, len(scene), scene_of_cue, cue)
    dialogue = _dialogue(chapters, quote, len(scene), scene_of_cue, cue["text"].to_list())
    return [chapters[i] for i in _path(characters, dialogue)]


def _characters(
    chapters: list[int], person: pl.DataFrame, mention: pl.DataFrame, n_scenes: int, scene_of_cue: np.ndarray,
    cue: pl.DataFrame,
) -> np.ndarray:  # fmt: skip
    """Likeness of the histograms of names, over its maximum."""
    row = {no: i for i, no in enumerate(chapters)}
    column = {no: i for i, no in enumerate(person["person_no"])}
    in_chapter = np.zeros((len(chapters), len(column)))
    for chapter_no, person_no in mention.select("chapter_no", "person_no").iter_rows():
        in_chapter[row[chapter_no], column[person_no]] += 1
    names = [name.lower() for name in person["name"]]
    mapped: dict[str, int | None] = {}
    in_scene = np.zeros((n_scenes, len(column)))
    for scene_no, text, speaker in zip(scene_of_cue, cue["text"], cue["speaker"], strict=True):
        spoken = re.findall(r"(?<=[\w,;] )[A-Z]\w+", text) + ([speaker] if speaker else [])
        for name in spoken:
            if name not in mapped:
                mapped[name] = _person(name.lower(), names)
            if (found := mapped[name]) is not None:
                in_scene[scene_no, found] += 1
    a, b = (h / np.maximum(np.linalg.norm(h, axis=1, keepdims=True), 1e-9) for h in (in_chapter, in_scene))
    likeness = np.sqrt(2) - np.sqrt(np.maximum(0, (a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T))
    return likeness / max(likeness.max(), 1e-9)


def _person(name: str, names: list[str]) -> int | None:
    """The first (the most frequent) person whose name has most of this one's letters in one piece."""
    for i, other in enumerate(names):
        size = SequenceMatcher(None, name, other, autojunk=False).find_longest_match().size
        if size >= NAME_OVERLAP * min(len(name), len(other)) and size > 2:
            return i
    return None


def _dialogue(
    chapters: list[int], quote: pl.DataFrame, n_scenes: int, scene_of_cue: np.ndarray, cues: list[str]
) -> np.ndarray:
    """Longest common subsequences of every quote and cue, |m| sum log(1/share) each, summed, over the maximum."""
    long = quote.filter(pl.col("n_words") > MIN_QUOTE_WORDS)
    said, heard = [_words(text) for text in long["text"]], [_words(text) for text in cues]
    count = Counter(word for line in (*said, *heard) for word in line)
    weight = {word: np.log(sum(count.values()) / n) for word, n in count.items()}
    number = {word: i for i, word in enumerate(count)}
    ours, theirs = (
        csr_matrix(
            (
                np.ones(sum(len(set(line)) for line in lines)),
                (
                    [i for i, line in enumerate(lines) for _ in set(line)],
                    [number[word] for line in lines for word in sorted(set(line))],
                ),
            ),
            shape=(len(lines), len(number)),
        )
        for lines in (said, heard)
    )
    shared = (ours @ theirs.T).tocoo()
    row = {no: i for i, no in enumerate(chapters)}
    chapter_of_quote = [row[no] for no in long["chapter_no"]]
    found = np.zeros((len(chapters), n_scenes))
    for i, j, n in zip(shared.row, shared.col, shared.data, strict=True):
        if n > 1:
            blocks = LCSseq.opcodes(said[i], heard[j])
            matched = [w for op in blocks if op.tag == "equal" for w in said[i][op.src_start : op.src_end]]
        else:
            matched = [next(word for word in said[i] if word in heard[j])]
        found[chapter_of_quote[i], scene_of_cue[j]] += len(matched) * sum(weight[word] for word in matched)
    return found / max(found.max(), 1e-9)


def _words(text: str) -> list[str]:
    return [
        word for word in re.findall(r"\w+", text.lower().replace("’", "'")) if word not in ENGLISH_STOP_WORDS
    ]


def _path(characters: np.ndarray, dialogue: np.ndarray) -> list[int]:
    """Row of each column on the shortest path; a step stays or goes on to the next chapter."""
    nc, ns = characters.shape
    row = np.arange(nc)
    cost = 2 - np.exp(-(row**2) / (2 * ns**2))
    came = np.zeros((ns, nc), dtype=int)
    for j in range(ns - 1):
        reward = 0.5 * characters[:, j + 1] + 0.5 * dialogue[:, j + 1]
        step = 2 - np.exp(-((j - row * ns / nc) ** 2) / (2 * ns**2))
        stay = cost + np.maximum(0, step - reward)
        go_on = np.full(nc, np.inf)
        go_on[1:] = cost[:-1] + np.maximum(0, (1 + 1 / (2 * nc**2)) * step[:-1] - reward[1:])
        came[j + 1] = np.where(go_on < stay, row - 1, row)
        cost = np.minimum(stay, go_on)
    cost += np.where(row == nc - 1, 0, 2 - np.exp(-((nc - row - 1) ** 2) / (2 * ns**2)))
    path = [int(cost.argmin())]
    for j in range(ns - 1, 0, -1):
        path.append(int(came[j, path[-1]]))
    return path[::-1]
