"""EfficientNet-Lite as an ONNX model: the graph in the wire format of Protocol Buffers, written without the package onnx.

ONNX Runtime fuses convolution, normalization and activation and lays out channels in blocks, which torch's
eager mode does not. Field numbers are those of onnx.proto3 (ONNX IR version 8, operator set 17).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

_FLOAT, _INT, _INTS = 1, 2, 7  # TensorProto.FLOAT; AttributeProto.INT and INTS
IR_VERSION, OPERATOR_SET = 8, 17


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 127:
        encoded.append(number & 127 | 128)
        number >>= 7
    return bytes([*encoded, number])


def _field(number: int, value: int | str | bytes) -> bytes:
    """A field of a message: varint for an int, else length-delimited."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    value = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _repeated(number: int, values: Sequence[int | str | bytes]) -> bytes:
    return b"".join(_field(number, value) for value in values)


def _value(name: str, shape: Sequence[int | str]) -> bytes:
    """ValueInfoProto of a float tensor; a side that is named has any length."""
    sides = [_field(1, side) if isinstance(side, int) else _field(2, side) for side in shape]
    tensor = _field(1, _FLOAT) + _field(2, _repeated(1, sides))
    return _field(1, name) + _field(2, _field(1, tensor))


class _Graph:
    """Nodes and weights, in the order in which they are added."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._weights: list[bytes] = []

    def weight(self, values: Any) -> str:
        """Add a constant tensor; return its name."""
        array = np.asarray(values, dtype=np.float32)
        name = f"w{len(self._weights)}"
        raw = np.ascontiguousarray(array).tobytes()
        self._weights.append(_repeated(1, array.shape) + _field(2, _FLOAT) + _field(8, name) + _field(9, raw))
        return name

    def node(self, operator: str, *inputs: str, **attributes: int | Sequence[int]) -> str:
        """Add an operation; return the name of what it puts out."""
        name = f"t{len(self._nodes)}"
        described = [
            _field(1, key)
            + (_field(3, value) + _field(20, _INT) if isinstance(value, int) else _repeated(8, value) + _field(20, _INTS))
            for key, value in attributes.items()
        ]  # fmt: skip
        self._nodes.append(
            _repeated(1, inputs) + _field(2, name) + _field(4, operator) + _repeated(5, described)
        )
        return name

    def model(self, taken: bytes, given: bytes) -> bytes:
        """ModelProto with one input and one output."""
        graph = _repeated(1, self._nodes) + _field(2, "classifier") + _repeated(5, self._weights)
        graph += _field(11, taken) + _field(12, given)
        return _field(1, IR_VERSION) + _field(7, graph) + _field(8, _field(1, "") + _field(2, OPERATOR_SET))


def efficientnet_lite(network: Any) -> bytes:
    """The ONNX model of a network of the Lite family (Tan & Le, ICML 2019; without squeeze-and-excitation).

    Parameters
    ----------
    network : efficientnet_lite_pytorch.EfficientNet
        With its weights, on the CPU.

    Returns
    -------
    bytes
        Takes ``pixels``, float32 (n, 3, side, side), and gives logits, float32 (n, classes).
    """
    graph = _Graph()
    lowest, highest = graph.weight(0.0), graph.weight(6.0)  # of ReLU6

    def convolved(taken: str, convolution: Any, norm: Any, active: bool = True) -> str:
        left, right, top, bottom = _padding(convolution)
        scale = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
        kernel = convolution.weight.double() * scale.reshape(-1, 1, 1, 1)
        bias = norm.bias.double() - norm.running_mean.double() * scale
        made = graph.node(
            "Conv", taken, graph.weight(kernel.detach()), graph.weight(bias.detach()), group=convolution.groups,
            strides=convolution.stride, pads=(top, left, bottom, right),
        )  # fmt: skip
        return graph.node("Clip", made, lowest, highest) if active else made

    shown = convolved("pixels", network._conv_stem, network._bn0)
    for block in network._blocks:
        taken, how = shown, block._block_args
        if how.expand_ratio != 1:
            shown = convolved(shown, block._expand_conv, block._bn0)
        shown = convolved(shown, block._depthwise_conv, block._bn1)
        shown = convolved(shown, block._project_conv, block._bn2, active=False)
        if block.id_skip and how.stride == 1 and how.input_filters == how.output_filters:
            shown = graph.node("Add", shown, taken)
    shown = convolved(shown, network._conv_head, network._bn1)
    shown = graph.node("Flatten", graph.node("GlobalAveragePool", shown))
    last = network._fc
    classes = (graph.weight(last.weight.detach()), graph.weight(last.bias.detach()))
    logits = graph.node("Gemm", shown, *classes, transB=1)
    side = network.input_image_size
    return graph.model(_value("pixels", ("n", 3, side, side)), _value(logits, ("n", last.out_features)))


def _padding(convolution: Any) -> tuple[int, int, int, int]:
    """Zeros that it puts left, right, above and below; none where it has no padding of its own."""
    left, right, top, bottom = getattr(convolution.static_padding, "padding", (0, 0, 0, 0))
    return left, right, top, bottom
