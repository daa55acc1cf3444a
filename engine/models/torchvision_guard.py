"""Makes a torchvision built for CUDA importable beside a CPU-only torch.

open_clip pulls in torchvision, and the one on PyPI for Linux links CUDA: beside a CPU-only torch its
operators do not load, ``import torchvision`` fails, and open_clip and transformers fail with it.
"""

from __future__ import annotations

import importlib.util
import sys
import warnings
from functools import cache
from typing import Any

_NMS_SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_UNLOADED_OPERATOR = "operator torchvision::nms does not exist"


@cache
def guard_torchvision() -> Any:
    """Import torchvision; where its operators cannot load, declare them first (METHOD §9).

    Does nothing more where torchvision is healthy or absent. After the repair its transforms work;
    the declared operators have no kernels, and nobody here calls them.

    Returns
    -------
    torch.library.Library or None
        The declarations, which live as long as this object (the cache keeps it); None: not needed.
    """
    if importlib.util.find_spec("torchvision") is None:
        return None
    with warnings.catch_warnings():  # its image codecs fail to load for the same reason; unused here
        warnings.simplefilter("ignore", UserWarning)
        try:
            import torchvision
        except RuntimeError as error:
            if _UNLOADED_OPERATOR not in str(error):
                raise
        else:
            return None
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
        from torch.library import Library

        declarations = Library("torchvision", "FRAGMENT")
        for operator in ("nms", "qnms"):
            declarations.define(operator + _NMS_SIGNATURE)
        import torchvision  # noqa: F401
    return declarations
