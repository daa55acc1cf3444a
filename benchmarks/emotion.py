"""How right the embedded emotion head is about novels and comments, beside VADER and a head of comments alone.

Run: python benchmarks/emotion.py [DATA]. Novels: the 200 paragraphs marked by hand in tests/marked, which
nothing was trained or chosen on; comments: the test split of GoEmotions. Intervals hold 95 % of 2,000
bootstrap samples of the texts.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click
import numpy as np
from sklearn.metrics import f1_score
from train_emotion_head import class_numbers, decided, read_marked, read_split
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from bookscore.engine.models import Models
from bookscore.engine.models.emotion import CLASSES, EmotionHead, class_matrix

ROOT = Path(__file__).parents[1]
SAMPLES = 2000
VADER_NEUTRAL = 0.05  # its authors' band of the compound score


def vader(texts: list[str]) -> np.ndarray:
    analyzer = SentimentIntensityAnalyzer()
    compound = np.array([analyzer.polarity_scores(text)["compound"] for text in texts])
    return np.where(compound >= VADER_NEUTRAL, 0, np.where(compound <= -VADER_NEUTRAL, 2, 1))


def tell(name: str, truth: np.ndarray, guess: np.ndarray) -> None:
    draws = np.random.default_rng(0).integers(0, len(truth), (SAMPLES, len(truth)))
    scores = [f1_score(truth[rows], guess[rows], average="macro") for rows in draws]
    low, high = np.percentile(scores, [2.5, 97.5])
    each = f1_score(truth, guess, average=None)
    click.echo(
        f"  {name:<22} macro-F1 {f1_score(truth, guess, average='macro'):.3f} [{low:.3f}, {high:.3f}]  "
        + "  ".join(f"{class_} {score:.3f}" for class_, score in zip(CLASSES, each, strict=True))
    )


def main(data: str = str(ROOT.parent / "shared" / "data")) -> None:
    models = Models("embedded")
    head = models.emotion
    assert isinstance(head, EmotionHead)
    labels = (Path(data) / "goemotions" / "labels.txt").read_text().split()
    comments, on = read_split(Path(data) / "goemotions" / "test.tsv", len(labels))
    comment_class, known = decided(on, class_matrix(labels))
    marked = read_marked(ROOT / "tests" / "marked" / "emotion_fiction.tsv", Path(data) / "books")
    for title, texts, truth in (
        ("paragraphs of novels", marked["text"].to_list(), class_numbers(marked["emotion"])),
        ("comments", [comments[row] for row in np.flatnonzero(known)], comment_class[known]),
    ):
        click.echo(f"{len(texts)} {title}: {np.bincount(truth)} {', '.join(CLASSES)}")
        vectors = models.sentence.encode(texts)
        start_s = time.perf_counter()
        ours = head.classify(texts, vectors).argmax(axis=1)
        took_s = time.perf_counter() - start_s
        tell("VADER", truth, vader(texts))
        tell("head of comments alone", truth, head.classify_comments(vectors).argmax(axis=1))
        tell("ours", truth, ours)
        words = sum(len(text.split()) for text in texts)
        click.echo(f"  ours, given the sentence vectors: {words / took_s:,.0f} words/s")


if __name__ == "__main__":
    main(*sys.argv[1:])
