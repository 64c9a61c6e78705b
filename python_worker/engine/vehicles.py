"""Vehicles in a picture: what the model takes, what its answer means, and which vehicle carries a plate.

The model is SSDLite MobileNet v2, trained on COCO. It sees the whole picture in 300 by 300 pixels, whatever its size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from .decode import Picture
from .geometry import common_area

_SIDE = 300
"""Width and height, in pixels, of what the model sees."""

_LARGE = 1600
"""Longer side of a picture, in pixels, from which a vehicle may be too small for the model and still have a plate that
can be read."""

_TILE = 1200
"""Width and height of the parts in which such a picture is looked at: as large as a vehicle of 80 pixels allows."""

_TYPES = {2: "Car", 3: "Motorcycle", 4: "Bus", 6: "Truck"}
"""The model's classes that carry plates. The others are people, bicycles and trains."""

_LEAST = 0.2
"""Score from which a box may be a vehicle. At night cars have little more. Of 136 boxes from 0.2 to 0.3 in the
photographs for measuring, about 100 are vehicles or parts of them."""

SURE = 0.4
"""Score from which a box is a vehicle without a plate to confirm it. Of 96 boxes from 0.35 to 0.5 in the photographs
for measuring, about 90 are vehicles; of those from 0.5 on, all but a few."""

_SAME = 0.5
"""Two boxes that share more than this part of what they cover together are the same vehicle."""

_INSIDE = 0.8
"""Part of a plate that lies in its vehicle's box."""

ROOF = 0.2
"""Upper part of a vehicle that has no plates."""

_CUT = 0.02
"""A vehicle that begins this part of its height below the picture's upper edge, or less, may be cut off there."""

_LOWEST_PLATE = 1 / 40
"""Height of a plate as a part of a bus's."""

_RIVAL = 0.5
"""Part of the best vehicle's score from which another one may be in front of it."""


@dataclass(frozen=True)
class Vehicle:
    """A vehicle in a picture.

    Attributes:
        type: `Car`, `Motorcycle`, `Bus` or `Truck`. Pick-ups, and some large cars, are trucks to the model.
        score: 0 to 1, how certain the model is.
        bounds: left, top, right and bottom, in pixels of the picture and within it.
    """

    type: str
    score: float
    bounds: tuple[float, float, float, float]

    @property
    def width(self) -> float:
        """In pixels."""
        return self.bounds[2] - self.bounds[0]

    @property
    def height(self) -> float:
        """In pixels."""
        return self.bounds[3] - self.bounds[1]


def prepare(picture: Picture) -> Picture:
    """Return what the model takes, (1, 300, 300, 3) with red, green and blue from 0 to 255: the picture, stretched."""
    small = cv2.cvtColor(cv2.resize(picture, (_SIDE, _SIDE)), cv2.COLOR_BGR2RGB)
    return np.asarray(small[np.newaxis], np.uint8)


def vehicles(boxes: npt.NDArray[np.float32], scores: npt.NDArray[np.float32], width: int, height: int) -> list[Vehicle]:
    """Return the vehicles that the model sees, each once, the surest first.

    Args:
        boxes: of the model, (1, n, 1, 4): top, left, bottom and right as parts of the picture.
        scores: of the model, (1, n, 7): of person, bicycle, car, motorcycle, bus, train and truck.
        width: of the picture, in pixels.
        height: the same.
    """
    of_types = scores.reshape(-1, scores.shape[-1])[:, list(_TYPES)]
    best = of_types.max(axis=1)
    likely = np.flatnonzero(best >= _LEAST)
    top, left, bottom, right = boxes.reshape(-1, 4)[likely].T
    corners = np.clip(np.stack([left, top, right, bottom], axis=1), 0, 1) * np.array([width, height, width, height])
    return distinct(
        [
            Vehicle(_type(of_types[one]), float(best[one]), (float(x0), float(y0), float(x1), float(y1)))
            for one, (x0, y0, x1, y1) in zip(likely, corners, strict=True)
        ]
    )


def distinct(among: Sequence[Vehicle]) -> list[Vehicle]:
    """Return each vehicle once, the surest first (non-maximum suppression)."""
    # One kind of vehicle against all others: a car is often a truck, too, with a little less certainty.
    boxes = [(*one.bounds[:2], one.width, one.height) for one in among]
    return [among[kept] for kept in cv2.dnn.NMSBoxes(boxes, [one.score for one in among], 0.0, _SAME)]


def tiles(width: int, height: int) -> list[tuple[int, int, int, int]]:
    """Return the parts of a large picture, (left, top, right, bottom), in which its small vehicles can be seen."""
    if max(width, height) < _LARGE:
        return []
    columns, rows = _starts(width), _starts(height)
    return [(left, top, min(left + _TILE, width), min(top + _TILE, height)) for top in rows for left in columns]


def _starts(length: int) -> list[int]:
    """Return where tiles begin that cover a length; neighbours share a quarter or more."""
    count = max(1, math.ceil((length - 0.25 * _TILE) / (0.75 * _TILE)))
    return [round(number * (length - _TILE) / (count - 1)) for number in range(count)] if count > 1 else [0]


def moved(vehicle: Vehicle, right: float, down: float) -> Vehicle:
    """Return a vehicle of a part of a picture in the pixels of the picture."""
    x0, y0, x1, y1 = vehicle.bounds
    return replace(vehicle, bounds=(x0 + right, y0 + down, x1 + right, y1 + down))


def _type(scores: npt.NDArray[np.float32]) -> str:
    """Return the type of a vehicle with these scores, in the order of `_TYPES`."""
    names = list(_TYPES.values())
    best = names[int(scores.argmax())]
    # The model calls one car in twenty a truck. Where it also sees a car, that is more often right.
    also_car = best in ("Truck", "Bus") and scores[names.index("Car")] >= _LEAST
    return "Car" if also_car else best


def vehicle_of(plate: tuple[float, float, float, float], among: Sequence[Vehicle]) -> Vehicle | None:
    """Return the vehicle that carries a plate, None if it lies on none, or where vehicles have no plates.

    Args:
        plate: left, top, right and bottom, in pixels of the picture.
        among: the picture's vehicles.
    """
    carriers = [vehicle for vehicle in among if _may_carry(vehicle, plate)]
    best = max((vehicle.score for vehicle in carriers), default=0.0)
    rivals = [vehicle for vehicle in carriers if vehicle.score >= _RIVAL * best]
    # Of two vehicles, the nearer one hides the other's plate, and it stands lower in the picture.
    return max(rivals, key=lambda vehicle: vehicle.bounds[3], default=None)


def _may_carry(vehicle: Vehicle, plate: tuple[float, float, float, float]) -> bool:
    left, top, right, bottom = plate
    inside = common_area(plate, vehicle.bounds)
    if inside < _INSIDE * (right - left) * (bottom - top) or bottom - top < _LOWEST_PLATE * vehicle.height:
        return False
    outer_top = vehicle.bounds[1]
    cut = outer_top <= _CUT * vehicle.height
    return cut or (top + bottom) / 2 >= outer_top + ROOF * vehicle.height
