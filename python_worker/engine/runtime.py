"""Runs the engine's networks on the processor, by OpenVINO. Nothing else here knows which runtime it is."""

from __future__ import annotations

import logging
import sys
from collections import deque
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import openvino
from openvino.preprocess import PrePostProcessor

_log = logging.getLogger(__name__)

# OpenVINO makes its table of types at the first use. Two threads that use it first at the same time wait for each other
# for ever: one has the table's lock and needs the interpreter's, the other the other way round.
openvino.Type.u8.to_dtype()

Pixels: TypeAlias = "npt.NDArray[np.uint8]"
Floats: TypeAlias = "npt.NDArray[np.float32]"

_CACHE = Path(openvino.__file__).parent.parent / "openvino-cache"
"""Compiled networks, beside the package that compiled them: they are useless without it, and go when it goes. OpenVINO
itself checks that one is whole and fits the processor, and compiles again where it does not."""

_PREPARED = 500
"""For how many layers, each with one size of picture, a network keeps what it prepared: about ten sizes. A camera's
pictures are all of one size. With 5,000, which is OpenVINO's own choice, photographs of all sizes take 70 MB more."""

_NATIVE_BF16 = ("avx512_bf16", "amx_bf16", "avx_ne_convert")
"""Linux' names of the processor's instructions for 16 bit numbers (bfloat16) in half of the time. OpenVINO's own list
of abilities also names it where it would only be simulated."""


class Network:
    """A network that takes pictures of 8 bits; serves any number of threads.

    The inputs are (n, height, width, 3) uint8, in the order of colours that the network was trained with.
    """

    def __init__(self, path: Path, *, threads: int, streams: int = 1, mean: float = 0.0, scale: float = 1.0) -> None:
        """Compile a network, or load it as it was compiled before.

        Args:
            path: of an ONNX file.
            threads: of the processor, all streams together.
            streams: how many runs go on at once, each with its part of the threads; further ones wait.
            mean: what the network's own input is made by, `(pixel - mean) / scale`.
            scale: the same.

        Raises:
            OSError: the file cannot be read.
            RuntimeError: it is no network that can be run.
        """
        path.stat()
        core = openvino.Core()
        model = core.read_model(path)
        steps = PrePostProcessor(model)
        steps.input().tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
        steps.input().preprocess().convert_element_type(openvino.Type.f32).mean(mean).scale(scale)
        if model.input().partial_shape[1] == 3:
            steps.input().model().set_layout(openvino.Layout("NCHW"))
        self._compiled = _compiled(core, steps.build(), threads, streams)
        # Last in, first out: the memory that was used last is still near the processor.
        self._idle: deque[openvino.InferRequest] = deque()

    def run(self, pictures: Pixels) -> tuple[Floats, ...]:
        """Return the outputs for a batch of pictures."""
        try:
            request = self._idle.pop()
        except IndexError:
            request = self._compiled.create_infer_request()
        try:
            found = request.infer([pictures], share_inputs=True, share_outputs=False)
            return tuple(found.values())
        finally:
            self._idle.append(request)


def _compiled(core: openvino.Core, model: openvino.Model, threads: int, streams: int) -> openvino.CompiledModel:
    settings: dict[str, Any] = {
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": streams,
        "CPU_RUNTIME_CACHE_CAPACITY": _PREPARED,
        **({"INFERENCE_PRECISION_HINT": "bf16"} if _has_bf16() else {}),
    }
    try:
        return core.compile_model(model, "CPU", {**settings, "CACHE_DIR": str(_CACHE)})
    except RuntimeError as error:
        # The folder may belong to somebody else, or the disk may be full. Loading takes twice the time without it.
        _log.info("Compiled networks are not kept in %s: %s", _CACHE, error)
        return core.compile_model(model, "CPU", settings)


@cache
def _has_bf16() -> bool:
    if sys.platform != "linux":
        return False
    try:
        words = Path("/proc/cpuinfo").read_text("utf-8", "replace").split()
    except OSError:
        return False
    return not set(words).isdisjoint(_NATIVE_BF16)
