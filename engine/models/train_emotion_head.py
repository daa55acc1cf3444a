"""Train the embedded emotion model: ``python -m engine.models.train_emotion_head FOLDER_OF_GOEMOTIONS``.

The folder holds train.tsv, dev.tsv, test.tsv and labels.txt of GoEmotions (Demszky et al., ACL 2020,
Apache-2.0). Writes emotion_head.npz and emotion_head.json (its figures) beside this file; then put
the revision it tells into the catalogue.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import click
import numpy as np
import sklearn
import torch
import transformers
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score

from engine.models.catalogue import MINILM
from engine.models.emotion import CLASSES, class_matrix

INVERSE_REGULARISATION = (3.0, 10.0, 30.0)
PRIOR_EXPONENTS = (0.0, 0.25, 0.5, 0.75, 1.0)
SEED = 0

Split = tuple[np.ndarray, np.ndarray]  # sentence vectors (rows, dim); labels 0/1 (rows, 28)


def read_split(file: Path, n_labels: int) -> tuple[list[str], np.ndarray]:
    """Return the texts and their labels, 0/1, shape (texts, n_labels); a text may have several."""
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").split("\n") if line]
    on = np.zeros((len(rows), n_labels))
    for row, (_, label_nos, _) in enumerate(rows):
        on[row, [int(number) for number in label_nos.split(",")]] = 1
    return [row[0] for row in rows], on


def train(train_split: Split, inverse_regularisation: float) -> LogisticRegression:
    """Fit softmax regression to the labels; a text of n labels counts 1/n for each of them."""
    vectors, on = train_split
    row, label = np.nonzero(on)
    share = 1 / on.sum(axis=1)[row]
    model = LogisticRegression(C=inverse_regularisation, max_iter=1000, random_state=SEED)
    return model.fit(vectors[row], label, sample_weight=share)


def figures(split: Split, logits: np.ndarray, classes: np.ndarray) -> dict[str, Any]:
    """Accuracy and F1 of the three classes against the class most of a text's labels belong to.

    Texts whose labels are split evenly between two classes (about 6 %) have no true class and are
    left out.
    """
    votes = np.sort(split[1] @ classes, axis=1)
    decided = votes[:, -1] > votes[:, -2]
    truth = (split[1] @ classes).argmax(axis=1)[decided]
    guess = (np.exp(logits) @ classes).argmax(axis=1)[decided]
    return {
        "texts": int(decided.sum()),
        "undecided_texts": int((~decided).sum()),
        "accuracy": round(accuracy_score(truth, guess), 4),
        "macro_f1": round(f1_score(truth, guess, average="macro"), 4),
        "f1": dict(zip(CLASSES, f1_score(truth, guess, average=None).round(4).tolist(), strict=True)),
    }


@click.command()
@click.argument("goemotions", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(goemotions: Path) -> None:
    """Train on the train split, choose on dev, tell the figures on dev and test."""
    labels = (goemotions / "labels.txt").read_text(encoding="utf-8").split()
    classes = class_matrix(labels)
    encoder = MINILM.load()
    splits: dict[str, Split] = {}
    for name in ("train", "dev", "test"):
        texts, on = read_split(goemotions / f"{name}.tsv", len(labels))
        splits[name] = encoder.encode(texts), on

    # Rare classes are guessed too seldom: each label's logit is lowered by the log of its class's
    # share of the training labels, to a power chosen (like the regularisation) on dev.
    log_share = classes @ np.log(splits["train"][1].sum(axis=0) @ classes / splits["train"][1].sum())
    best: tuple[float, float, float, np.ndarray, np.ndarray] | None = None
    for strength in INVERSE_REGULARISATION:
        model = train(splits["train"], strength)
        for exponent in PRIOR_EXPONENTS:
            bias = model.intercept_ - exponent * log_share
            score = figures(splits["dev"], splits["dev"][0] @ model.coef_.T + bias, classes)["macro_f1"]
            if best is None or score > best[0]:
                best = score, strength, exponent, model.coef_.astype(np.float32), bias.astype(np.float32)
    assert best is not None
    _, strength, exponent, weights, bias = best

    file = Path(__file__).with_name("emotion_head.npz")
    np.savez(file, weights=weights, bias=bias, labels=np.array(labels))
    report = {
        "revision": hashlib.sha256(file.read_bytes()).hexdigest()[:8],
        "trained_on": "GoEmotions, official train split (Demszky et al., ACL 2020)",
        "licence": "Apache-2.0",
        "vectors_of": MINILM.model_id,
        "inverse_regularisation": strength,
        "prior_exponent": exponent,
        "chosen_by": "macro_f1 on dev",
        "seed": SEED,
        "versions": {library.__name__: library.__version__ for library in (sklearn, torch, transformers)},
        **{
            name: figures(splits[name], splits[name][0] @ weights.T + bias, classes)
            for name in ("dev", "test")
        },
    }
    text = json.dumps(report, indent=2) + "\n"
    file.with_suffix(".json").write_text(text, encoding="utf-8")
    click.echo(text)


if __name__ == "__main__":
    main()
