"""Where models run: the machine's accelerator, if it has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def best_device() -> tuple[torch.device, torch.dtype]:
    """Return the device for models and the precision of their weights on it.

    Half precision where the hardware computes in it (CUDA, Metal, processors with bfloat16: about twice
    the speed; cosines change in the third decimal), else single.
    """
    import torch

    if torch.cuda.is_available():
        return torch.device("cuda"), torch.float16
    if torch.backends.mps.is_available():
        return torch.device("mps"), torch.float16
    can: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()  # since torch 2.11
    native = can.get("avx512_bf16") or can.get("amx_bf16")
    return torch.device("cpu"), torch.bfloat16 if native else torch.float32


def described() -> str:
    """The device in words, for the user."""
    import torch

    device, precision = best_device()
    name = {"cuda": torch.cuda.get_device_name, "mps": lambda: "Metal", "cpu": lambda: "the processor"}
    return f"{name[device.type]()} ({str(precision).removeprefix('torch.')})"
