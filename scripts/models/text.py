"""The networks that find and read text, from RapidOCR's package."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import numpy_helper

from .characters import OTHER, kept, pooled

_ORIGIN = "PP-OCRv6 small, (c) PaddlePaddle Authors, Apache-2.0, as in rapidocr 3.10.0; modified: see NOTICE"


def detector(original: bytes) -> onnx.ModelProto:
    """Return the text detector, unchanged but for its description."""
    model = onnx.load_from_string(original)
    model.doc_string = _ORIGIN
    return model


def recogniser(original: bytes) -> tuple[onnx.ModelProto, list[str]]:
    """Return the text recogniser that knows the characters of plates alone, and the character of each class.

    Nearly half of the original computes and normalises probabilities of characters that nobody reads.
    """
    model = onnx.load_from_string(original)
    properties = {entry.key: entry.value for entry in model.metadata_props}
    # CTC's blank comes first and the space last, as in RapidOCR's decoder.
    known = ["", *properties["character"].split("\n"), " "]
    keep, pool = kept(known), pooled(known)
    _cut(model, len(known), [*keep[:-1], *pool, keep[-1]])
    _pool(model, len(keep) - 1, len(pool))
    del model.metadata_props[:]
    model.doc_string = _ORIGIN
    return model, [*(known[place] for place in keep[:-1]), OTHER, known[keep[-1]]]


def _cut(model: onnx.ModelProto, classes: int, keep: Sequence[int]) -> None:
    """Keep some of the classes of the last layer, whose weights and bias alone have the number of classes as a size."""
    last = [tensor for tensor in model.graph.initializer if classes in tensor.dims]
    if len(last) != 2:
        raise ValueError(f"{len(last)} constants have {classes} columns; the weights and the bias of one layer should")
    for tensor in last:
        values = numpy_helper.to_array(tensor)
        tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(values[..., keep]), tensor.name))
    # They are what was worked out for the size before; whoever loads the network works them out again.
    del model.graph.value_info[:]


def _pool(model: onnx.ModelProto, before: int, count: int) -> None:
    """Add the probabilities of `count` classes, between `before` others and a last one, to that of one class."""
    (output,) = model.graph.output
    (last,) = (node for node in model.graph.node if output.name in node.output)
    last.output[0] = "probabilities"
    make = onnx.helper.make_node
    model.graph.node.extend(
        [
            make("Split", ["probabilities"], ["kept", "pooled", "space"], axis=2, split=[before, count, 1]),
            make("ReduceSum", ["pooled"], ["other"], axes=[2], keepdims=1),
            make("Concat", ["kept", "other", "space"], [output.name], axis=2),
        ]
    )
    output.type.tensor_type.shape.dim[2].dim_value = before + 2
