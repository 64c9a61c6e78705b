"""Converts the convolutions of a TensorFlow graph to ONNX, with the arithmetic on their outputs taken into them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx

from .tensorflow import Array, Operation

_SIX = "six"
_ZERO = "zero"


@dataclass
class _Layer:
    """A convolution: its weights (out, in, height, width) and its bias, (out,)."""

    weights: Array
    bias: Array


class Convolutions:
    """The ONNX form of a part of the graph. Pictures are (1, channels, height, width) in it, channels last before."""

    def __init__(
        self, operations: Mapping[str, Operation], constants: Mapping[str, Array], given: Mapping[str, str]
    ) -> None:
        """Prepare the conversion.

        Args:
            operations: of the whole graph.
            constants: of the whole graph.
            given: operations whose results are there, and what they are called in ONNX.
        """
        self._operations = operations
        self._constants = constants
        self._names = dict(given)
        self._users = Counter(name for operation in operations.values() for name in operation.inputs)
        self._nodes: list[onnx.NodeProto] = []
        self._layers: dict[str, _Layer] = {}
        self._added: dict[str, Array] = {_ZERO: np.array(0, np.float32), _SIX: np.array(6, np.float32)}

    def nodes(self) -> list[onnx.NodeProto]:
        """Return the operations, each behind those that it needs."""
        return self._nodes

    def constants(self) -> dict[str, Array]:
        """Return the constants of the operations."""
        layers = {}
        for name, layer in self._layers.items():
            layers[f"{name}.weights"] = layer.weights.astype(np.float32)
            layers[f"{name}.bias"] = layer.bias.astype(np.float32)
        return {**layers, **self._added}

    def emit(self, name: str) -> str:
        """Convert an operation and those that it needs; return the name of its result in ONNX.

        Raises:
            NotImplementedError: nothing is known about an operation.
        """
        if name not in self._names:
            self._names[name] = self._convert(self._operations[name])
        return self._names[name]

    def _convert(self, operation: Operation) -> str:
        kind, inputs = operation.kind, operation.inputs
        if kind in ("Conv2D", "DepthwiseConv2dNative"):
            return self._convolution(operation)
        if kind == "Relu6":
            return self._node("Clip", [self.emit(inputs[0]), _ZERO, _SIX], operation.name)
        if kind == "FusedBatchNorm":
            scale, offset, mean, variance = (self._constants[name].astype(np.float64) for name in inputs[1:])
            factor = scale / np.sqrt(variance + operation.real("epsilon"))
            return self._linear(operation.name, inputs[0], factor, offset - mean * factor)
        if kind in ("Add", "AddN", "BiasAdd", "Mul", "Sub") and len(inputs) == 2:
            return self._arithmetic(operation)
        raise NotImplementedError(f"{kind} ({operation.name})")

    def _convolution(self, operation: Operation) -> str:
        if operation.text("padding") != "SAME" or operation.text("data_format") != "NHWC":
            raise NotImplementedError(f"Settings of {operation.name}")
        weights = self._constants[operation.inputs[1]].astype(np.float64)
        # (height, width, in, out); each channel by itself: (height, width, channels, 1).
        groups = weights.shape[2] if operation.kind == "DepthwiseConv2dNative" else 1
        weights = weights.transpose((2, 3, 0, 1) if groups > 1 else (3, 2, 0, 1))
        name = operation.name
        self._node(
            "Conv",
            [self.emit(operation.inputs[0]), f"{name}.weights", f"{name}.bias"],
            name,
            kernel_shape=list(weights.shape[2:]),
            strides=operation.integers("strides")[1:3],
            dilations=operation.integers("dilations")[1:3],
            group=groups,
            auto_pad="SAME_UPPER",
        )
        self._layers[name] = _Layer(weights, np.zeros(weights.shape[0]))
        return name

    def _arithmetic(self, operation: Operation) -> str:
        constant = [name for name in operation.inputs if name in self._constants]
        if not constant:
            if operation.kind not in ("Add", "AddN"):
                raise NotImplementedError(f"{operation.kind} of two results ({operation.name})")
            return self._node("Add", [self.emit(name) for name in operation.inputs], operation.name)
        (other,) = (name for name in operation.inputs if name not in self._constants)
        values = self._constants[constant[0]].astype(np.float64)
        if operation.kind == "Mul":
            return self._linear(operation.name, other, values, np.zeros(1))
        if operation.kind == "Sub":
            if operation.inputs[0] != other:
                raise NotImplementedError(f"Subtraction from a constant ({operation.name})")
            values = -values
        return self._linear(operation.name, other, np.ones(1), values)

    def _linear(self, name: str, source: str, factor: Array, offset: Array) -> str:
        """Multiply and add for each channel: in the convolution that the source is, where nothing else uses that."""
        result = self.emit(source)
        layer = self._layers.get(result)
        if layer is not None and self._users[source] == 1:
            layer.weights = layer.weights * factor.reshape(-1, 1, 1, 1)
            layer.bias = layer.bias * factor + offset
            return result
        if np.any(factor != 1):
            result = self._node("Mul", [result, self._channels(f"{name}.factor", factor)], f"{name}.multiplied")
        if np.any(offset != 0):
            result = self._node("Add", [result, self._channels(f"{name}.offset", offset)], f"{name}.added")
        return result

    def _channels(self, name: str, values: Array) -> str:
        self._added[name] = values.reshape(-1, 1, 1).astype(np.float32)
        return name

    def _node(self, kind: str, inputs: list[str], output: str, **attributes: int | str | list[int]) -> str:
        self._nodes.append(onnx.helper.make_node(kind, inputs, [output], **attributes))
        return output
