"""Stores the weights of a network as 16 bit numbers, which halves its file."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import numpy_helper

_SMALLEST = 256
"""Numbers in a tensor that is worth its conversion."""


def store_half(model: onnx.ModelProto, *, but: frozenset[str] = frozenset()) -> None:
    """Store large constants as float16. They are cast to float32 before use, so the network computes as before.

    Args:
        model: is changed.
        but: names of constants that stay as they are.

    Raises:
        ValueError: a constant has numbers that float16 does not have.
    """
    graph = model.graph
    casts = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _SMALLEST or tensor.name in but:
            continue
        if np.abs(values).max() > np.finfo(np.float16).max:
            raise ValueError(f"The constant {tensor.name} does not fit into 16 bits")
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(onnx.helper.make_node("Cast", [tensor.name], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
