"""Images and texts in one space: CLIP, and a stand-in made from an ImageNet classifier."""

from __future__ import annotations

import os
import runpy
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image, ImageOps

from bookscore.engine.models.device import best_device
from bookscore.engine.models.onnx_graph import efficientnet_lite
from bookscore.engine.models.packages import package_folder
from bookscore.engine.models.torchvision_guard import guard_torchvision

if TYPE_CHECKING:
    from bookscore.engine.models import SentenceEncoder

CLIP_BATCH, ACCELERATOR_BATCH = 32, 256  # images or texts at once
TEMPERATURE = (
    2.0  # by which ConSE divides the classifier's logits: probabilities that are less sure of themselves
)


def _unit(vectors: torch.Tensor) -> np.ndarray:
    return torch.nn.functional.normalize(vectors.float(), dim=1).cpu().numpy()


def _in_batches(
    encode: Callable[[Sequence[Any]], np.ndarray], items: Sequence[Any], batch: int, dim: int
) -> np.ndarray:
    vectors = np.empty((len(items), dim), dtype=np.float32)
    for start in range(0, len(items), batch):
        vectors[start : start + batch] = encode(items[start : start + batch])
    return vectors


_PRECISIONS = {torch.float32: "fp32", torch.float16: "fp16", torch.bfloat16: "bf16"}


class OpenClip:
    """CLIP ViT-B/32 (Radford et al., ICML 2021) in open_clip's form.

    Parameters
    ----------
    weights : Path
        A safetensors file.
    model_id : str
        Name and revision, stored beside every vector.
    dim : int
        Length of the vectors.
    """

    def __init__(self, weights: Path, model_id: str, dim: int) -> None:
        guard_torchvision()
        import open_clip

        self.model_id = model_id
        self.dim = dim
        self._device, self._dtype = best_device()
        self._batch = CLIP_BATCH if self._device.type == "cpu" else ACCELERATOR_BATCH
        self._model, _, self._preprocess = open_clip.create_model_and_transforms(
            "ViT-B-32",
            pretrained=str(weights),
            precision=_PRECISIONS[self._dtype],
            device=self._device,
        )
        self._model.eval()
        self._tokenize = open_clip.get_tokenizer("ViT-B-32")

    def encode_images(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return float32 (len(images), dim) unit vectors of RGB uint8 images (height, width, 3).

        The model sees the middle square of an image.
        """
        return _in_batches(self._encode_images, images, self._batch, self.dim)

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Return float32 (len(texts), dim) unit vectors; what exceeds 77 tokens is cut off."""
        return _in_batches(self._encode_texts, texts, self._batch, self.dim)

    @torch.inference_mode()
    def _encode_images(self, images: Sequence[np.ndarray]) -> np.ndarray:
        pixels = torch.stack([self._preprocess(Image.fromarray(image)) for image in images])
        return _unit(self._model.encode_image(pixels.to(self._device, self._dtype)))

    @torch.inference_mode()
    def _encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        return _unit(self._model.encode_text(self._tokenize(list(texts)).to(self._device)))


class ConSE:
    """An image as the weighted mean of the sentence vectors of what an ImageNet classifier sees in it.

    Convex combination of semantic embeddings (Norouzi et al., ICLR 2014): the probabilities of the
    classes weight the vectors of their names, so that images land among sentences. It
    knows things, not actions or moods: much weaker than CLIP, but its weights come with packages.

    Three changes to the paper's recipe: the name stands in "a photo of a …", what all class vectors have in
    common is taken off, and all classes count, not 10, with probabilities at `TEMPERATURE`. `benchmarks/images.py`
    measures them.

    Each image is classified by itself on one core, and as many at once as there are cores, so that a vector does not
    depend on the images beside it.

    Parameters
    ----------
    weights : Path
        State dictionary of EfficientNet-Lite2 (EfficientNet, Tan & Le, ICML 2019, for small devices).
    model_id : str
        Name and revision, stored beside every vector.
    sentence : SentenceEncoder
        Encodes the class names and every text.
    """

    def __init__(self, weights: Path, model_id: str, sentence: SentenceEncoder) -> None:
        from efficientnet_lite_pytorch import EfficientNet

        self.model_id = model_id
        self.dim = sentence.dim
        self._sentence = sentence
        network = EfficientNet.from_name("efficientnet-lite2")
        network.load_state_dict(torch.load(weights, weights_only=True))
        self._side = network.input_image_size
        self._classifier = _one_core_session(efficientnet_lite(network))
        names = sentence.encode([f"a photo of a {name}" for name in _imagenet_class_names()])
        self._names = names - names.mean(axis=0)

    def encode_images(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return float32 (len(images), dim) unit vectors of RGB uint8 images (height, width, 3).

        The model sees the middle square of an image.
        """
        vectors = np.empty((len(images), self.dim), dtype=np.float32)
        with ThreadPoolExecutor(os.cpu_count()) as cores:
            for row, vector in zip(vectors, cores.map(self._encode_image, images), strict=True):
                row[:] = vector
        return vectors

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Return float32 (len(texts), dim) unit vectors."""
        return self._sentence.encode(texts)

    def _pixels(self, image: np.ndarray) -> np.ndarray:
        """What the classifier takes: the middle square, float32 (1, 3, side, side)."""
        square = ImageOps.fit(Image.fromarray(image), (self._side, self._side), Image.Resampling.BICUBIC)
        return (np.asarray(square, dtype=np.float32).transpose(2, 0, 1)[None] - 127) / 128

    def _encode_image(self, image: np.ndarray) -> np.ndarray:
        (logits,) = self._classifier.run(None, {"pixels": self._pixels(image)})
        odds = np.exp((logits[0] - logits.max()) / TEMPERATURE)
        vector = odds @ self._names
        return vector / np.linalg.norm(vector)


def _one_core_session(model: bytes) -> Any:
    """An ONNX model, ready to run, that keeps to the core that calls it."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _imagenet_class_names() -> list[str]:
    """ImageNet's 1000 class names as open_clip words them; importing all of it would take seconds."""
    metadata = runpy.run_path(str(package_folder("open_clip") / "zero_shot_metadata.py"))
    return list(metadata["IMAGENET_CLASSNAMES"])
