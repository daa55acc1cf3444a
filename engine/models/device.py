"""Where models run: the machine's accelerator, if it has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def best_device() -> tuple[torch.device, torch.dtype]:
    """Return the device for models and the precision of their weights on it.

    Half precision on CUDA (twice the speed; cosines change in the third decimal), else single.
    """
    import torch

    if torch.cuda.is_available():
        return torch.device("cuda"), torch.float16
    if torch.backends.mps.is_available():
        return torch.device("mps"), torch.float32
    return torch.device("cpu"), torch.float32
