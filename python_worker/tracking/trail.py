"""Where one car was in successive pictures: where it is expected next, and which way it drives."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from .boxes import Box, common, distance
from .sightings import Sighting

_LONGEST = 24
"""Places that are kept."""

_STILL = 0.7
"""Common area of the boxes of a car that stands."""

STANDS = 3.0
"""Least evidence where a car is at the place where it was last, however long ago."""

_FRESH_SECONDS = 1.5
"""After so long, a place says only a third as much about where the car is now."""

_NEAR = 3.0
"""Plate's widths within which a car may be again after a short while."""

_EXPECTED_SECONDS = 3.0
"""Longest time over which a car is taken to drive on as before."""

_GROWTH = 1.2
"""Ratio of the sizes of a box, last to first, from which a car comes nearer."""

_ACROSS = 1.0
"""Plate's widths sideways from which a car drives to the left or the right."""

_TURNED = 1.35
"""Ratio of sizes by which a car's box does not shrink at once if it grew, or the other way round."""


@dataclass(frozen=True)
class _Place:
    time: float
    plate: Box | None
    vehicle: Box | None


class Trail:
    """The places of one car; those where it stood are kept once."""

    def __init__(self) -> None:
        self._places: deque[_Place] = deque(maxlen=_LONGEST)

    def add(self, time: float, sighting: Sighting) -> None:
        """Note where the car was seen; sightings without boxes tell nothing."""
        place = _Place(time, sighting.box, sighting.vehicle_box)
        if not (place.plate or place.vehicle):
            return
        if len(self._places) > 1 and _overlap(self._places[-1], place) >= _STILL:
            self._places.pop()
        self._places.append(place)

    def shift(self, seconds: float) -> None:
        """Move all times, after the clock was set."""
        moved = [_Place(one.time + seconds, one.plate, one.vehicle) for one in self._places]
        self._places = deque(moved, _LONGEST)

    def evidence(self, time: float, sighting: Sighting) -> float:
        """Return how much the place of a sighting speaks for this car: about -5 to 8, 0 where it tells nothing."""
        place = _Place(time, sighting.box, sighting.vehicle_box)
        last = self._places[-1] if self._places else None
        if last is None or not _pairs(last, place):
            return 0.0
        fresh = math.exp(-abs(time - last.time) / _FRESH_SECONDS)
        overlap = max(_overlap(last, place), _overlap(self._expected(time), place))
        if overlap >= _STILL / 2:
            certain = max(8 * fresh, STANDS if overlap >= _STILL else 1)
            return certain * min(1.0, overlap / _STILL)
        if self._turns(place):
            return -5.0
        if _apart(self._expected(time), place) <= _NEAR or _apart(last, place) <= _NEAR:
            return 3 * fresh
        return -3 * fresh

    def direction(self) -> str | None:
        """Return "approaching", "leaving", "left" or "right" (as seen in the picture), None where boxes tell nothing.

        Growth counts first: what drives past the camera also moves sideways in the picture.
        """
        if len(self._places) < 2:
            return None
        first, last = self._places[0], self._places[-1]
        growth = _growth(first, last)
        if growth is not None and growth >= _GROWTH:
            return "approaching"
        if growth is not None and growth <= 1 / _GROWTH:
            return "leaving"
        across = _across(first, last)
        if across is not None and abs(across) >= _ACROSS:
            return "right" if across > 0 else "left"
        return None

    def _expected(self, time: float) -> _Place:
        """Return where the car is now if it drives on as before."""
        last = self._places[-1]
        if len(self._places) < 2 or not 0 < time - last.time <= _EXPECTED_SECONDS:
            return last
        before = self._places[-2]
        if not 0 < last.time - before.time <= _EXPECTED_SECONDS:
            return last
        steps = (time - last.time) / (last.time - before.time)
        return _Place(
            time,
            _ahead(before.plate, last.plate, steps) or last.plate,
            _ahead(before.vehicle, last.vehicle, steps) or last.vehicle,
        )

    def _turns(self, place: _Place) -> bool:
        """Tell whether a place is back where the car came from, as the next car's is that comes the same way."""
        if len(self._places) < 2:
            return False
        first, last = self._places[0], self._places[-1]
        grew, grows = _growth(first, last), _growth(last, place)
        if grew is not None and grows is not None and (grew >= _TURNED or grew <= 1 / _TURNED):
            return grows <= 1 / _TURNED if grew > 1 else grows >= _TURNED
        moved, moves = _across(first, last), _across(last, place)
        if moved is None or moves is None or abs(moved) < 2 * _ACROSS:
            return False
        return moved * moves < 0 and abs(moves) >= max(2 * _ACROSS, abs(moved) / 2)


def _ahead(before: Box | None, last: Box | None, steps: float) -> Box | None:
    if before is None or last is None:
        return None
    (x, y), (old_x, old_y) = last.centre, before.centre
    return last.moved((x - old_x) * steps, (y - old_y) * steps)


def _pairs(a: _Place, b: _Place) -> list[tuple[Box, Box]]:
    """Return the boxes that two places have both: of the plate, and of the vehicle."""
    return [(one, other) for one, other in ((a.plate, b.plate), (a.vehicle, b.vehicle)) if one and other]


def _overlap(a: _Place, b: _Place) -> float:
    return max((common(one, other) for one, other in _pairs(a, b)), default=0.0)


def _apart(a: _Place, b: _Place) -> float:
    """Return the distance in plate's widths, infinite where the boxes tell nothing."""
    return distance(a.plate, b.plate) if a.plate and b.plate else math.inf


def _growth(a: _Place, b: _Place) -> float | None:
    """Return how many times as large the car is in the second place."""
    # The plate's boxes come first: a vehicle's are cut off at the picture's edge.
    return next((other.size / one.size for one, other in _pairs(a, b)), None)


def _across(a: _Place, b: _Place) -> float | None:
    """Return how far to the right the second place is, in widths of a plate (a vehicle has about three)."""
    if a.plate and b.plate:
        return 2 * (b.plate.centre[0] - a.plate.centre[0]) / (a.plate.width + b.plate.width)
    if a.vehicle and b.vehicle:
        return 6 * (b.vehicle.centre[0] - a.vehicle.centre[0]) / (a.vehicle.width + b.vehicle.width)
    return None
