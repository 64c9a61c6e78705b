"""The two models of the `rapidocr` package, as ONNX Runtime sessions.

Only the package's files are used: importing it would take longer than everything else here, and its own pipeline throws
the characters' probabilities away. The models are © Baidu (PaddleOCR, PP-OCRv6), Apache-2.0.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
import openvino  # type: ignore[import-untyped,unused-ignore]

from .onnx_file import keep_classes, metadata

_DETECTOR = "PP-OCRv6_det_small.onnx"
_RECOGNISER = "PP-OCRv6_rec_small.onnx"
_VEHICLES = Path(__file__).with_name("weights") / "vehicles.onnx"

ALPHABET = string.digits + string.ascii_uppercase
"""The characters of a plate; class i + 1 of the recogniser's folded output is `ALPHABET[i]`, class 0 the blank."""

# Letters of other scripts and with accents, as the Snapshot API answers them. Most look the same.
_LATIN = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧÄÅÖÜØČŠŽĐÉÇ", "ABEZHIKMNOPTYXAAOUOCSZDEC", strict=True))

# They are in no plate's text, but they distinguish a date, a time or a web address from a plate.
_PUNCTUATION = " .,:;/-_·•'|()!?&@#%+*=\"°©®™"


class ModelError(RuntimeError):
    """The models cannot be loaded; the message says what to install."""


@dataclass(frozen=True)
class Recogniser:
    """The text recogniser, cut down to the characters of plates.

    Attributes:
        session: from float32 (n, 3, 48, width) to probabilities (n, width / 8, classes), with one thread, for several
            callers at once.
        quick_session: the same with several threads, for one caller.
        characters: the character of each class; "" is the blank of CTC.
        fold: (classes, 1 + len(ALPHABET)) of 0 and 1: which class counts as which character of a plate.
    """

    session: onnxruntime.InferenceSession
    quick_session: onnxruntime.InferenceSession
    characters: tuple[str, ...]
    fold: npt.NDArray[np.float32]


def load_detector(threads: int) -> onnxruntime.InferenceSession:
    """Return the text detector: float32 (1, 3, height, width), multiples of 32, to probabilities (1, 1, height, width).

    Raises:
        ModelError: the `rapidocr` package, or the model in it, is missing.
    """
    return _session(_read(_DETECTOR), threads)


def load_recogniser(threads: int) -> Recogniser:
    """Return the text recogniser for plates.

    Args:
        threads: of its quick session.

    Raises:
        ModelError: the `rapidocr` package, or the model in it, is missing.
    """
    model = _read(_RECOGNISER)
    # CTC's blank comes first and the space last, as in RapidOCR's decoder.
    known = ["", *metadata(model)["character"].split("\n"), " "]
    keep = [index for index, character in enumerate(known) if character in _PUNCTUATION or _on_plate(character)]
    cut = keep_classes(model, len(known), keep)
    characters = tuple(known[index] for index in keep)
    fold = np.zeros((len(keep), 1 + len(ALPHABET)), np.float32)
    for row, character in enumerate(characters):
        fold[row, 1 + ALPHABET.index(on_plate) if (on_plate := _on_plate(character)) else 0] = 1
    return Recogniser(_session(cut, 1), _session(cut, threads), characters, fold)


def load_vehicles(threads: int) -> Callable[[npt.NDArray[np.uint8]], tuple[npt.NDArray[np.float32], ...]]:
    """Return the vehicle detector: from what `vehicles.prepare` gives to the boxes and scores of `vehicles.vehicles`.

    Raises:
        ModelError: the model is missing.
    """
    if not _VEHICLES.is_file():
        raise ModelError(f"The model {_VEHICLES} is missing. Install this package again.")
    compiled = openvino.Core().compile_model(str(_VEHICLES), "CPU", {"INFERENCE_NUM_THREADS": threads})

    def run(picture: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.float32], ...]:
        return tuple(compiled.create_infer_request().infer([picture.astype(np.float32)], share_outputs=False).values())

    return run


def _on_plate(character: str) -> str | None:
    """Return the character of `ALPHABET` that a recognised one means, None if it means none."""
    upper = character.upper()
    upper = _LATIN.get(upper, upper)
    return upper if upper and upper in ALPHABET else None


def _read(name: str) -> bytes:
    package = find_spec("rapidocr")
    if package is None or not package.submodule_search_locations:
        raise ModelError("The package 'rapidocr', which holds the models, is not installed: pip install rapidocr")
    path = Path(package.submodule_search_locations[0], "models", name)
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"The model {name} is not in the installed package 'rapidocr' ({error}). "
            "Install a version that has it: pip install 'rapidocr>=3.10,<4'"
        ) from error


def _session(model: bytes, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that spin while they wait for work take the cores away from the other model. Without spinning, reading a
    # picture takes two thirds of the time.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Memory plans, one for each size of picture, take more memory than they save.
    options.enable_mem_pattern = False
    # Warnings about the model's own construction say nothing to a user.
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
