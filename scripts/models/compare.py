"""What storing weights as float16 changes in the networks' answers to photographs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnx
import openvino

from .half import store_half
from .vehicles import ANCHORS

_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
_TEXT_SHAPE = (480, 640)
_LINE_SHAPE = (48, 320)
_SURE = 0.3

Numbers = npt.NDArray[np.float32]


def compare(networks: Mapping[str, onnx.ModelProto], folders: Sequence[Path]) -> int:
    """Print how far the answers differ, in both forms computed with float32; return the exit status.

    The recogniser gets the middle of each photograph: the same for both, but few of them are lines of text.

    Args:
        networks: by file name, with weights of 32 bits.
        folders: of photographs.
    """
    paths = sorted(path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)
    if not paths:
        print("There are no photographs", file=sys.stderr)
        return 1
    print(f"{len(paths)} photographs")
    for name, model in networks.items():
        before = _compiled(model)
        half = onnx.ModelProto()
        half.CopyFrom(model)
        store_half(half, but=frozenset(ANCHORS))
        after = _compiled(half)
        largest, total, turned, numbers = 0.0, 0.0, 0, 0
        for image in _inputs(name, paths):
            for first, second in zip(before(image).values(), after(image).values(), strict=True):
                difference = np.abs(first - second)
                largest = max(largest, float(difference.max()))
                total += float(difference.sum())
                turned += _turned(name, first, second)
                numbers += difference.size
        print(f"{name}: mean {total / numbers:.2g}, largest {largest:.2g}; {_COUNTED[name]}: {turned}")
    return 0


_COUNTED = {
    "detector.onnx": "pixels on the other side of 0.3",
    "recogniser.onnx": "steps with another best class",
    "vehicles.onnx": "scores on the other side of 0.3",
}


def _turned(name: str, first: Numbers, second: Numbers) -> int:
    """Return how often an answer means something else."""
    if name == "recogniser.onnx":
        return int((first.argmax(-1) != second.argmax(-1)).sum())
    if first.shape[-1] == 4:
        return 0
    return int(((first > _SURE) != (second > _SURE)).sum())


def _inputs(name: str, paths: Sequence[Path]) -> Iterator[Numbers]:
    for path in paths:
        image = cv2.imread(str(path))
        if image is None:
            continue
        if name == "vehicles.onnx":
            yield np.asarray(cv2.resize(image, (300, 300))[None, :, :, ::-1], np.float32)
            continue
        height, width = _TEXT_SHAPE if name == "detector.onnx" else _LINE_SHAPE
        if name == "recogniser.onnx":
            top, left = image.shape[0] // 3, image.shape[1] // 4
            image = image[top : 2 * top, left : 3 * left]
        small = np.asarray(cv2.resize(image, (width, height)), np.float32)
        yield np.ascontiguousarray(small.transpose(2, 0, 1)[None] / 127.5 - 1)


def _compiled(model: onnx.ModelProto) -> openvino.CompiledModel:
    core = openvino.Core()
    settings = {"INFERENCE_PRECISION_HINT": "f32"}
    return core.compile_model(core.read_model(model.SerializeToString(), b""), "CPU", settings)
