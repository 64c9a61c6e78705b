"""Plain RapidOCR, the pipeline that comes with the models, for comparison."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from .timing import timed

Peer: TypeAlias = Callable[[bytes], list[str]]
"""From an encoded picture to the texts in it, upper case, without separators."""

_SPINS = 0.1
"""Seconds after its answer in which ONNX Runtime's idle threads still spin, and would cost the next one 15 to 20 ms."""


def rapidocr_peers() -> dict[str, Peer]:
    """Return RapidOCR with its own settings, on each of the runtimes that it can use here."""
    from rapidocr import EngineType, RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    # In this sequence, see _SPINS.
    engines = {"rapidocr_openvino": EngineType.OPENVINO, "rapidocr": EngineType.ONNXRUNTIME}
    peers: dict[str, Peer] = {}
    for name, engine in engines.items():
        pipeline = RapidOCR(params={f"{step}.engine_type": engine for step in ("Det", "Cls", "Rec")})
        peers[name] = partial(_texts, pipeline)
    return peers


def ask(peers: Mapping[str, Peer], data: bytes) -> tuple[dict[str, list[str]], dict[str, float]]:
    """Return what each peer reads, and the milliseconds that it takes."""
    texts, times = {}, {}
    for name, peer in peers.items():
        texts[name], times[name] = timed(partial(peer, data))
    if peers:
        time.sleep(_SPINS)
    return texts, times


def warm_up(peers: Mapping[str, Peer], pictures: Sequence[bytes]) -> None:
    """Read some pictures in advance: the first one loads the models."""
    for data in pictures:
        ask(peers, data)


def _texts(pipeline: Callable[[bytes], object], data: bytes) -> list[str]:
    texts = getattr(pipeline(data), "txts", None) or ()
    return ["".join(c for c in text.upper() if c.isalnum()) for text in texts]
