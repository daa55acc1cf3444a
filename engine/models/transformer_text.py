"""Transformers that read texts: loading them, feeding them texts of any length, sentence vectors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bookscore.engine.models.device import best_device
from bookscore.engine.models.torchvision_guard import guard_torchvision

BATCH = 32  # windows at once


def load_pretrained(auto_class: str, folder: Path) -> tuple[Any, Any]:
    """Load a transformers model and its tokenizer from a folder, in silence and without the hub.

    Parameters
    ----------
    auto_class : str
        ``AutoModel`` or another auto class of transformers.
    folder : Path
        Holds config.json, the weights and the tokenizer's files.

    Returns
    -------
    tuple
        The model, on the machine's best device, and the tokenizer.
    """
    guard_torchvision()
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    device, dtype = best_device()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = getattr(transformers, auto_class).from_pretrained(folder, local_files_only=True, dtype=dtype)
    return model.to(device).eval(), tokenizer


def windows(
    texts: Sequence[str], tokenizer: Any, max_tokens: int, device: torch.device
) -> Iterator[tuple[np.ndarray, Any]]:
    """Cut texts into windows of at most `max_tokens` and yield them in batches, longest first.

    Parameters
    ----------
    texts : sequence of str
    tokenizer : transformers.PreTrainedTokenizerBase
    max_tokens : int
        Special tokens included.
    device : torch.device
        Where the batches are put.

    Yields
    ------
    numpy.ndarray
        Shape (windows in the batch,): which text each window belongs to.
    transformers.BatchEncoding
        ``input_ids`` and ``attention_mask``, each of shape (windows in the batch, tokens).
    """
    cut = tokenizer(list(texts), truncation=True, max_length=max_tokens, return_overflowing_tokens=True)
    ids, text_no = cut["input_ids"], np.asarray(cut["overflow_to_sample_mapping"])
    by_length = np.argsort([-len(window) for window in ids], kind="stable")  # little padding in a batch
    for start in range(0, len(ids), BATCH):
        rows = by_length[start : start + BATCH]
        batch = tokenizer.pad({"input_ids": [ids[row] for row in rows]}, return_tensors="pt")
        yield text_no[rows], batch.to(device)


class TransformerText:
    """A sentence encoder in the layout of sentence-transformers: transformer, mean pooling, unit length.

    A text longer than the model's window is read window by window and its vector is the mean over
    all its tokens, so that the end of a long paragraph counts as much as its beginning.

    Parameters
    ----------
    folder : Path
        config.json, weights, tokenizer and sentence_bert_config.json (which names the window's size).
    model_id : str
        Name and revision, stored beside every vector.
    dim : int
        Length of the vectors.
    """

    def __init__(self, folder: Path, model_id: str, dim: int) -> None:
        self.model_id = model_id
        self.dim = dim
        self._model, self._tokenizer = load_pretrained("AutoModel", folder)
        self._max_tokens = json.loads((folder / "sentence_bert_config.json").read_text())["max_seq_length"]

    @torch.inference_mode()
    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return float32 vectors of shape (len(texts), dim), each of length 1.

        Mean pooling over the tokens, as the models were trained (Reimers & Gurevych, EMNLP 2019).
        """
        sums = np.zeros((len(texts), self.dim))
        if texts:
            for text_no, batch in windows(texts, self._tokenizer, self._max_tokens, self._model.device):
                tokens = self._model(**batch).last_hidden_state.float()
                of_window = (tokens * batch["attention_mask"].unsqueeze(-1)).sum(dim=1)
                np.add.at(sums, text_no, of_window.cpu().numpy())
        return (sums / np.linalg.norm(sums, axis=1, keepdims=True)).astype(np.float32)
