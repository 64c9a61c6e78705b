"""Results in the Snapshot API's form."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from .choose import Plate
from .formats import Formats
from .region import region

_LEAST_SCORE = 0.001
"""Least score of a candidate that is worth reporting."""

_NO_BOX = {"xmin": 0, "ymin": 0, "xmax": 0, "ymax": 0}


@dataclass(frozen=True)
class ReadOptions:
    """The options of a reading, with the names and meanings of the Snapshot API.

    Attributes:
        regions: region codes such as `gb`, `us-ca`, `br-sp`; a guide. None given: all known regions.
        strict_regions: leave out plates that fit no format of `regions`.
        threshold_d: least detection score (`dscore`) of a result.
        threshold_o: least reading score (`score`) of a result.
        mode: `regular`, `fast` (one coarse look: small plates are missed) or `redaction` (everything that may be a
            plate, even if it cannot be read: `threshold_o` and `strict_regions` do not count, and no look is left out).
        text_formats: regular expressions of plates to expect; a guide. See `patterns.expand` for what is understood.
    """

    regions: tuple[str, ...] = ()
    strict_regions: bool = False
    threshold_d: float = 0.2
    threshold_o: float = 0.6
    mode: str = "regular"
    text_formats: tuple[str, ...] = ()


def to_result(plate: Plate, formats: Formats, width: int, height: int) -> dict[str, Any]:
    """Return a plate as one of the API's `results`; the box is clipped to the picture's width and height."""
    left, top, right, bottom = plate.box.bounds
    candidates = [
        {"score": round(score, 3), "plate": one.plate.lower()}
        for one, score in zip(plate.candidates, _scores(plate), strict=True)
        if one is plate.candidates[0] or score >= _LEAST_SCORE
    ]
    code, probability = region(plate, formats)
    return {
        "box": {
            "xmin": max(0, math.floor(left)),
            "ymin": max(0, math.floor(top)),
            "xmax": min(width, math.ceil(right)),
            "ymax": min(height, math.ceil(bottom)),
        },
        "plate": candidates[0]["plate"],
        "region": {"code": code, "score": round(probability, 3)},
        "score": candidates[0]["score"],
        "candidates": candidates,
        "dscore": round(plate.is_plate, 3),
        "vehicle": {"score": 0.0, "type": "Unknown", "box": dict(_NO_BOX)},
    }


def _scores(plate: Plate) -> list[float]:
    """Return for each candidate how likely it is the plate's text, 0 to 1, falling.

    What the first leaves is shared by the others as they are likely, and by all texts that are not among them.
    """
    first, *others = plate.candidates
    odds = [math.exp(len(first.plate) * (one.score - first.score)) for one in others]
    return [plate.is_right, *(min(plate.is_right, (1 - plate.is_right) * odd / (1 + sum(odds))) for odd in odds)]
