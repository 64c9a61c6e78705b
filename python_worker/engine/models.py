"""The engine's three networks, which `npm run models` makes from public packages, and the characters of plates.

`weights/NOTICE` says whose they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..plate_text import ALPHABET as ALPHABET
from ..plate_text import in_alphabet as in_alphabet
from .runtime import Network

_WEIGHTS = Path(__file__).parent / "weights"

_SMALL_SHAPES = frozenset("abdefghnqrt")
"""Small letters whose shapes no character of a plate has: words, or signs of a script that the recogniser does not
know (Thai, Arabic, Hangul)."""

_SMALL_SHAPE = 0.5
"""How often such a letter is a plate's capital all the same, badly seen."""


class ModelError(RuntimeError):
    """The models cannot be loaded; the message says what to do."""


@dataclass(frozen=True)
class Recogniser:
    """The text recogniser, cut down to the characters of plates.

    Attributes:
        network: from (1, 48, width, 3) to probabilities (1, width / 8, classes).
        fold: (classes, 1 + len(ALPHABET)), the rows' sums are 1: which class counts as which character of a plate. What
            counts as none of them counts as the blank: a province's sign or a seal may stand between characters, and
            is left out.
    """

    network: Network
    fold: npt.NDArray[np.float32]


def load_detector(threads: int, streams: int) -> Network:
    """Return the text detector: (n, height, width, 3), multiples of 32, to probabilities (n, 1, height, width).

    Raises:
        ModelError: the model is missing, or no model.
    """
    return _network("detector.onnx", threads, streams, mean=127.5, scale=127.5)


def load_vehicles(threads: int, streams: int) -> Network:
    """Return the network that finds vehicles; see `vehicles` for its input and outputs.

    Raises:
        ModelError: the model is missing, or no model.
    """
    return _network("vehicles.onnx", threads, streams)


def load_recogniser(threads: int) -> Recogniser:
    """Return the text recogniser for plates. Lines are read side by side, each with one thread.

    Raises:
        ModelError: the model is missing, or no model.
    """
    network = _network("recogniser.onnx", threads, threads, mean=127.5, scale=127.5)
    return Recogniser(network, load_fold())


def load_fold() -> npt.NDArray[np.float32]:
    """Return what `Recogniser.fold` is."""
    fold = np.zeros((len(characters()), 1 + len(ALPHABET)), np.float32)
    for row, character in enumerate(characters()):
        on_plate = in_alphabet(character)
        share = 0.0 if on_plate is None else _SMALL_SHAPE if character in _SMALL_SHAPES else 1.0
        fold[row, 0] = 1 - share
        if on_plate is not None:
            fold[row, 1 + ALPHABET.index(on_plate)] = share
    return fold


@cache
def characters() -> tuple[str, ...]:
    """Return the character of each class of the recogniser; the first, the blank of CTC, is empty."""
    return tuple((_WEIGHTS / "characters.txt").read_text("utf-8").split("\n")[:-1])


def _network(name: str, threads: int, streams: int, mean: float = 0.0, scale: float = 1.0) -> Network:
    path = _WEIGHTS / name
    try:
        return Network(path, threads=threads, streams=streams, mean=mean, scale=scale)
    except OSError as error:
        raise ModelError(f"The model {path} cannot be read ({error}). Install the package again") from error
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise ModelError(
            f"The model {path} cannot be made ready ({reason}). If its file is damaged, install the package again; if "
            "the system forbids to make machine code (systemd's MemoryDenyWriteExecute), allow it"
        ) from error
