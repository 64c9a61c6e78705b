"""How many pictures of a camera the engine reads in a second."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from python_worker.engine import PlateReader
from python_worker.engine.decode import Picture, decode

from .photographs import photographs
from .record import usable_cores
from .street import is_street, street_photographs

SIZE = (1280, 720)
"""Width and height of the pictures, in pixels."""

_CORES = 2
_MOST = 40
_ROUNDS = 3
_QUALITY = 90


def throughput(folders: Sequence[Path]) -> dict[str, float]:
    """Return pictures a second on two cores, with as many pictures at once as the engine asks for.

    The pictures are photographs of the folders, scaled to 1280 by 720 and cut where they have another shape, as JPEG:
    `with_plate` and `without_plate` are medians over rounds, `mixed` is what follows for as many of both.
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:_CORES])
    reader = PlateReader()
    sets = {name: found for name, found in _pictures(folders).items() if found}
    found = {"cores": float(usable_cores()), "at_once": float(reader.concurrency)}
    rates: dict[str, list[float]] = {name: [] for name in sets}
    with ThreadPoolExecutor(reader.concurrency) as pool:
        for pictures in sets.values():
            list(pool.map(reader.read, pictures))
        for _ in range(_ROUNDS):
            for name, pictures in sets.items():
                begun = time.perf_counter()
                list(pool.map(reader.read, pictures))
                rates[name].append(len(pictures) / (time.perf_counter() - begun))
    for name, rate in rates.items():
        found[f"{name}_pictures"] = float(len(sets[name]))
        found[name] = statistics.median(rate)
    if len(sets) > 1:
        found["mixed"] = statistics.harmonic_mean([found[name] for name in sets])
    return found


def _pictures(folders: Sequence[Path]) -> Mapping[str, list[bytes]]:
    """Return JPEG files of photographs, taken evenly from the folders."""
    files: dict[str, list[tuple[Path, tuple[float, float] | None]]] = {"with_plate": [], "without_plate": []}
    for folder in folders:
        if is_street(folder):
            for one in street_photographs(folder):
                files["with_plate" if one.certain else "without_plate"].append((one.path, None))
        else:
            for photograph in photographs(folder):
                left, top, right, bottom = photograph.box
                files["with_plate"].append((photograph.path, ((left + right) / 2, (top + bottom) / 2)))
    return {
        name: [_jpeg(*found) for found in every[:: max(1, len(every) // _MOST)][:_MOST]]
        for name, every in files.items()
    }


def _jpeg(path: Path, middle: tuple[float, float] | None) -> bytes:
    picture = _filled(decode(path.read_bytes()), middle)
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()


def _filled(picture: Picture, middle: tuple[float, float] | None) -> Picture:
    """Return the picture scaled so that it fills `SIZE`, and cut around the plate if its place is known."""
    height, width = picture.shape[:2]
    scale = max(SIZE[0] / width, SIZE[1] / height)
    size = (max(SIZE[0], round(width * scale)), max(SIZE[1], round(height * scale)))
    scaled = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR))
    x, y = (middle[0] * scale, middle[1] * scale) if middle else (size[0] / 2, size[1] / 2)
    left = int(np.clip(x - SIZE[0] / 2, 0, size[0] - SIZE[0]))
    top = int(np.clip(y - SIZE[1] / 2, 0, size[1] - SIZE[1]))
    return np.ascontiguousarray(scaled[top : top + SIZE[1], left : left + SIZE[0]], np.uint8)
