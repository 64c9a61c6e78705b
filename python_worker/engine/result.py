"""Results in the Snapshot API's form."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from .choose import Plate
from .formats import Formats
from .printed import printed
from .region import region
from .vehicles import SURE, Vehicle

Result: TypeAlias = "dict[str, Any]"

_LEAST_SCORE = 0.001
"""Least score of a candidate that is worth reporting."""


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
        detection_mode: `plate`, or `vehicle`: also vehicles without a plate, and all results in the form for both.
        strict_detection: leave out plates that are on no vehicle; it does not count in `redaction` either.
        text_formats: regular expressions of plates to expect; a guide. See `patterns.expand` for what is understood.
    """

    regions: tuple[str, ...] = ()
    strict_regions: bool = False
    threshold_d: float = 0.2
    threshold_o: float = 0.6
    mode: str = "regular"
    detection_mode: str = "plate"
    strict_detection: bool = False
    text_formats: tuple[str, ...] = ()

    def is_strict(self, wanted: bool) -> bool:
        """Return whether a wish to leave out plates counts: in `redaction`, any plate may have to be blackened."""
        return wanted and self.mode != "redaction"


def to_results(
    plates: Sequence[Plate], seen: Sequence[Vehicle], formats: Formats, options: ReadOptions, width: int, height: int
) -> list[Result]:
    """Return the API's `results`: the plates that the options ask for, then vehicles without a plate if asked for.

    Args:
        plates: best first.
        seen: the vehicles of the picture.
        formats: of plates.
        options: of the reading.
        width: of the picture, in pixels; boxes are clipped to it.
        height: the same.
    """
    wanted = [
        (plate.vehicle, _to_result(plate, formats, width, height)) for plate in plates if _is_wanted(plate, options)
    ]
    if options.detection_mode != "vehicle":
        return [result for _, result in wanted]
    carriers = [vehicle for vehicle, _ in wanted]
    others = [vehicle for vehicle in seen if vehicle.score >= SURE and vehicle not in carriers]
    return [
        *({"plate": _plate_part(one), "vehicle": _vehicle_part(vehicle, width, height)} for vehicle, one in wanted),
        *({"plate": None, "vehicle": _vehicle_part(vehicle, width, height)} for vehicle in others),
    ]


def _is_wanted(plate: Plate, options: ReadOptions) -> bool:
    # Thresholds count as users see the scores, rounded.
    return bool(
        round(plate.is_plate, 3) >= options.threshold_d
        and (round(plate.is_right, 3) >= options.threshold_o or options.mode == "redaction")
        and (plate.vehicle or not options.is_strict(options.strict_detection))
    )


def _to_result(plate: Plate, formats: Formats, width: int, height: int) -> Result:
    candidates = [
        {"score": round(score, 3), "plate": one.plate.lower()}
        for one, score in zip(plate.candidates, _scores(plate), strict=True)
        if one is plate.candidates[0] or score >= _LEAST_SCORE
    ]
    code, probability = region(plate, formats)
    return {
        "box": _box(plate.box.bounds, width, height),
        "plate": candidates[0]["plate"],
        "plate_text": printed(plate, code),
        "region": {"code": code, "score": round(probability, 3)},
        "score": candidates[0]["score"],
        "candidates": candidates,
        "dscore": round(plate.is_plate, 3),
        "vehicle": _to_vehicle(plate.vehicle, width, height),
    }


def _to_vehicle(vehicle: Vehicle | None, width: int, height: int) -> Result:
    if vehicle is None:
        return {"score": 0.0, "type": "Unknown", "box": {"xmin": 0, "ymin": 0, "xmax": 0, "ymax": 0}}
    return {"score": round(vehicle.score, 3), "type": vehicle.type, "box": _box(vehicle.bounds, width, height)}


def _plate_part(result: Result) -> Result:
    """Return a plate's part of a result with `detection_mode: vehicle`."""
    return {
        "type": "Plate",
        "score": result["dscore"],
        "box": result["box"],
        "plate_text": result["plate_text"],
        "props": {
            "plate": [{"value": one["plate"], "score": one["score"]} for one in result["candidates"]],
            "region": [{"value": result["region"]["code"], "score": result["region"]["score"]}],
        },
    }


def _vehicle_part(vehicle: Vehicle | None, width: int, height: int) -> Result | None:
    """Return a vehicle's part of a result with `detection_mode: vehicle`, None where none was seen."""
    return {**_to_vehicle(vehicle, width, height), "props": {}} if vehicle else None


def _box(bounds: tuple[float, float, float, float], width: int, height: int) -> dict[str, int]:
    left, top, right, bottom = bounds
    return {
        "xmin": max(0, math.floor(left)),
        "ymin": max(0, math.floor(top)),
        "xmax": min(width, math.ceil(right)),
        "ymax": min(height, math.ceil(bottom)),
    }


def _scores(plate: Plate) -> list[float]:
    """Return for each candidate how likely it is the plate's text, 0 to 1, falling.

    What the first leaves is shared by the others as they are likely, and by all texts that are not among them.
    """
    first, *others = plate.candidates
    odds = [math.exp(len(first.plate) * (one.score - first.score)) for one in others]
    return [plate.is_right, *(min(plate.is_right, (1 - plate.is_right) * odd / (1 + sum(odds))) for odd in odds)]
