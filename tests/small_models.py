"""Models small enough for tests: hashed words and mean colours, no weights, the same on every machine."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar
from zlib import crc32

import numpy as np

from bookscore.engine.models import Models

DIM = 64
COLOURS = ("red", "green", "blue")


def _unit(vectors: np.ndarray) -> np.ndarray:
    """Rows scaled to length 1; a row of zeros becomes the even direction."""
    vectors = np.where(vectors.any(axis=1, keepdims=True), vectors, 1.0)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


class SmallSentenceEncoder:
    """Bag of hashed words: texts that share words lie near."""

    model_id = "small-sentence@1"
    dim = DIM

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        vectors = np.zeros((len(texts), DIM))
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                vectors[row, crc32(word.encode()) % DIM] += 1
        return _unit(vectors)


class SmallImageTextEncoder:
    """Mean colour: "red", "green" and "blue" lie near images of that colour, other words near none."""

    model_id = "small-image-text@1"
    dim = DIM

    def encode_images(self, images: Sequence[np.ndarray]) -> np.ndarray:
        vectors = np.zeros((len(images), DIM))
        for row, image in enumerate(images):
            vectors[row, : len(COLOURS)] = image.reshape(-1, 3).mean(axis=0)
        return _unit(vectors)

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        vectors = np.zeros((len(texts), DIM))
        n_colours = len(COLOURS)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                place = n_colours + crc32(word.encode()) % (DIM - n_colours)
                vectors[row, COLOURS.index(word) if word in COLOURS else place] += 1
        return _unit(vectors)


class SmallEmotionClassifier:
    """Three sums over the sentence vector, as probabilities: no meaning, but the same for the same text."""

    model_id = "small-emotion@1"
    vector_model_id: str | None = SmallSentenceEncoder.model_id

    def classify(self, texts: Sequence[str], vectors: np.ndarray | None = None) -> np.ndarray:
        if vectors is None:
            vectors = SmallSentenceEncoder().encode(texts)
        scores = np.stack([vectors[:, k::3].sum(axis=1) for k in range(3)], axis=1)
        weights = np.exp(3 * scores)
        return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


class SmallModels(Models):
    """Stands where ``engine.models.Models`` stands; can be pickled to another process."""

    makers: ClassVar = {
        "sentence": SmallSentenceEncoder,
        "image_text": SmallImageTextEncoder,
        "emotion": SmallEmotionClassifier,
    }

    def __init__(self) -> None:
        super().__init__("small")

    def model_id(self, task: str) -> str:
        return self.makers[task].model_id

    def _load(self, task: str) -> object:
        return self._loaded.setdefault(task, self.makers[task]())
