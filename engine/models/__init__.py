"""Models behind small interfaces, loaded on first use.

Two sets: *full* (weights from the hub, fetched by ``bookscore models pull``) and *embedded*
(what Python packages ship). Importing this package loads neither torch nor any weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    import numpy as np


class SentenceEncoder(Protocol):
    """Texts into unit vectors; paragraphs near in meaning lie near."""

    model_id: str
    dim: int

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return float32 vectors of shape (len(texts), dim), each of length 1."""


class ImageTextEncoder(Protocol):
    """Images and texts into one space."""

    model_id: str
    dim: int

    def encode_images(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return float32 (len(images), dim) unit vectors of RGB uint8 images (height, width, 3)."""

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Return float32 (len(texts), dim) unit vectors."""


class EmotionClassifier(Protocol):
    """Texts into probabilities of positive, neutral, negative."""

    model_id: str
    vector_model_id: str | None  # the sentence encoder whose vectors it takes; None: it reads texts

    def classify(self, texts: Sequence[str], vectors: np.ndarray | None = None) -> np.ndarray:
        """Return float32 (len(texts), 3) probabilities.

        Parameters
        ----------
        texts : sequence of str
        vectors : numpy.ndarray or None
            Float32 (len(texts), dim): the texts' vectors by the encoder `vector_model_id`, if they are known.
        """


class Models:
    """The models of one set, each loaded when first asked for. Can be pickled before that.

    Parameters
    ----------
    model_set : str
        full or embedded.
    """

    def __init__(self, model_set: str) -> None:
        self.model_set = model_set
        self._loaded: dict[str, object] = {}

    def __getstate__(self) -> dict[str, object]:
        return {"model_set": self.model_set, "_loaded": {}}

    def model_id(self, task: str) -> str:
        """Name and revision of the set's model for `task`, told without loading it."""
        from bookscore.engine.models.catalogue import entry

        return entry(task, self.model_set).model_id

    def _load(self, task: str) -> object:
        from bookscore.engine.models.catalogue import entry

        if task not in self._loaded:
            self._loaded[task] = entry(task, self.model_set).load()
        return self._loaded[task]

    @property
    def sentence(self) -> SentenceEncoder:
        return cast("SentenceEncoder", self._load("sentence"))

    @property
    def image_text(self) -> ImageTextEncoder:
        return cast("ImageTextEncoder", self._load("image_text"))

    @property
    def emotion(self) -> EmotionClassifier:
        return cast("EmotionClassifier", self._load("emotion"))
