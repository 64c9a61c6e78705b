"""Reads a TensorFlow.js graph model: operations by name, and constants as arrays."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_TYPES = {"float32": np.float32, "int32": np.int32, "bool": np.bool_}


@dataclass(frozen=True)
class Operation:
    """One operation of the graph.

    Attributes:
        name: which others refer to.
        kind: TensorFlow's name of what it does.
        inputs: the names of the operations whose results it takes.
        attributes: its settings, in the form of the file.
    """

    name: str
    kind: str
    inputs: tuple[str, ...]
    attributes: Mapping[str, Any]

    def integers(self, name: str) -> list[int]:
        """Return a setting that is a list of integers."""
        return [int(value) for value in self.attributes[name]["list"]["i"]]

    def text(self, name: str) -> str:
        """Return a setting that is text, which the file has as numbers of bytes."""
        return bytes(self.attributes[name]["s"]).decode()

    def real(self, name: str) -> float:
        """Return a setting that is a real number."""
        return float(self.attributes[name]["f"])


def read(files: Mapping[str, bytes]) -> tuple[dict[str, Operation], dict[str, Array]]:
    """Return the operations and the constants of a model, by name.

    Args:
        files: "model.json" and those that it names.

    Raises:
        ValueError: constants are stored in a form that is not read here.
    """
    model = json.loads(files["model.json"])
    operations = {
        node["name"]: Operation(node["name"], node["op"], tuple(node.get("input", ())), node.get("attr", {}))
        for node in model["modelTopology"]["node"]
    }
    constants: dict[str, Array] = {}
    for group in model["weightsManifest"]:
        data = b"".join(files[path] for path in group["paths"])
        place = 0
        for weight in group["weights"]:
            # The format also has weights of fewer bits, which this model has not.
            if "quantization" in weight:
                raise ValueError(f"The constant {weight['name']} is quantized")
            kind = np.dtype(_TYPES[weight["dtype"]])
            size = int(np.prod(weight["shape"]))
            constants[weight["name"]] = np.frombuffer(data, kind, size, place).reshape(weight["shape"])
            place += size * kind.itemsize
    return operations, constants
