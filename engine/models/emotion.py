"""Emotion of texts: positive, neutral or negative, from the 28 labels of GoEmotions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bookscore.engine.errors import BookscoreError
from bookscore.engine.models.affect_words import affect

if TYPE_CHECKING:
    from bookscore.engine.models import SentenceEncoder

CLASSES = ("positive", "neutral", "negative")
CLASS_OF_LABEL = {
    label: class_
    for class_, labels in {
        "positive": "amusement excitement joy love desire optimism caring pride admiration gratitude "
        "relief approval",
        # the paper does not place the four ambiguous ones; they carry no valence
        "neutral": "neutral realization surprise curiosity confusion",
        "negative": "fear nervousness remorse embarrassment disappointment sadness grief disgust anger "
        "annoyance disapproval",
    }.items()
    for label in labels.split()
}
LABEL_THRESHOLD = 0.3  # the authors' (METHOD §2)
# Beside Reddit comments most of a novel reads as neutral. Of the weights 0.2 to 1, this one gave a plain
# GoEmotions classifier the best macro-F1 on the marked paragraphs it may be chosen on.
NEUTRAL_WEIGHT = 0.4


def class_matrix(labels: Sequence[str]) -> np.ndarray:
    """Which label belongs to which class: 0/1, float64, shape (len(labels), 3).

    Raises
    ------
    BookscoreError
        A label is not one of GoEmotions'.
    """
    if unknown := [label for label in labels if label not in CLASS_OF_LABEL]:
        raise BookscoreError(
            f"not a label of GoEmotions: {', '.join(unknown)}; download the emotion model again"
        )
    return np.array([[CLASS_OF_LABEL[label] == class_ for class_ in CLASSES] for label in labels], float)


class EmotionHead:
    """Two layers of softmax regression over sentence vectors, right for Reddit comments and for novels.

    The first tells GoEmotions' 28 labels. On novels it calls grief and dread neutral, for people there do
    not say "I am sad": so the second weighs its classes anew, beside the vectors and the words of feeling.
    Trained by ``benchmarks/train_emotion_head.py``; its figures are in emotion_head.json.

    Parameters
    ----------
    weights : Path
        emotion_head.npz: ``labels``; ``label_weights`` (labels, dim) and ``label_bias`` (labels,) of the
        first layer; ``class_weights`` (3, features) and ``class_bias`` (3,) of the second.
    model_id, vector_model_id : str
        Its own id and that of the sentence encoder whose vectors it takes.
    load_encoder : callable
        Returns that encoder; called when texts come without vectors.
    """

    def __init__(
        self, weights: Path, model_id: str, vector_model_id: str, load_encoder: Callable[[], SentenceEncoder]
    ) -> None:
        self.model_id = model_id
        self.vector_model_id: str | None = vector_model_id
        self._load_encoder = load_encoder
        with np.load(weights) as stored:
            self._label_weights, self._label_bias = stored["label_weights"], stored["label_bias"]
            self._class_weights, self._class_bias = stored["class_weights"], stored["class_bias"]
            self._classes = class_matrix(stored["labels"].tolist())

    def classify(self, texts: Sequence[str], vectors: np.ndarray | None = None) -> np.ndarray:
        """Return float32 (len(texts), 3) probabilities.

        Parameters
        ----------
        texts : sequence of str
        vectors : numpy.ndarray or None
            Float32 (len(texts), dim): the texts' vectors by the encoder `vector_model_id`; None: encode them here.

        Raises
        ------
        ValueError
            The vectors are not those of the texts or not of the encoder the head was trained on.
        """
        if vectors is None:
            vectors = self._load_encoder().encode(texts)
        if vectors.shape != (len(texts), self._label_weights.shape[1]):
            raise ValueError(
                f"vectors {vectors.shape}, expected {(len(texts), self._label_weights.shape[1])}"
            )
        found = features(texts, vectors, self.classify_comments(vectors))
        return softmax(found @ self._class_weights.T + self._class_bias).astype(np.float32)

    def classify_comments(self, vectors: np.ndarray) -> np.ndarray:
        """Return float64 (len(vectors), 3): the first layer's probabilities, its labels added up by class."""
        return softmax(vectors @ self._label_weights.T + self._label_bias) @ self._classes


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return each row as probabilities, float64."""
    odds = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def features(texts: Sequence[str], vectors: np.ndarray, comment_classes: np.ndarray) -> np.ndarray:
    """The input of the head's second layer.

    Parameters
    ----------
    texts : sequence of str
    vectors : numpy.ndarray
        Float32 (len(texts), dim): sentence vectors.
    comment_classes : numpy.ndarray
        Float64 (len(texts), 3): the first layer's probabilities.

    Returns
    -------
    numpy.ndarray
        Float64 (len(texts), dim + 3 + 5): the vectors, the logarithms of the probabilities, and `affect`.
    """
    return np.concatenate([vectors, np.log(comment_classes), affect(texts)], axis=1)


class RobertaEmotion:
    """RoBERTa fine-tuned on GoEmotions (Demszky et al., ACL 2020): 28 labels, each on or off.

    Parameters
    ----------
    folder : Path
        config.json (whose ``id2label`` names the labels), weights and tokenizer.
    model_id : str
        Name and revision.
    """

    vector_model_id: str | None = None

    def __init__(self, folder: Path, model_id: str) -> None:
        from bookscore.engine.models.transformer_text import load_pretrained

        self.model_id = model_id
        self._model, self._tokenizer = load_pretrained("AutoModelForSequenceClassification", folder)
        config = self._model.config
        self._classes = class_matrix([config.id2label[number] for number in range(len(config.id2label))])
        self._classes[:, CLASSES.index("neutral")] *= NEUTRAL_WEIGHT
        # RoBERTa counts positions from the one after the padding's
        self._max_tokens = config.max_position_embeddings - config.pad_token_id - 1

    def classify(self, texts: Sequence[str], vectors: np.ndarray | None = None) -> np.ndarray:
        """Return float32 (len(texts), 3) probabilities.

        A class weighs as much as its labels of at least ``LABEL_THRESHOLD`` together (where none
        reaches it, the likeliest label decides), neutral times ``NEUTRAL_WEIGHT``. A long text counts
        window by window, each by its number of tokens.

        Parameters
        ----------
        texts : sequence of str
        vectors : numpy.ndarray or None
            Not used.
        """
        import torch

        from bookscore.engine.models.transformer_text import windows

        labels = np.zeros((len(texts), len(self._classes)))
        tokens = np.zeros((len(texts), 1))
        if texts:
            for text_no, batch in windows(texts, self._tokenizer, self._max_tokens, self._model.device):
                with torch.inference_mode():
                    on = self._model(**batch).logits.float().sigmoid().cpu().numpy()
                length = batch["attention_mask"].sum(dim=1, keepdim=True).cpu().numpy()
                np.add.at(labels, text_no, on * length)
                np.add.at(tokens, text_no, length)
        labels /= tokens
        threshold = np.minimum(LABEL_THRESHOLD, labels.max(axis=1, keepdims=True))
        weight = np.where(labels >= threshold, labels, 0) @ self._classes
        return (weight / weight.sum(axis=1, keepdims=True)).astype(np.float32)
