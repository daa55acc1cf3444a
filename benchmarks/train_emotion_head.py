"""Train the embedded emotion model.

Run: ``python -m benchmarks.train_emotion_head GOEMOTIONS BOOKS MARKED``. GOEMOTIONS holds train.tsv,
dev.tsv, test.tsv and labels.txt of GoEmotions (Demszky et al., ACL 2020, Apache-2.0), BOOKS the novels as
EPUBs, MARKED the paragraphs marked by hand (tests/marked). Writes emotion_head.npz and emotion_head.json
(its figures) beside this file; then put the revision it tells into the catalogue.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
import polars as pl
import sklearn
import torch
import transformers
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import LeaveOneGroupOut

from bookscore.engine.models.affect_words import COLUMNS, affect
from bookscore.engine.models.catalogue import MINILM
from bookscore.engine.models.emotion import CLASSES, class_matrix, features, softmax

LABEL_INVERSE_REGULARISATION = 10.0  # the best of 3, 10 and 30 on dev
PRIOR_EXPONENTS = (0.0, 0.25, 0.5, 0.75, 1.0)
INVERSE_REGULARISATION = (0.01, 0.02, 0.05)
COMMENT_WEIGHTS = (0.03, 0.06, 0.12)  # of a comment beside a paragraph, in the second layer
EVERY_NTH_COMMENT = 7  # as many comments as teach the second layer all they can, in a seventh of the time
LEAST_COMMENT_F1 = 0.66  # on GoEmotions' dev split: the head stays right for what people write today
VECTOR_SCALE = 3.0  # of the vectors' dimensions beside the other features, for the regulariser
RIDGE = 10.0
SEED = 0
PARAGRAPH_WORDS = 20, 200  # of the paragraphs that were marked
AFFECT = len(COLUMNS) - 1  # the words of feeling without the text's length

Split = tuple[np.ndarray, np.ndarray]  # sentence vectors (rows, dim); labels 0/1 (rows, 28)


class Layer(NamedTuple):
    """Softmax regression: weights (outputs, inputs) and bias (outputs,), float32."""

    weights: np.ndarray
    bias: np.ndarray


def read_split(file: Path, n_labels: int) -> tuple[list[str], np.ndarray]:
    """Return the texts and their labels, 0/1, shape (texts, n_labels); a text may have several."""
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").split("\n") if line]
    on = np.zeros((len(rows), n_labels))
    for row, (_, label_nos, _) in enumerate(rows):
        on[row, [int(number) for number in label_nos.split(",")]] = 1
    return [row[0] for row in rows], on


@cache
def read_paragraphs(books: Path, novel: str) -> pl.DataFrame:
    """The novel's paragraphs of the marked lengths: chapter_no, paragraph_no, text."""
    # here alone an engine module looks at ingest: training is no part of the product
    from bookscore.engine.models import Models
    from bookscore.engine.stage import Inputs
    from bookscore.ingest.book.medium import read

    paragraph = read(Inputs(novel, 0, {"book": books / f"{novel}.epub"}, {}, {}, Models("embedded")))[
        "paragraph"
    ]
    wanted = paragraph.filter(pl.col("n_words").is_between(*PARAGRAPH_WORDS))
    return wanted.select(pl.lit(novel).alias("novel"), "chapter_no", "paragraph_no", "text")


def read_marked(file: Path, books: Path) -> pl.DataFrame:
    """The marked paragraphs with their texts: novel, chapter_no, paragraph_no, opening, emotion, text.

    Raises
    ------
    ValueError
        A paragraph does not begin with the words it was marked by: the book is another, or read otherwise.
    """
    key = ["novel", "chapter_no", "paragraph_no"]
    marked = pl.read_csv(
        file, separator="\t", comment_prefix="#", quote_char=None,
        schema_overrides={"chapter_no": pl.Int32, "paragraph_no": pl.Int32},
    )  # fmt: skip
    texts = pl.concat([read_paragraphs(books, novel) for novel in sorted(set(marked["novel"]))])
    marked = marked.join(texts, on=key, how="left", maintain_order="left")
    for row in marked.iter_rows(named=True):
        if (row["text"] or "").split()[:4] != row["opening"].split():
            raise ValueError(f"{file}: no paragraph {[row[name] for name in key]} begins {row['opening']!r}")
    return marked


def class_numbers(emotions: pl.Series) -> np.ndarray:
    """Which of ``CLASSES`` each is, int."""
    return np.array([CLASSES.index(emotion) for emotion in emotions])


def decided(on: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The class most labels of a text belong to, and which texts have one.

    Texts whose labels are split evenly between two classes (about 6 %) have no true class.
    """
    votes = np.sort(on @ classes, axis=1)
    return (on @ classes).argmax(axis=1), votes[:, -1] > votes[:, -2]


def figures(truth: np.ndarray, guess: np.ndarray) -> dict[str, Any]:
    """Accuracy and F1 of the three classes."""
    return {
        "texts": len(truth),
        "accuracy": round(accuracy_score(truth, guess), 4),
        "macro_f1": round(f1_score(truth, guess, average="macro"), 4),
        "f1": dict(zip(CLASSES, f1_score(truth, guess, average=None).round(4).tolist(), strict=True)),
    }


def train_labels(train: Split, dev: Split, classes: np.ndarray) -> tuple[Layer, float]:
    """The first layer, vectors to labels, and the prior exponent it got.

    A text of n labels counts 1/n for each of them. Rare classes are guessed too seldom: each label's
    logit is lowered by the log of its class's share of the training labels, to a power chosen on dev
    by macro-F1.
    """
    row, label = np.nonzero(train[1])
    share = 1 / train[1].sum(axis=1)[row]
    log_share = classes @ np.log(train[1].sum(axis=0) @ classes / train[1].sum())
    truth, known = decided(dev[1], classes)
    model = LogisticRegression(C=LABEL_INVERSE_REGULARISATION, max_iter=1000, random_state=SEED)
    model.fit(train[0][row], label, sample_weight=share)
    best: tuple[float, Layer, float] | None = None
    for exponent in PRIOR_EXPONENTS:
        bias = model.intercept_ - exponent * log_share
        layer = Layer(model.coef_.astype(np.float32), bias.astype(np.float32))
        guessed = (softmax(dev[0] @ layer.weights.T + layer.bias) @ classes).argmax(axis=1)
        score = f1_score(truth[known], guessed[known], average="macro")
        if best is None or score > best[0]:
            best = score, layer, exponent
    assert best is not None
    return best[1:]


def reading_of_affect(vectors: np.ndarray, texts: list[str]) -> Layer:
    """What of a paragraph's words of feeling its vector tells: (4, dim), each of deviation 1 over the texts.

    The regression sees all paragraphs of the novels, marked or not, so that the few marked ones need
    not teach where in the vectors' space feeling lies.
    """
    model = Ridge(RIDGE).fit(vectors, affect(texts)[:, :AFFECT])
    deviation = model.predict(vectors).std(axis=0)
    return Layer(model.coef_ / deviation[:, None], model.intercept_ / deviation)


class SecondLayer:
    """Trains the head's second layer on paragraphs and comments together."""

    def __init__(self, reading: Layer, comments: np.ndarray, comment_class: np.ndarray) -> None:
        self.reading = reading
        self.dim = reading.weights.shape[1]
        self.comments, self.comment_class = self._widened(comments), comment_class

    def _widened(self, found: np.ndarray) -> np.ndarray:
        vectors = found[:, : self.dim]
        read = vectors @ self.reading.weights.T + self.reading.bias
        return np.concatenate([vectors * VECTOR_SCALE, found[:, self.dim :], read], axis=1)

    def train(self, found: np.ndarray, truth: np.ndarray, strength: float, comment_weight: float) -> Layer:
        """Return the layer over the features as they are: scale and reading are folded into its weights."""
        model = LogisticRegression(C=strength, max_iter=1000, random_state=SEED)
        model.fit(
            np.concatenate([self._widened(found), self.comments]),
            np.concatenate([truth, self.comment_class]),
            sample_weight=np.repeat([1.0, comment_weight], [len(truth), len(self.comment_class)]),
        )
        weights, of_reading = np.split(model.coef_, [found.shape[1]], axis=1)
        weights[:, : self.dim] = weights[:, : self.dim] * VECTOR_SCALE + of_reading @ self.reading.weights
        bias = model.intercept_ + of_reading @ self.reading.bias
        return Layer(weights.astype(np.float32), bias.astype(np.float32))


def guess(layer: Layer, found: np.ndarray) -> np.ndarray:
    """The likeliest class of each row of features."""
    return (found @ layer.weights.T + layer.bias).argmax(axis=1)


@click.command()
@click.argument("goemotions", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("books", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("marked", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(goemotions: Path, books: Path, marked: Path) -> None:
    """Train, choose on GoEmotions' dev split and on novels left out, tell the figures."""
    labels = (goemotions / "labels.txt").read_text(encoding="utf-8").split()
    classes = class_matrix(labels)
    encoder = MINILM.load()
    texts, splits = {}, {}
    for name in ("train", "dev", "test"):
        texts[name], on = read_split(goemotions / f"{name}.tsv", len(labels))
        splits[name] = encoder.encode(texts[name]), on
    first, exponent = train_labels(splits["train"], splits["dev"], classes)

    def features_of(texts: list[str], vectors: np.ndarray) -> np.ndarray:
        return features(texts, vectors, softmax(vectors @ first.weights.T + first.bias) @ classes)

    def comments(name: str, step: int = 1) -> tuple[np.ndarray, np.ndarray]:
        truth, known = decided(splits[name][1], classes)
        rows = np.flatnonzero(known)[::step]
        return features_of([texts[name][row] for row in rows], splits[name][0][rows]), truth[rows]

    paragraphs = read_marked(marked / "emotion_fiction_train.tsv", books)
    key = ["novel", "chapter_no", "paragraph_no"]
    novels = pl.concat([read_paragraphs(books, novel) for novel in sorted(set(paragraphs["novel"]))])
    novels = novels.join(
        read_marked(marked / "emotion_fiction.tsv", books), on=key, how="anti", maintain_order="left"
    )
    novels = novels.with_columns(pl.Series("vector", encoder.encode(novels["text"].to_list())))
    paragraphs = paragraphs.join(novels.select(*key, "vector"), on=key, maintain_order="left")
    found = features_of(paragraphs["text"].to_list(), paragraphs["vector"].to_numpy())
    truth = class_numbers(paragraphs["emotion"])

    second = SecondLayer(
        reading_of_affect(novels["vector"].to_numpy(), novels["text"].to_list()),
        *comments("train", EVERY_NTH_COMMENT),
    )
    dev = comments("dev")
    best: tuple[float, dict[str, float], Layer, np.ndarray] | None = None
    for strength, comment_weight in product(INVERSE_REGULARISATION, COMMENT_WEIGHTS):
        layer = second.train(found, truth, strength, comment_weight)
        if figures(dev[1], guess(layer, dev[0]))["macro_f1"] < LEAST_COMMENT_F1:
            continue
        left_out = np.zeros_like(truth)
        for rows, others in LeaveOneGroupOut().split(found, truth, paragraphs["novel"].to_numpy()):
            left_out[others] = guess(
                second.train(found[rows], truth[rows], strength, comment_weight), found[others]
            )
        score = f1_score(truth, left_out, average="macro")
        if best is None or score > best[0]:
            settings = {"inverse_regularisation": strength, "comment_weight": comment_weight}
            best = score, settings, layer, left_out
    assert best is not None, f"no setting reaches {LEAST_COMMENT_F1} on GoEmotions"
    _, settings, layer, left_out = best

    file = Path(__file__).parents[1] / "engine" / "models" / "emotion_head.npz"
    np.savez(
        file, labels=np.array(labels), label_weights=first.weights, label_bias=first.bias,
        class_weights=layer.weights, class_bias=layer.bias,
    )  # fmt: skip
    report = {
        "revision": hashlib.sha256(file.read_bytes()).hexdigest()[:8],
        "trained_on": "GoEmotions, official train split (Demszky et al., ACL 2020); tests/marked/emotion_fiction_train.tsv",
        "licence": "Apache-2.0",
        "vectors_of": MINILM.model_id,
        "prior_exponent": exponent,
        **settings,
        "seed": SEED,
        "versions": {library.__name__: library.__version__ for library in (sklearn, torch, transformers)},
        "goemotions_dev": figures(dev[1], guess(layer, dev[0])),
        "goemotions_test": figures(*(lambda split: (split[1], guess(layer, split[0])))(comments("test"))),
        "fiction_each_novel_left_out": figures(truth, left_out),
    }
    text = json.dumps(report, indent=2) + "\n"
    file.with_suffix(".json").write_text(text, encoding="utf-8")
    click.echo(text)


if __name__ == "__main__":
    main()
