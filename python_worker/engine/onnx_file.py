"""Reads a model's metadata, and cuts a recognition model down to the characters that are wanted.

The text recogniser knows 18,708 characters, a plate uses a hundred: its last layer, nearly half of the file, computes
and normalises probabilities that nobody reads. Cut down, it also loads in half the time. The model is edited in its
serialised form (protobuf); this needs only the fields below, and the `onnx` package would be larger than everything
else here together. Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

_MODEL_GRAPH, _MODEL_METADATA = 7, 14
_ENTRY_KEY, _ENTRY_VALUE = 1, 2
_GRAPH_INITIALIZER, _GRAPH_OUTPUT, _GRAPH_VALUE_INFO = 5, 12, 13
_TENSOR_DIMS, _TENSOR_RAW_DATA = 1, 9
_VALUE_NAME, _VALUE_TYPE = 1, 2
_TYPE_TENSOR, _ELEMENT_TYPE, _FLOAT = 1, 1, 1
_VARINT, _I64, _BYTES, _I32 = 0, 1, 2, 5


def metadata(model: bytes) -> dict[str, str]:
    """Return the properties that were stored with a serialised ONNX model."""
    properties = {}
    for number, _, value in _fields(memoryview(model)):
        if number == _MODEL_METADATA:
            entry = {field: str(text, "utf-8") for field, _, text in _fields(value)}
            properties[entry[_ENTRY_KEY]] = entry.get(_ENTRY_VALUE, "")
    return properties


def keep_classes(model: bytes, classes: int, keep: Sequence[int]) -> bytes:
    """Return the model with only some of the classes of its last layer.

    Args:
        model: a serialised ONNX model whose last layer's weights (inputs x classes) and bias are float32 initialisers
            with raw data.
        classes: the number of classes of the model; no other initialiser may have this size.
        keep: indices of the classes to keep, in their new order.
    """
    edited = bytearray()
    for number, kind, value in _fields(memoryview(model)):
        if number == _MODEL_GRAPH and kind == _BYTES:
            _append(edited, number, _keep_in_graph(value, classes, keep))
        else:
            _append(edited, number, value, kind)
    return bytes(edited)


def _keep_in_graph(graph: memoryview, classes: int, keep: Sequence[int]) -> bytearray:
    edited = bytearray()
    for number, kind, value in _fields(graph):
        if number == _GRAPH_INITIALIZER:
            _append(edited, number, _keep_in_tensor(value, classes, keep))
        elif number == _GRAPH_OUTPUT:
            _append(edited, number, _without_shape(value))
        elif number != _GRAPH_VALUE_INFO:  # Hints about shapes, now wrong.
            _append(edited, number, value, kind)
    return edited


def _keep_in_tensor(tensor: memoryview, classes: int, keep: Sequence[int]) -> bytes | bytearray | memoryview:
    fields = list(_fields(tensor))
    shape = [_varint(value, 0)[0] for number, _, value in fields if number == _TENSOR_DIMS]
    if not shape or shape[-1] != classes:
        return tensor
    edited = bytearray()
    for size in (*shape[:-1], len(keep)):
        _append(edited, _TENSOR_DIMS, _to_varint(size), _VARINT)
    for number, kind, value in fields:
        if number == _TENSOR_RAW_DATA:
            weights = np.frombuffer(value, np.dtype("<f4")).reshape(shape)[..., list(keep)]
            _append(edited, number, weights.tobytes())
        elif number != _TENSOR_DIMS:
            _append(edited, number, value, kind)
    return edited


def _without_shape(output: memoryview) -> bytearray:
    """Return the graph's output (name and type) as a float tensor of any shape."""
    element, tensor, edited = bytearray(), bytearray(), bytearray()
    _append(element, _ELEMENT_TYPE, _to_varint(_FLOAT), _VARINT)
    _append(tensor, _TYPE_TENSOR, element)
    for number, kind, value in _fields(output):
        if number == _VALUE_NAME:
            _append(edited, number, value, kind)
    _append(edited, _VALUE_TYPE, tensor)
    return edited


def _fields(message: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Yield number, wire type and encoded value (without a length prefix) of each field."""
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            end = _varint(message, position)[1]
        elif kind == _BYTES:
            length, position = _varint(message, position)
            end = position + length
        elif kind in (_I32, _I64):
            end = position + (4 if kind == _I32 else 8)
        else:
            raise ValueError(f"not an ONNX model: wire type {kind} at byte {position}")
        yield number, kind, message[position:end]
        position = end


def _append(message: bytearray, number: int, value: bytes | bytearray | memoryview, kind: int = _BYTES) -> None:
    message += _to_varint(number << 3 | kind)
    if kind == _BYTES:
        message += _to_varint(len(value))
    message += value


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    """Return the number that starts at the position, and the position behind it."""
    value = shift = 0
    while True:
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7


def _to_varint(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
